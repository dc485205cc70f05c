import type { WebSocket } from "ws";
import { clientFrameSchema, closeCodes } from "#lib/protocol/index.ts";
import type { Connect } from "./transport.ts";

const closeTimeoutMs = 1000;

/** Frames as WebSocket text messages. `pingMs` and `deadMs` find peers that vanished without a word. */
export function connectWebSocket(socket: WebSocket, { pingMs, deadMs }: { pingMs: number; deadMs: number }): Connect {
	return (handlers) => {
		let heardAt = Date.now();
		const heard = () => {
			heardAt = Date.now();
		};
		const ping = setInterval(() => {
			if (Date.now() - heardAt > deadMs) socket.terminate();
			else socket.ping();
		}, pingMs);
		ping.unref();

		socket.on("pong", heard);
		socket.on("message", (data, isBinary) => {
			heard();
			const frame = isBinary ? null : parse(String(data));
			if (frame) handlers.onFrame(frame);
			else handlers.onMalformed();
		});
		// The close that follows every error carries the code; the error itself says nothing more.
		socket.on("error", () => {});
		socket.once("close", (code) => {
			clearInterval(ping);
			handlers.onClose(code);
		});

		return {
			kind: "ws",
			get bufferedBytes() {
				return socket.bufferedAmount;
			},
			send(frame) {
				if (socket.readyState === socket.OPEN) socket.send(frame.bytes, { binary: false }, () => handlers.onDrain());
			},
			close(code) {
				socket.close(code);
				const cut = setTimeout(() => socket.terminate(), closeTimeoutMs);
				cut.unref();
				socket.once("close", () => clearTimeout(cut));
			},
		};
	};
}

/** Ends a socket that was never let in as a session, with a code its client can read. */
export function refuseWebSocket(socket: WebSocket, code: number = closeCodes.tooMany): void {
	connectWebSocket(socket, { pingMs: closeTimeoutMs, deadMs: closeTimeoutMs })({
		onFrame() {},
		onMalformed() {},
		onDrain() {},
		onClose() {},
	}).close(code);
}

function parse(text: string) {
	try {
		return clientFrameSchema.parse(JSON.parse(text));
	} catch {
		return null;
	}
}
