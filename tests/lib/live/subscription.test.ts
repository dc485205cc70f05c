import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSubscription, type StreamHandlers, type Subscription } from "#lib/live/subscription.ts";
import type { ResetReason, ServerFrame, StreamEvent } from "#lib/protocol/index.ts";

const stream = "deployment/A";

type StreamFrame = Extract<ServerFrame, { stream: string }>;

/** An event that remembers which log it belongs to. */
function eventOf(epoch: string, seq: number): StreamEvent {
	return { seq, stream, content: epoch } as StreamEvent;
}

/** What a reader has seen since it last started anew, and how that began. */
function createView() {
	const view = { base: 0, seen: [] as string[], resets: 0, snapshots: 0, ended: 0 };
	const handlers: StreamHandlers = {
		onEvents: (events) => view.seen.push(...events.map(({ content, seq }) => `${content}/${seq}`)),
		onReset() {
			view.seen = [];
			view.base = 0;
			view.resets++;
		},
		onSnapshot(_state, seq) {
			view.seen = [];
			view.base = seq;
			view.snapshots++;
		},
		onEnd: () => view.ended++,
	};
	return { view, handlers };
}

/** The server's side of the protocol as `server/live` answers it, in a few lines. */
function createLog(hasSnapshot: boolean) {
	const log = { epoch: "e1", min: 1, head: 0 };

	function answer(subscription: Subscription): StreamFrame[] {
		const { epoch, after } = subscription.cursor();
		const isNew = !epoch && after === 0;
		const reset = isNew ? undefined : resetOf(epoch, after);
		const snap = (isNew || reset) && hasSnapshot ? { seq: log.head, state: null } : undefined;
		const start = snap?.seq ?? (isNew || reset ? log.min - 1 : after);
		const told = reset ?? (isNew && !snap && log.min > 1 ? "truncated" : undefined);
		const { head, min } = log;
		return [{ t: "sub", id: 1, stream, epoch: log.epoch, head, min, closed: false, after: start, reset: told, snap }, ...events(start)];
	}

	function resetOf(epoch: string | null | undefined, after: number): ResetReason | undefined {
		if (epoch && epoch !== log.epoch) return "epoch";
		if (after > log.head) return "ahead";
		return after < log.min - 1 ? "truncated" : undefined;
	}

	/** Everything after a place, three events a frame. */
	function events(after: number): StreamFrame[] {
		const frames: StreamFrame[] = [];
		for (let from = after + 1; from <= log.head; from += 3) {
			const to = Math.min(from + 2, log.head);
			const e = Array.from({ length: to - from + 1 }, (_, index) => eventOf(log.epoch, from + index));
			frames.push({ t: "ev", stream, epoch: log.epoch, from, to, e });
		}
		return frames;
	}

	return { log, answer, events };
}

type Step =
	| { do: "append"; count: number }
	| { do: "connect" }
	| { do: "deliver"; link: number; count: number }
	| { do: "lose"; link: number }
	| { do: "repeat"; link: number }
	| { do: "drop"; link: number }
	| { do: "rewrite"; head: number }
	| { do: "truncate"; share: number };

