import { setTimeout as sleep } from "node:timers/promises";
import type { Cursor, ReadResult } from "#lib/protocol/index.ts";
import { isConnectionBroken } from "../db/broken.ts";
import type { Doorbell } from "./doorbell.ts";

const longestPauseMs = 2_000;

/**
 * Reads after the cursor and on. The first result always comes, so that a reader learns where the stream stands; later ones
 * come with events, or when the stream was closed. A result with `reset` is the last one: the cursor belongs to another log.
 * A database that does not answer is waited for.
 */
export async function* follow(
	read: (cursor: Cursor) => Promise<ReadResult>,
	doorbell: Doorbell,
	cursor: Cursor,
	signal: AbortSignal,
): AsyncGenerator<ReadResult> {
	const bell = doorbell.watch(cursor.stream, signal);
	let { epoch, after } = cursor;
	let isFirst = true;
	try {
		while (!signal.aborted) {
			// Before the read: what is announced while we read is not missed.
			bell.arm();
			const result = await patiently(() => read({ stream: cursor.stream, epoch, after }), signal);
			if (!result || signal.aborted) return;
			const isOver = result.reset !== undefined || (result.closed && (result.events.at(-1)?.seq ?? after) >= result.head);
			if (isFirst || isOver || result.events.length > 0) yield result;
			if (isOver) return;
			isFirst = false;
			epoch = result.epoch || null;
			after = result.events.at(-1)?.seq ?? after;
			if (after >= result.head) await bell.rung();
		}
	} finally {
		bell.release();
	}
}

async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
	for (let pauseMs = 50; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
		try {
			return await work();
		} catch (error) {
			if (!isConnectionBroken(error)) throw error;
			await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
		}
	}
	return null;
}
