import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogIndex, type LogView, placeOf } from "#components/deployments/log/log-index.ts";
import { createLogStore, type LogStore } from "#lib/live/log-store.ts";
import type { LogEntry, Stage } from "#lib/protocol/index.ts";

const line = (n: number, stage: Stage, text: string): LogEntry => ({ n, at: "2026-11-21T10:00:00.000Z", from: "stdout", text, stage });
const unread = () => new Promise<never>(() => {});
const storeOf = (lines: LogEntry[], last = 0, limit?: number) =>
	createLogStore({ schedule: (work) => work(), read: unread, last, lines, limit });
const view = (store: LogStore, stage: Stage | null, query: string, index = new LogIndex()): LogView =>
	index.update(store.chunks(), store.first(), stage, query);

describe("log index", () => {
	const lines = [line(1, "clone", "Cloning"), line(2, "build", "npm ERROR"), line(3, "build", "done"), line(4, "test", "error: 1")];

	it("shows everything without a stage and finds words in any case", () => {
		expect(view(storeOf(lines), null, "error")).toEqual({ shown: null, matches: [2, 4] });
	});

	it("finds only lines of the shown stage", () => {
		expect(view(storeOf(lines), "build", "error")).toEqual({ shown: [2, 3], matches: [2] });
	});

	it("starts again when the log was replaced", () => {
		const index = new LogIndex();
		const store = storeOf(lines);
		view(store, null, "error", index);
		store.restart(4);
		store.put([line(1, "clone", "an error"), line(2, "clone", ""), line(3, "clone", ""), line(4, "clone", "")]);
		expect(view(store, null, "error", index)).toEqual({ shown: null, matches: [1] });
	});

	it("answers the same in whatever order the lines came, also of a log whose oldest lines are no longer shown", () => {
		const stage = fc.constantFrom<Stage>("clone", "build", "test");
		const entries = fc.array(fc.record({ stage, text: fc.constantFrom("error", "fine", "Errors", "") }), { minLength: 1, maxLength: 40 });
		const orders = fc.tuple(entries, fc.integer({ min: 980, max: 1020 })).chain(([log, from]) => {
			const numbered = log.map((entry, index) => line(from + index, entry.stage, entry.text));
			return fc.record({
				numbered: fc.constant(numbered),
				order: fc.shuffledSubarray(numbered, { minLength: numbered.length }),
				limit: fc.constantFrom(1010, 100_000),
			});
		});
		fc.assert(
			fc.property(orders, fc.option(stage), fc.constantFrom("", "error", "none"), ({ numbered, order, limit }, wanted, query) => {
				const store = storeOf([], 0, limit);
				const index = new LogIndex();
				for (const entry of order) {
					store.put([entry]);
					view(store, wanted, query, index);
				}
				const isWanted = (entry: LogEntry) => entry.n >= store.first() && (wanted === null || entry.stage === wanted);
				const shown = numbered.filter(isWanted);
				expect(view(store, wanted, query, index)).toEqual({
					shown: wanted === null ? null : shown.map(({ n }) => n),
					matches: query === "" ? [] : shown.filter(({ text }) => text.toLowerCase().includes(query)).map(({ n }) => n),
				});
			}),
		);
	});
});

it("finds the place of a number among numbers that rise", () => {
	expect([0, 2, 3, 9].map((n) => placeOf([2, 4, 6], n))).toEqual([0, 0, 1, 3]);
});
