import { createParser } from "eventsource-parser";
import { closeCodes, lostCode } from "../../protocol/index.ts";
import { addressOf, endOfResponse, type OpenTransport, parseFrame, type TransportEnd } from "./transport.ts";

/**
 * Frames as server-sent events in the answer of one POST. Read by fetch and not by `EventSource`, which gives up for ever on an
 * error status and cannot send the cursors.
 */
export const openSse: OpenTransport = ({ origin, fetch, cursors, unknown, via }, { onOpen, onFrame, onClose }) => {
	const abort = new AbortController();
	const parser = createParser({
		onEvent({ data }) {
			const frame = parseFrame(parseJson(data));
			if (frame && !abort.signal.aborted) onFrame(frame);
		},
	});

	async function run(): Promise<TransportEnd> {
		const response = await fetch(addressOf(origin, "sse", via), {
			method: "POST",
			headers: { "content-type": "application/json", accept: "text/event-stream" },
			body: JSON.stringify({ subs: cursors(), ...unknown?.() }),
			cache: "no-store",
			signal: abort.signal,
		});
		if (!response.ok || !response.body) return endOfResponse(response);
		if (!abort.signal.aborted) onOpen();
		const text = response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array<ArrayBuffer>>);
		const reader = text.getReader();
		for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) parser.feed(chunk.value);
		return { code: closeCodes.normal, retryAfterMs: null };
	}

	run()
		.catch((): TransportEnd => ({ code: lostCode, retryAfterMs: null }))
		.then((end) => {
			if (!abort.signal.aborted) onClose(end);
		});

	return {
		send: () => false,
		close: () => abort.abort(),
	};
};

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
