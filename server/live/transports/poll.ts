import type { ServerResponse } from "node:http";
import { closeCodes } from "#lib/protocol/index.ts";
import type { Connect } from "./transport.ts";

/** Frames as one JSON array: they are collected and answered when the connection is closed. */
export function connectPoll(response: ServerResponse): Connect {
	return (handlers) => {
		const parts: Buffer[] = [];
		let bytes = 0;
		response.on("error", () => {});
		response.once("close", () => handlers.onClose(closeCodes.normal));

		return {
			kind: "poll",
			get bufferedBytes() {
				return bytes;
			},
			send(frame) {
				parts.push(parts.length === 0 ? open : comma, frame.bytes);
				bytes += frame.bytes.length;
			},
			close() {
				if (response.writableEnded || response.destroyed) return;
				const body = Buffer.concat(parts.length === 0 ? [open, end] : [...parts, end]);
				response.writeHead(200, {
					"content-type": "application/json; charset=utf-8",
					"content-length": body.length,
					"cache-control": "no-store, no-transform",
				});
				response.end(body);
			},
		};
	};
}

const open = Buffer.from("[");
const comma = Buffer.from(",");
const end = Buffer.from("]");