const link = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ do: fc.constant("append" as const), count: fc.integer({ min: 1, max: 8 }) }) },
	{ weight: 3, arbitrary: fc.constant({ do: "connect" as const }) },
	{ weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), link, count: fc.integer({ min: 1, max: 4 }) }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("lose" as const), link }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("repeat" as const), link }) },
	{ weight: 2, arbitrary: fc.record({ do: fc.constant("drop" as const), link }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("rewrite" as const), head: fc.nat({ max: 10 }) }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("truncate" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
);

describe("every event comes once and in order", () => {
	test.each([true, false])(
		"over connections that drop, overlap, repeat and lose frames, and logs that are rewritten (snapshot: %s)",
		(hasSnapshot) => {
			fc.assert(
				fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
					const { log, answer, events } = createLog(hasSnapshot);
					const { view, handlers } = createView();
					const reader = createSubscription(stream, { epoch: null, after: 0 }, handlers);
					const links: StreamFrame[][] = [];
					let epochs = 1;

					function deliver(queue: StreamFrame[]): void {
						const frame = queue.shift();
						if (frame && reader.take(frame) === "resubscribe") queue.push(...answer(reader));
					}

					for (const one of steps) {
						const queue = "link" in one ? links[one.link] : undefined;
						if (one.do === "append") {
							const before = log.head;
							log.head += one.count;
							for (const open of links) open.push(...events(before));
						}
						if (one.do === "connect") links.unshift(answer(reader));
						if (one.do === "deliver" && queue) for (let count = 0; count < one.count; count++) deliver(queue);
						if (one.do === "lose") queue?.shift();
						if (one.do === "repeat" && queue?.[0]) queue.unshift(queue[0]);
						if (one.do === "drop" && queue) links.splice(one.link, 1);
						if (one.do === "rewrite") Object.assign(log, { epoch: `e${++epochs}`, min: 1, head: one.head });
						if (one.do === "truncate") log.min = Math.max(log.min, 1 + Math.floor(log.head * one.share));
						links.length = Math.min(links.length, 3);
					}
					// In the end one connection works.
					const last = answer(reader);
					for (let count = 0; last.length > 0; count++) {
						expect(count).toBeLessThan(1000);
						deliver(last);
					}

					const seqs = view.seen.map((text) => Number(text.split("/")[1]));
					const first = seqs[0] ?? log.head + 1;
					expect(view.seen).toEqual(Array.from({ length: log.head - first + 1 }, (_, index) => `${log.epoch}/${first + index}`));
					expect(reader.cursor()).toMatchObject({ after: log.head });
					// Nothing is missing between where reading began anew and the first event seen.
					if (view.snapshots > 0 && view.base > 0 && seqs.length > 0) expect(first).toBe(view.base + 1);
				}),
				{ numRuns: 500 },
			);
		},
	);
});

describe("a reader", () => {
	const sub = (part: Partial<Extract<ServerFrame, { t: "sub" }>>): StreamFrame => ({
		t: "sub",
		id: 1,
		stream,
		epoch: "e1",
		head: 5,
		min: 1,
		closed: false,
		after: 0,
		...part,
	});

	test("asks again when its head stays ahead of it, and not before", () => {
		const reader = createSubscription(stream, { epoch: "e1", after: 4 }, {});
		expect(reader.takeHead(5, 1000, 2000)).toBe("ok");
		expect(reader.takeHead(5, 2900, 2000)).toBe("ok");
		expect(reader.takeHead(5, 3000, 2000)).toBe("resubscribe");
		expect(reader.takeHead(4, 3100, 2000)).toBe("ok");
		expect(reader.takeHead(5, 9000, 2000)).toBe("ok");
	});

	test("ends once, and only when it has read everything", () => {
		const { view, handlers } = createView();
		const reader = createSubscription(stream, { epoch: "e1", after: 4 }, handlers);
		expect(reader.take({ t: "end", stream, seq: 5 })).toBe("resubscribe");
		reader.take({ t: "ev", stream, epoch: "e1", from: 5, to: 5, e: [eventOf("e1", 5)] });
		reader.take({ t: "end", stream, seq: 5 });
		reader.take({ t: "end", stream, seq: 5 });
		expect(view).toMatchObject({ seen: ["e1/5"], ended: 1 });
		expect(reader.done).toBe(true);
	});

	test("is told of a reset once, though two connections bring it", () => {
		const { view, handlers } = createView();
		const reader = createSubscription(stream, { epoch: "e0", after: 9 }, handlers);
		reader.take(sub({ reset: "epoch", after: 3, snap: { seq: 3, state: null } }));
		reader.take({ t: "ev", stream, epoch: "e1", from: 4, to: 4, e: [eventOf("e1", 4)] });
		reader.take(sub({ reset: "epoch", after: 3, snap: { seq: 3, state: null } }));
		expect(view).toMatchObject({ resets: 1, snapshots: 1, seen: ["e1/4"] });
	});

	test("gives up on what it may not see, and not on what may pass", () => {
		const told: string[] = [];
		const reader = createSubscription(stream, { epoch: null, after: 0 }, { onError: (code) => told.push(code) });
		expect(reader.refuse("internal")).toBe("resubscribe");
		expect(reader.done).toBe(false);
		reader.refuse("not_found");
		expect(told).toEqual(["not_found"]);
		expect(reader.done).toBe(true);
	});
});
