import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLogStore, type LogStore, type ReadLogPage } from "#lib/live/log-store.ts";
import type { LogEntry, StreamEvent } from "#lib/protocol/index.ts";

const entry = (n: number): LogEntry => ({ n, at: "2026-11-21T10:00:00.000Z", from: "stdout", text: `line ${n}`, stage: "build" });
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => entry(from + index));

function event(from: number, to: number): StreamEvent {
	const lines = range(from, to).map(({ stage: _, ...line }) => line);
	return {
		id: "01JEVENT000000000000000000",
		seq: from,
		stream: "deployment/d",
		deployment_id: "d",
		type: "log",
		timestamp: "2026-11-21T10:00:00.000Z",
		agent_name: "Developer",
		stage: "build",
		content: "",
		metadata: { first: from, last: to, lines },
		requires_ack: false,
	};
}

/** A server that holds lines `first` to `last()`, in answers of at most `most` lines. */
function serverOf(last: () => number, { first = 1, most = 5000 } = {}) {
	const asked: { before: number; limit: number }[] = [];
	const read: ReadLogPage = async (query) => {
		asked.push(query);
		const to = Math.min(query.before - 1, last());
		return { first, last: last(), lines: range(Math.max(first, to - Math.min(most, query.limit) + 1), to) };
	};
	return { asked, read };
}

const numbers = (store: LogStore) => store.chunks().flatMap(({ lines }) => lines.filter((line) => line !== undefined).map(({ n }) => n));
const create = (read: ReadLogPage, last: number, more: { lines?: LogEntry[]; limit?: number } = {}) =>
	createLogStore({ schedule: (work) => work(), read, last, ...more });

describe("log store", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("keeps the newest lines and those near where somebody looks, however long it goes on, and fetches the others anew", async () => {
		const server = serverOf(() => 60_000);
		const store = create(server.read, 0);
		const kept = () => store.chunks().map(({ id }) => id);
		for (let n = 1; n <= 20_000; n += 100) store.append(event(n, n + 99));
		expect(kept()).toEqual([12, 13, 14, 15, 16, 17, 18, 19]);
		store.want(3_200, 3_240);
		await vi.advanceTimersByTimeAsync(0);
		for (let n = 20_001; n <= 60_000; n += 100) store.append(event(n, n + 99));
		expect(kept()).toEqual([2, 3, 54, 55, 56, 57, 58, 59]);
		expect([store.at(3_240)?.text, store.at(30_000), store.missing()]).toEqual(["line 3240", undefined, 60_000 - 6_000 - 1_000]);
		const whole = store.whole();
		await vi.advanceTimersByTimeAsync(0);
		await whole;
		expect(store.missing()).toBe(0);
	});

	it("asks for nothing until somebody looks, then for what is looked at and no more", async () => {
		const server = serverOf(() => 100_000);
		const store = create(server.read, 100_000, { lines: range(99_901, 100_000) });
		expect([store.first(), store.last(), store.missing()]).toEqual([1, 100_000, 99_900]);
		store.want(99_950, 100_000);
		expect(server.asked).toEqual([]);
		store.want(99_850, 99_950);
		await vi.advanceTimersByTimeAsync(0);
		expect(server.asked).toEqual([{ before: 99_901, limit: 1000 }]);
		expect(numbers(store)).toEqual(range(98_901, 100_000).map(({ n }) => n));
		store.want(5_000, 5_040);
		await vi.advanceTimersByTimeAsync(0);
		expect(server.asked).toHaveLength(2);
		expect([store.at(5_040)?.text, store.at(5_041)]).toEqual(["line 5040", undefined]);
	});

	it("has every line once, whatever comes first, page or live line, and however they overlap", async () => {
		const step = fc.oneof(
			fc.record({ live: fc.integer({ min: 1, max: 300 }) }),
			fc.record({ from: fc.integer({ min: 1, max: 4000 }), rows: fc.integer({ min: 1, max: 60 }) }),
			fc.record({ settle: fc.constant(true) }),
		);
		await fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 0, max: 3000 }),
				fc.array(step, { maxLength: 12 }),
				fc.constantFrom(1, 7, 999, 5000),
				fc.constantFrom(1000, 2500, 200_000),
				async (known, steps, most, limit) => {
					let last = known;
					const server = serverOf(() => last + 3, { most: Math.max(most, 100) });
					const store = create(server.read, known, { limit });
					for (const next of steps) {
						if ("live" in next) {
							// The stream may say again what a page has brought, and what it said before.
							store.append(event(Math.max(1, last - 5), last + next.live));
							last += next.live;
						} else if ("from" in next) store.want(next.from, next.from + next.rows);
						else await vi.advanceTimersByTimeAsync(0);
					}
					const whole = store.whole();
					await vi.advanceTimersByTimeAsync(20_000);
					await whole;
					expect(store.last() - store.first() + 1).toBeLessThanOrEqual(limit);
					const end = store.last();
					expect(end === last || (end > last && end <= last + 3)).toBe(true);
					expect(numbers(store).filter((n) => n >= store.first())).toEqual(range(store.first(), end).map(({ n }) => n));
					expect(store.at(end)?.n).toBe(end === 0 ? undefined : end);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("begins where the stored log begins", async () => {
		const server = serverOf(() => 3000, { first: 2501 });
		const store = create(server.read, 3000);
		const release = store.wantAll();
		await vi.advanceTimersByTimeAsync(0);
		expect([store.first(), store.missing(), server.asked.length]).toEqual([2501, 0, 1]);
		release();
	});

	it("keeps the newest lines of a log that is longer than its limit", () => {
		const store = create(serverOf(() => 0).read, 0, { limit: 2000 });
		for (let n = 1; n <= 5500; n += 50) store.append(event(n, n + 49));
		expect([store.first(), store.last(), store.at(3000)]).toEqual([4001, 5500, undefined]);
		expect(numbers(store)).toEqual(range(4001, 5500).map(({ n }) => n));
	});

	it("tries again after a failure, ever more slowly, and says so", async () => {
		let failing = true;
		const server = serverOf(() => 50);
		const asked = vi.fn<ReadLogPage>((query, signal) => (failing ? Promise.reject(new Error("away")) : server.read(query, signal)));
		const store = create(asked, 50);
		store.want(1, 40);
		await vi.advanceTimersByTimeAsync(1_600);
		expect([asked.mock.calls.length, store.failing()]).toEqual([3, true]);
		failing = false;
		await vi.advanceTimersByTimeAsync(2_000);
		expect([store.failing(), store.at(40)?.n]).toEqual([false, 40]);
	});

	it("drops the answer about a log that was replaced", async () => {
		const answers: ((lines: LogEntry[]) => void)[] = [];
		const store = create(() => new Promise((resolve) => answers.push((lines) => resolve({ first: 1, last: 9, lines }))), 9);
		store.want(1, 9);
		store.restart(2);
		answers[0]?.(range(1, 9));
		await vi.advanceTimersByTimeAsync(0);
		expect([store.last(), numbers(store)]).toEqual([2, []]);
		answers[1]?.(range(1, 2));
		await vi.advanceTimersByTimeAsync(0);
		expect(numbers(store)).toEqual([1, 2]);
	});

	it("asks for nothing after it was stopped", async () => {
		const asked = vi.fn<ReadLogPage>(() => Promise.reject(new Error("away")));
		const store = create(asked, 50);
		store.want(1, 40);
		await vi.advanceTimersByTimeAsync(0);
		store.stop();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(asked).toHaveBeenCalledTimes(1);
	});
});
