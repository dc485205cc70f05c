import type { ClientFrame, ServerFrame } from "#lib/protocol/index.ts";

/** A frame and its JSON, made once however many connections it goes to. */
export interface EncodedFrame {
	readonly frame: ServerFrame;
	readonly bytes: Buffer;
}

export function encodeFrame(frame: ServerFrame): EncodedFrame {
	return { frame, bytes: Buffer.from(JSON.stringify(frame)) };
}

/** A transport only moves frames. It knows no streams, no users and no events. */
export interface Transport {
	readonly kind: "ws" | "sse" | "poll";
	/** Bytes that were handed over and that the network has not taken yet. */
	readonly bufferedBytes: number;
	send(frame: EncodedFrame): void;
	/** Ends the connection after what was sent; a peer that does not take it is cut off. */
	close(code: number): void;
}

export interface TransportHandlers {
	onFrame(frame: ClientFrame): void;
	/** The peer sent something that is no frame. */
	onMalformed(): void;
	/** The network took bytes. */
	onDrain(): void;
	/** The connection is gone, whoever ended it. Called once. */
	onClose(code: number): void;
}

export type Connect = (handlers: TransportHandlers) => Transport;
