import {
	type ClientFrame,
	type Cursor,
	isTerminalClose,
	lostCode,
	readServerFrame,
	type ServerFrame,
	type TransportReason,
	viaParameter,
} from "../../protocol/index.ts";

import type { Clock } from "../clock.ts";
import { codeOfStatus } from "../failure.ts";
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
	/** Why the better transport is not used; told to the server. */
	via?: TransportReason | null;
	/** Where the reader stands in every stream it wants, now. */
	cursors(): Cursor[];
	/** What else the server is to know: events that were passed over since it was last told. */
	unknown?(): { unknown?: number };
}

export type OpenTransport = (options: TransportOptions, handlers: TransportHandlers) => Transport;

/** The address of a door of the server. */
export function addressOf(origin: string, door: TransportKind, via: TransportReason | null = null): string {
	return `${origin}/live/${door}${via === null ? "" : `?${viaParameter}=${via}`}`;
}

/** A frame from JSON; null for what this version does not know, which is passed over. */
export function parseFrame(value: unknown): ServerFrame | null {
	return readServerFrame(value);
}

/**
 * The end that an HTTP answer other than 200 means. A refusal is believed only in the server's own words: something in between that
 * forbids one way to the server says nothing about the others.
 */
export async function endOfResponse(response: Response): Promise<TransportEnd> {
	const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
	const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
	const code = codeOfStatus(response.status);
	if (isTerminalClose(code) && !(await isOurError(response))) return { code: lostCode, retryAfterMs };
	return { code, retryAfterMs };
}

/** True for the body that all errors of the server have. */
async function isOurError(response: Response): Promise<boolean> {
	try {
		const body = (await response.json()) as { error?: { code?: unknown } } | null;
		return typeof body?.error?.code === "string";
	} catch {
		return false;
	}
}
