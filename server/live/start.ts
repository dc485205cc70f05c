import type { Cursor, ResetReason } from "#lib/protocol/index.ts";
import type { Acknowledgements, Attention } from "../streams/acknowledgements.ts";
import type { Feed, FeedRead } from "./feed.ts";

/** The fold of a stream at `seq`, for readers that start anew. */
export interface Snapshot {
	state: unknown;
	seq: number;
	epoch: string;
}
export type ReadSnapshot = (stream: string) => Promise<Snapshot | null>;

/** Where a reader begins: what the `sub` frame says, and the first read. */
export interface Start extends FeedRead {
	after: number;
	reset: ResetReason | undefined;
	snapshot: Snapshot | null;
	/** What a person has and has not seen yet, for a page that starts anew. */
	attention?: Attention;
}

export type FindStart = (userId: string, feed: Feed, cursor: Omit<Cursor, "stream">) => Promise<Start>;

/** Finds where a person's cursor goes on, keeps what it acknowledges, and tells a page that starts anew what is still to be seen. */
export function createFindStart(readSnapshot: ReadSnapshot, acknowledgements: Acknowledgements | undefined): FindStart {
	return async (userId, feed, cursor) => {
		const start = await findStart(feed, readSnapshot, cursor);
		const place = { stream: feed.stream, epoch: start.result.epoch, seq: start.after };
		if (!acknowledgements || place.epoch === "") return start;
		const isResumed = !start.reset && cursor.after > 0;
		if (cursor.ack && isResumed) await acknowledgements.keep(userId, { ...place, seq: Math.min(cursor.ack, start.after) });
		// Who goes on where it stood holds what it has not acknowledged.
		return isResumed ? start : { ...start, attention: await acknowledgements.find(userId, place) };
	};
}

const maxTries = 3;

/**
 * Finds the place a cursor goes on from. A cursor that belongs to the log goes on where it stands. One that knows nothing (no
 * epoch, after 0) or does not belong starts from the stream's snapshot, or from its first stored event where it has none.
 */
async function findStart(feed: Feed, readSnapshot: ReadSnapshot, cursor: Omit<Cursor, "stream">): Promise<Start> {
	const epoch = cursor.epoch || null;
	let reset: ResetReason | undefined;
	if (epoch !== null || cursor.after > 0) {
		const read = await feed.read(epoch, cursor.after);
		if (!read.result.reset) return { ...read, after: cursor.after, reset, snapshot: null };
		reset = read.result.reset;
	}
	for (let tries = 1; ; tries++) {
		const snapshot = await readSnapshot(feed.stream);
		const read = snapshot ? { ...(await feed.read(snapshot.epoch, snapshot.seq)), after: snapshot.seq } : await readFromFirst(feed);
		// The log can be rewritten or cut between the snapshot and the read; then both are taken again.
		if (!read.result.reset) return { ...read, reset: reset ?? (read.after > 0 && !snapshot ? "truncated" : undefined), snapshot };
		if (tries === maxTries) throw new Error(`The log of ${feed.stream} does not fit its snapshot: ${read.result.reset}`);
	}
}

/** The first stored event, which is not the first ever written once retention has cut the log. */
async function readFromFirst(feed: Feed): Promise<FeedRead & { after: number }> {
	const whole = await feed.read(null, 0);
	if (whole.result.reset !== "truncated") return { ...whole, after: 0 };
	const after = whole.result.min - 1;
	return { ...(await feed.read(whole.result.epoch, after)), after };
}
