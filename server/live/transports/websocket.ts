import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { clientFrameSchema, closeCodes } from "#lib/protocol/index.ts";
import type { EncodedFrame } from "./encoded-frame.ts";
import type { Connect, Transport, TransportHandlers } from "./transport.ts";

const closeTimeoutMs = 1000;

/** When peers are asked whether they are there, and taken for dead, so that those that vanish without a word are found. */
interface Patience {
	pingMs: number;
	deadMs: number;
	/** A peer is asked after so many bytes whether it has read them. */
	lowWaterBytes: number;
}

/** Frames as WebSocket text messages over a connection that was upgraded. */
export function connectWebSocket(socket: WebSocket, connection: Duplex, patience: Patience): Connect {
	return (handlers) => new WebSocketTransport(socket, connection, patience, handlers);
}

/** Ends a socket that was never let in as a session, with a code its client can read. */
export function refuseWebSocket(socket: WebSocket, code: number = closeCodes.tooMany): void {
	socket.on("error", ignore);
	closeSoon(socket, code);
}

/**
 * Messages are written to the connection under the socket as they are, framed once for everybody; without compression the socket
 * writes its own at once as well, so that they never get into each other. A class, because there are thousands.
 */
class WebSocketTransport implements Transport {
	readonly kind = "ws";
	readonly #socket: WebSocket;
	readonly #connection: Duplex;
	readonly #patience: Patience;
	readonly #handlers: TransportHandlers;
	#heardAt = performance.now();
	#pingedAt = performance.now();
	/** Bytes sent so far, how many lay before the last ping, and how many before the last one that was answered. */
	#sent = 0;
	#asked = 0;
	#read = 0;

	constructor(socket: WebSocket, connection: Duplex, patience: Patience, handlers: TransportHandlers) {
		this.#socket = socket;
		this.#connection = connection;
		this.#patience = patience;
		this.#handlers = handlers;
		socket.on("pong", (data) => this.#takeAnswer(data.length > 0 ? Number(String(data)) : this.#asked));
		socket.on("message", (data, isBinary) => this.#take(isBinary ? null : String(data)));
		// Who breaks the rules is told why by the socket, and may never answer: it is let go at once.
		socket.on("error", (error) => {
			const code = codeOfFault(error);
			if (code === null) return;
			handlers.onClose(code);
			closeSoon(socket, code);
		});
		// Told once anyway; `once` would keep two more objects for each of thousands.
		socket.on("close", (code) => handlers.onClose(code));
	}

	get bufferedBytes(): number {
		return this.#read < this.#asked ? this.#sent - this.#read : this.#connection.writableLength;
	}

	send(frame: EncodedFrame): boolean {
		const connection = this.#connection;
		if (this.#socket.readyState !== this.#socket.OPEN || !connection.writable) return false;
		// Only a reader that does not keep up needs to be told when it has caught up.
		if (connection.writableLength > 0) connection.write(frame.webSocket, () => this.#handlers.onDrain());
		else connection.write(frame.webSocket);
		this.#sent += frame.webSocket.length;
		if (this.#sent - this.#asked >= this.#patience.lowWaterBytes) this.#ask();
		return true;
	}

	tick(now: number): void {
		if (now - this.#heardAt > this.#patience.deadMs) this.#socket.terminate();
		else if (now - this.#pingedAt >= this.#patience.pingMs && this.#socket.readyState === this.#socket.OPEN) {
			this.#pingedAt = now;
			this.#ask();
		}
	}

	close(code: number): void {
		closeSoon(this.#socket, code);
	}

	/** A ping is answered once all that was sent before it was read; it says how much that is, so that its answer does. */
	#ask(): void {
		this.#asked = this.#sent;
		this.#socket.ping(String(this.#sent));
	}

	/** Who answers without our number, against the rules, is taken to have read all that was asked for. */
	#takeAnswer(read: number): void {
		this.#heardAt = performance.now();
		if (!(read > this.#read && read <= this.#sent)) return;
		this.#read = read;
		this.#handlers.onDrain();
	}

	#take(text: string | null): void {
		this.#heardAt = performance.now();
		const frame = text === null ? null : parse(text);
		if (frame) this.#handlers.onFrame(frame);
		else this.#handlers.onMalformed();
	}
}

/** A peer that does not answer the close is cut off. */
function closeSoon(socket: WebSocket, code: number): void {
	socket.close(code);
	const cut = setTimeout(() => socket.terminate(), closeTimeoutMs);
	cut.unref();
	socket.once("close", () => clearTimeout(cut));
}

function ignore(): void {}

function parse(text: string) {
	try {
		return clientFrameSchema.parse(JSON.parse(text));
	} catch {
		return null;
	}
}

/** The code with which the socket ends a peer that broke the rules; null for a connection that just broke. */
function codeOfFault({ code }: NodeJS.ErrnoException): number | null {
	if (!code?.startsWith("WS_ERR_")) return null;
	if (code === "WS_ERR_INVALID_UTF8") return 1007;
	return code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" ? closeCodes.tooBig : 1002;
}
