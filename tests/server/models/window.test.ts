import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Grant, schedule } from "#server/models/window.ts";

const windowMs = 60_000;
const defaults = { requests: 20, tokens: 40_000, windowMs };
const call = (id: string, tokens = 1000) => ({ id, tokens });
const grants = (count: number, tokens: number, atMs = 0): Grant[] =>
	Array.from({ length: count }, (_, index) => ({ atMs: atMs + index, requests: 1, tokens }));

describe("the sliding window", () => {
	it("lets 20 requests a minute through, and the 21st when the first has left the window (R188)", () => {
		const waiting = Array.from({ length: 21 }, (_, index) => call(String(index)));
		const begins = schedule({ grants: [], waiting, limits: defaults, nowMs: 5000 });
		expect([...begins.values()].slice(0, 20)).toEqual(Array(20).fill(5000));
		expect(begins.get("20")).toBe(5000 + windowMs);
		expect(schedule({ grants: grants(20, 10), waiting: [call("a"), call("b")], limits: defaults, nowMs: 30_000 })).toEqual(
			new Map([
				["a", windowMs],
				["b", windowMs + 1],
			]),
		);
	});

	it("lets 40,000 tokens a minute through, whatever the number of requests (R189, R190)", () => {
		const limits = defaults;
		expect(schedule({ grants: grants(3, 13_000), waiting: [call("fits", 1000)], limits, nowMs: 10 }).get("fits")).toBe(10);
		expect(schedule({ grants: grants(3, 13_000), waiting: [call("waits", 1001)], limits, nowMs: 10 }).get("waits")).toBe(windowMs);
	});

	it("lets a call that is larger than the limit through when nothing else is in the window", () => {
		expect(schedule({ grants: [], waiting: [call("huge", 90_000)], limits: defaults, nowMs: 7 }).get("huge")).toBe(7);
		expect(schedule({ grants: grants(2, 5), waiting: [call("huge", 90_000)], limits: defaults, nowMs: 7 }).get("huge")).toBe(windowMs + 1);
	});

	it("lets nobody through before the end of a pause", () => {
		const begins = schedule({ grants: [], waiting: [call("a"), call("b")], limits: defaults, nowMs: 7, pausedUntilMs: 300_000 });
		expect([...begins.values()]).toEqual([300_000, 300_000]);
	});

	it("never has more in any window than the limits say, keeps the order, and lets everybody through", () => {
		const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 });
		fc.assert(
			fc.property(sizes, sizes, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 20, max: 80 }), (before, after, requests, tokens) => {
				const limits = { requests, tokens, windowMs: 100 };
				// Built by the rule itself, so that what is there already keeps to it.
				const past = schedule({
					grants: [],
					waiting: before.map((size, index) => call(`p${index}`, Math.min(size, tokens))),
					limits,
					nowMs: 0,
				});
				const nowMs = Math.max(0, ...past.values());
				const done = before.map((size, index) => ({ atMs: past.get(`p${index}`) ?? 0, requests: 1, tokens: Math.min(size, tokens) }));
				const waiting = after.map((size, index) => call(`w${index}`, Math.min(size, tokens)));
				const begins = schedule({ grants: done, waiting, limits, nowMs });
				const times = waiting.map(({ id }) => begins.get(id) ?? Number.NaN);
				expect(times).toEqual(times.toSorted((a, b) => a - b));
				const all = [
					...done,
					...waiting.map(({ id, tokens: size }) => ({ atMs: begins.get(id) ?? Number.NaN, requests: 1, tokens: size })),
				];
				for (const { atMs } of all) {
					const within = all.filter((other) => other.atMs <= atMs && other.atMs > atMs - limits.windowMs);
					expect(within.length).toBeLessThanOrEqual(requests);
					expect(within.reduce((sum, other) => sum + other.tokens, 0)).toBeLessThanOrEqual(tokens);
				}
			}),
		);
	});
});
