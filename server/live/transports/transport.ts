import type { ClientFrame } from "#lib/protocol/index.ts";
import type { EncodedFrame } from "./encoded-frame.ts";

/**
 * What became of what was not handed to the network: the connection cannot take more now and reads on from its cursor later
 * (`behind`), or it is no longer there, and its client reads on from the cursor of the next one (`gone`).
 */
export type Undelivered = "behind" | "gone";

/** A transport only moves frames. It knows no streams, no users and no events. */
export interface Transport {
	readonly kind: "ws" | "sse" | "poll";
	/** Bytes that were handed over and are still on their way: not taken by the network, or by the reader where that can be told. */
	readonly bufferedBytes: number;
	/** False when there is nobody to hand it to any more. */
	send(frame: EncodedFrame): boolean;
	/** Looks whether the peer is still there; called now and then, `now` is of `performance.now()`. */
	tick?(now: number): void;
	/** Ends the connection after what was sent; a peer that does not take it is cut off. */
	close(code: number): void;
}

export interface TransportHandlers {
	onFrame(frame: ClientFrame): void;
	/** The peer sent something that is no frame. */
	onMalformed(): void;
	/** The network or the reader took bytes. */
	onDrain(): void;
	/** The connection is gone, whoever ended it. Called once. */
	onClose(code: number): void;
}

export type Connect = (handlers: TransportHandlers) => Transport;
