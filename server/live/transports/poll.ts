import type { IncomingMessage, ServerResponse } from "node:http";
import { gzip } from "node:zlib";
import { closeCodes } from "#lib/protocol/index.ts";
import type { Connect } from "./transport.ts";

/** Smaller answers are not worth compressing. Why answers of poll alone are compressed at all: docs/decisions/054. */
const compressedFromBytes = 1024;

/** Frames as one JSON array: they are collected and answered when the connection is closed. */
export function connectPoll(request: IncomingMessage, response: ServerResponse): Connect {
	return (handlers) => {
		const parts: string[] = [];
		let bytes = 0;
		let answered = false;
		response.on("error", () => {});
		response.once("close", () => handlers.onClose(closeCodes.normal));

		function answer(body: Buffer, encoding: "gzip" | "identity"): void {
			if (response.destroyed) return;
			response.writeHead(200, {
				"content-type": "application/json; charset=utf-8",
				...(encoding === "gzip" && { "content-encoding": encoding }),
				"content-length": body.length,
				"cache-control": "no-store, no-transform",
				vary: "accept-encoding",
			});
			response.end(body);
		}

		return {
			kind: "poll",
			get bufferedBytes() {
				return bytes;
			},
			send(frame) {
				parts.push(frame.json);
				bytes += frame.byteLength;
				return !response.destroyed;
			},
			close() {
				if (answered) return;
				answered = true;
				const body = Buffer.from(`[${parts.join(",")}]`);
				if (body.length < compressedFromBytes || !takesGzip(request)) return answer(body, "identity");
				gzip(body, { level: 4 }, (error, packed) => (error ? answer(body, "identity") : answer(packed, "gzip")));
			},
		};
	};
}

function takesGzip({ headers }: IncomingMessage): boolean {
	return /(?:^|,)\s*gzip\s*(?:$|,|;(?!\s*q=0(?:\.0*)?\s*(?:$|,)))/i.test(String(headers["accept-encoding"] ?? ""));
}
