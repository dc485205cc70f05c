import { maxReadBytes, maxReadEvents, type StreamEvent } from "#lib/protocol/index.ts";
import type { Addition } from "./streams.ts";

/** A stream as its locked counter row tells, before something is added. */
export interface StreamState {
	epoch: string;
	min: number;
	lastSeq: number;
	closed: boolean;
}

export interface SizedEvent {
	event: StreamEvent;
	bytes: number;
}

/** What one transaction adds to a stream. */
export interface Growth {
	head: number;
	/** Null where there is nothing, or more than one read of the log would answer. */
	added: Addition | null;
	/** It became too much to be kept. */
	isTooMuch: boolean;
}

/** Adds `events` to what the transaction has added already. */
export function grow(before: Growth | undefined, { epoch, min, lastSeq, closed }: StreamState, more: readonly SizedEvent[]): Growth {
	const events = [...(before?.added?.events ?? []), ...more.map(({ event }) => event)];
	const bytes = more.reduce((sum, event) => sum + event.bytes, before?.added?.bytes ?? 0);
	const head = lastSeq + more.length;
	const isTooMuch = before?.isTooMuch === true || events.length > maxReadEvents || bytes > maxReadBytes;
	return { head, added: isTooMuch || events.length === 0 ? null : { epoch, min, head, closed, events, bytes }, isTooMuch };
}
