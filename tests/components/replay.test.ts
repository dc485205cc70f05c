import { describe, expect, it } from "vitest";
import { capLog } from "#components/replay/capped-log.ts";
import { createReplay, lineAt } from "#components/replay/replay.ts";
import { foldAll } from "#lib/deployment/fold.ts";
import { createLogStore } from "#lib/live/log-store.ts";
import type { LogEntry } from "#lib/protocol/index.ts";
import { runningAt } from "../lib/deployment/simulation.ts";

const simulation = runningAt("deploy");
// More than are folded at once.
for (let n = 0; n < 350; n++) simulation.give({ type: "pause", by: "u" }) && simulation.give({ type: "resume", by: "u" });
const { events } = simulation;
const final = foldAll("", events);

describe("a replay", () => {
	it("shows at every moment what the events up to then fold to, in whatever order moments are looked at", () => {
		expect(events.length).toBeGreaterThan(300);
		const replay = createReplay(final);
		for (let from = 0; from < events.length; from += 7) replay.add(events.slice(from, from + 7));
		const moments = [...events.keys()].filter((index) => index % 13 === 0);
		for (const index of [...moments, ...moments.toReversed()]) {
			const ms = Date.parse(events[index]?.timestamp ?? "");
			const until = events.filter(({ timestamp }) => Date.parse(timestamp) <= ms);
			if (ms < replay.endMs) expect(replay.at(ms)).toEqual(foldAll("", until));
		}
		expect(replay.at(replay.endMs)).toBe(final);
	});

	it("steps from event to event and ends at both ends", () => {
		const replay = createReplay(final);
		replay.add(events);
		let steps = 0;
		for (let ms: number | null = replay.beginMs - 1; ms !== null && steps < 10_000; ms = replay.next(ms)) steps++;
		expect(steps).toBe(new Set(events.map(({ timestamp }) => timestamp)).size + 1);
		expect(replay.next(replay.endMs)).toBeNull();
		expect(replay.previous(replay.beginMs)).toBeNull();
		expect(replay.previous(replay.endMs)).toBeLessThan(replay.endMs);
	});
});

describe("the line at a moment", () => {
	const at = (second: number) => new Date(second * 1000).toISOString();
	const marks = [
		{ line: 10, at: at(10) },
		{ line: 110, at: at(20) },
		{ line: 111, at: at(60) },
	];
	it.each([
		[0, 0],
		[10, 10],
		[15, 60],
		[20, 110],
		[59, 110],
		[60, 111],
		[999, 111],
	])("after %d s is %d", (second, line) => {
		expect(lineAt(marks, second * 1000)).toBe(line);
	});

	it("is none in a log without lines", () => expect(lineAt([], 5)).toBe(0));
});

describe("a capped log", () => {
	const lines = Array.from(
		{ length: 2500 },
		(_, index): LogEntry => ({ n: index + 1, at: "", from: "stdout", text: `${index + 1}`, stage: null }),
	);
	const whole = () =>
		createLogStore({ schedule: (work) => work(), read: () => Promise.reject(new Error("nothing to read")), last: lines.length, lines });

	it("has the lines up to its end and none after it, and tells when the end moves", () => {
		const log = capLog(whole());
		let told = 0;
		log.subscribe(() => told++);
		for (const end of [2500, 1500, 1, 0, 700, 2500]) {
			const before = log.version();
			log.setEnd(end);
			expect(log.last()).toBe(end);
			expect(log.at(end + 1)).toBeUndefined();
			const here = log.chunks().flatMap((chunk) => chunk.lines.flatMap((line) => line?.n ?? []));
			expect(here).toEqual(lines.slice(0, end).map(({ n }) => n));
			expect(log.chunks().reduce((sum, { count }) => sum + count, 0)).toBe(end);
			if (end !== 2500) expect(log.version()).toBeGreaterThan(before);
		}
		expect(told).toBe(5);
	});

	it("is the same to who reads it until something changes", () => {
		const log = capLog(whole());
		log.setEnd(1234);
		expect(log.chunks().at(-1)).toBe(log.chunks().at(-1));
	});
});
