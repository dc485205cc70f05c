import type { ServerResponse } from "node:http";
import { closeCodes } from "#lib/protocol/index.ts";
import type { Connect } from "./transport.ts";

const closeTimeoutMs = 1000;

/** Frames as server-sent events, one `data:` line each. The answer is never compressed, cached or held back. */
export function connectSse(response: ServerResponse): Connect {
	return (handlers) => {
		response.socket?.setNoDelay(true);
		response.writeHead(200, {
			"content-type": "text/event-stream; charset=utf-8",
			"cache-control": "no-store, no-transform",
			"x-accel-buffering": "no",
		});
		response.flushHeaders();
		response.on("drain", () => handlers.onDrain());
		response.on("error", () => {});
		response.once("close", () => handlers.onClose(closeCodes.normal));

		return {
			kind: "sse",
			get bufferedBytes() {
				return response.writableLength;
			},
			send(frame) {
				if (response.writableEnded || response.destroyed) return false;
				response.write(frame.serverSent);
				return true;
			},
			close() {
				response.end();
				const cut = setTimeout(() => response.destroy(), closeTimeoutMs);
				cut.unref();
				response.once("close", () => clearTimeout(cut));
			},
		};
	};
}
