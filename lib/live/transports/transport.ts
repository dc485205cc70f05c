import { type ClientFrame, type Cursor, closeCodes, readServerFrame, type ServerFrame } from "../../protocol/index.ts";
import type { Clock } from "../clock.ts";
import type { Timings } from "../timings.ts";

export const transportKinds = ["ws", "sse", "poll"] as const;
export type TransportKind = (typeof transportKinds)[number];

/** A transport only moves frames: it is opened, sends, and is closed. */
export interface Transport {
	/** Carries a frame to the server. False when this transport cannot: its set of streams is fixed by its request. */
	send(frame: ClientFrame): boolean;
	/** Ends it; no handler is called any more. */
	close(): void;
}

export interface TransportHandlers {
	/** The way is open. That proves nothing: only frames do. */
	onOpen(): void;
	onFrame(frame: ServerFrame): void;
	/** It ended, not by our doing. Called once. */
	onClose(end: TransportEnd): void;
}

export interface TransportEnd {
	/** A close code of the protocol. */
	code: number;
	/** What the server said about coming back. */
	retryAfterMs: number | null;
}

export interface TransportOptions {
	/** Origin of the server, such as `https://quayside.example`. */
	origin: string;
	fetch: typeof fetch;
	WebSocket: typeof WebSocket;
	clock: Clock;
	timings: Timings;
	/** Where the reader stands in every stream it wants, now. */
	cursors(): Cursor[];
}

export type OpenTransport = (options: TransportOptions, handlers: TransportHandlers) => Transport;

/** A frame from JSON; null for what this version does not know, which is passed over. */
export function parseFrame(value: unknown): ServerFrame | null {
	return readServerFrame(value);
}

/** The end that an HTTP answer other than 200 means. */
export function endOfResponse(response: Response): TransportEnd {
	const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
	const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
	return { code: codeOfStatus[response.status] ?? lostCode, retryAfterMs };
}

/** The code of a connection that broke without a word. */
export const lostCode = 1006;

const codeOfStatus: Readonly<Record<number, number>> = {
	400: closeCodes.protocol,
	401: closeCodes.unauthenticated,
	403: closeCodes.forbidden,
	429: closeCodes.tooMany,
};
