import { textStream } from "./text-stream.ts";

/** An answer of server-sent events that nothing on the way holds back. `onCancel` hears when the client has gone. */
export function eventStream(frames: AsyncIterator<string>, onCancel: () => void): Response {
	return new Response(textStream(frames, onCancel), {
		headers: {
			"content-type": "text/event-stream; charset=utf-8",
			"cache-control": "no-store, no-transform",
			"x-accel-buffering": "no",
		},
	});
}
