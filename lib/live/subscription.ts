import type { ErrorCode } from "../errors.ts";
import type { Activity, Cursor, ResetReason, ServerFrame, StreamEvent } from "../protocol/index.ts";

/** What a reader of a stream is told. Every event comes exactly once and in order, whatever the connection does. */
export interface StreamHandlers {
	onEvents?(events: StreamEvent[]): void;
	/** The stream's fold at `seq`: drop what you have, take this, and go on from it. */
	onSnapshot?(state: unknown, seq: number): void;
	/** The log is not the one you have read: drop everything. A snapshot, or the events from the first one, follow. */
	onReset?(reason: ResetReason): void;
	/** What this person had not acknowledged when reading began, oldest first, and the seq up to which they had. */
	onUnseen?(unseen: readonly StreamEvent[], seen: number): void;
	/** What the deployment of this stream is doing now; null when it is doing nothing. */
	onActivity?(activity: Activity | null): void;
	/** All there was at the time of subscription has been given to you. */
	onLive?(): void;
	/** The stream is closed and was read to its end. */
	onEnd?(seq: number): void;
	/** The stream cannot be read: `not_found` for what you may not see. */
	onError?(code: string): void;
}

/** `resubscribe`: something is missing, ask for the stream again from `cursor()`. */
export type Verdict = "ok" | "resubscribe";

/** Refusals that may pass by themselves. */
const passingCodes: ReadonlySet<string> = new Set<ErrorCode>(["internal", "database_unavailable", "rate_limited", "shutting_down"]);

type StreamFrame = Extract<ServerFrame, { stream: string }>;

/** One reader's place in one stream. Frames may come twice, from several connections at once, and out of order. */
export interface Subscription {
	readonly stream: string;
	/** Ended or refused: nothing more will come. */
	readonly done: boolean;
	cursor(): Cursor;
	take(frame: StreamFrame): Verdict;
	/** The server refused the stream, for now or for good. */
	refuse(code: string): Verdict;
	takeActivity(activity: Activity | null): void;
	/** Looks at the announced head of the stream. */
	takeHead(head: number, now: number, behindMs: number): Verdict;
}

export function createSubscription(stream: string, start: { epoch: string | null; after: number }, handlers: StreamHandlers): Subscription {
	let epoch = start.epoch || null;
	let last = start.after;
	/** Knows nothing of the stream yet: events mean nothing before its `sub` has come. */
	let isNew = epoch === null && last === 0;
	let done = false;
	let live = false;
	let behindSince: number | null = null;
	let active = false;

	function takeSub(frame: Extract<StreamFrame, { t: "sub" }>): Verdict {
		// A newcomer takes only an answer to its own question: from the first event, or with a snapshot.
		const fits = frame.reset ? !isStaleReset(frame) : isNew && (frame.snap !== undefined || frame.after === 0);
		if (!fits) {
			if (isNew || (epoch !== null && frame.epoch && frame.epoch !== epoch)) return "resubscribe";
			epoch ??= frame.epoch || null;
			return frame.after > last ? "resubscribe" : "ok";
		}
		isNew = false;
		epoch = frame.epoch || null;
		last = frame.after;
		live = false;
		if (frame.reset) handlers.onReset?.(frame.reset);
		if (frame.snap) handlers.onSnapshot?.(frame.snap.state, frame.snap.seq);
		if (frame.unseen) handlers.onUnseen?.(frame.unseen, frame.seen ?? 0);
		return "ok";
	}

	/** True for a reset that another connection has already brought. */
	function isStaleReset(frame: Extract<StreamFrame, { t: "sub" }>): boolean {
		if (isNew || epoch !== frame.epoch) return false;
		return frame.reset === "ahead" ? last <= frame.head : last >= frame.after;
	}

	function takeEvents(frame: Extract<StreamFrame, { t: "ev" }>): Verdict {
		if (isNew) return "ok";
		epoch ??= frame.epoch;
		if (frame.epoch !== epoch || frame.from > last + 1) return "resubscribe";
		const fresh = frame.e.filter((event) => event.seq > last);
		if (fresh.length === 0) return "ok";
		last = frame.to;
		behindSince = null;
		handlers.onEvents?.(fresh);
		return "ok";
	}

	return {
		stream,
		get done() {
			return done;
		},
		cursor: () => ({ stream, epoch, after: last }),
		take(frame) {
			if (done) return "ok";
			switch (frame.t) {
				case "sub":
					return takeSub(frame);
				case "ev":
					return takeEvents(frame);
				case "live":
					if (!live && frame.head <= last) {
						live = true;
						handlers.onLive?.();
					}
					return "ok";
				case "end":
					if (frame.seq > last) return "resubscribe";
					done = true;
					handlers.onEnd?.(last);
					return "ok";
			}
		},
		refuse(code) {
			if (done) return "ok";
			if (passingCodes.has(code)) return "resubscribe";
			done = true;
			handlers.onError?.(code);
			return "ok";
		},
		takeActivity(activity) {
			if (done || (activity === null && !active)) return;
			active = activity !== null;
			handlers.onActivity?.(activity);
		},
		takeHead(head, now, behindMs) {
			if (done || head <= last) behindSince = null;
			else behindSince ??= now;
			if (behindSince === null || now - behindSince < behindMs) return "ok";
			behindSince = null;
			return "resubscribe";
		},
	};
}
