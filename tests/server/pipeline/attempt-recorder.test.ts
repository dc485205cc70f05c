import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { AppError } from "#lib/errors.ts";
import type { EventDraft, LogLine } from "#lib/protocol/index.ts";
import { type AttemptRecorder, createAttemptRecorder } from "#server/pipeline/attempt-recorder.ts";
import type { Ledger } from "#server/pipeline/ledger.ts";
import { createRedactor } from "#server/secrets/redact.ts";

/** A ledger that commits when the test says so. */
function heldLedger() {
	const batches: EventDraft[][] = [];
	const held: PromiseWithResolvers<void>[] = [];
	let hold = true;
	const record: Ledger["record"] = async (_id, _fence, drafts, _key, within) => {
		batches.push([...drafts]);
		if (hold) {
			const gate = Promise.withResolvers<void>();
			held.push(gate);
			await gate.promise;
		}
		await within?.({} as never);
		return { state: {}, events: [] } as never;
	};
	return {
		record,
		batches,
		lines: (): LogLine[] => batches.flat().flatMap((draft) => (draft.type === "log" ? draft.metadata.lines : [])),
		/** Commits what is waiting, and everything after it. */
		release() {
			hold = false;
			for (const gate of held.splice(0)) gate.resolve();
		},
		refuse: (error: unknown) => held.shift()?.reject(error),
	};
}

function recorderOn(ledger: Pick<Ledger, "record">, onRefused: (error: unknown) => void = () => {}): AttemptRecorder {
	const attempt = { id: "attempt", deploymentId: "d", stage: "build" as const, agent: "Tester" as const, number: 1, fence: 1 };
	return createAttemptRecorder({ ledger, attempt, logLines: 0, createRedactor: () => createRedactor([]), onRefused });
}

const system = (content: string): EventDraft => ({ type: "system", content, metadata: { message_type: "info" } });
const piece = (from: number, count: number) => Array.from({ length: count }, (_, n) => `line ${from + n} ${"x".repeat(50)}\n`).join("");

it("asks for a pause while a slow database has a megabyte to store, and loses nothing", async () => {
	const ledger = heldLedger();
	const recorder = recorderOn(ledger);
	let pushed = 0;
	let pause: Promise<void> | null = null;
	while (!pause && pushed < 1_000_000) {
		pause = recorder.output(piece(pushed, 1000), "stdout") ?? null;
		pushed += 1000;
	}
	expect(pushed).toBeLessThan(20_000);
	let goesOn = false;
	void pause?.then(() => {
		goesOn = true;
	});
	await turn();
	expect(goesOn).toBe(false);
	ledger.release();
	await pause;
	for (; pushed < 100_000; pushed += 1000) await recorder.output(piece(pushed, 1000), "stdout");
	await recorder.record(system("end"));
	expect(ledger.lines().map(({ n }) => n)).toEqual(Array.from({ length: 100_000 }, (_, n) => n + 1));
	expect(ledger.lines().every(({ text, n }) => text.startsWith(`line ${n - 1} `))).toBe(true);
	expect(Math.max(...ledger.batches.map((drafts) => JSON.stringify(drafts).length))).toBeLessThan(400 * 1024);
});

it("keeps the order of lines and events, and what belongs to an event in its transaction", async () => {
	const ledger = heldLedger();
	const recorder = recorderOn(ledger);
	const together: number[] = [];
	recorder.output("one\n", "stdout");
	const first = recorder.record(system("first"), async () => void together.push(ledger.batches.length));
	recorder.output("two\nthr", "stdout");
	const second = recorder.record(system("second"), async () => void together.push(ledger.batches.length));
	const third = recorder.record(system("third"), async () => void together.push(ledger.batches.length));
	recorder.output("ee\n", "stdout");
	ledger.release();
	await Promise.all([first, second, third]);
	const told = [...ledger.batches, await recorder.drain()].flat();
	expect(told.map((draft) => (draft.type === "log" ? draft.metadata.lines.map(({ text }) => text) : draft.content))).toEqual([
		["one"],
		"first",
		["two"],
		"second",
		"third",
		["three"],
	]);
	expect(together).toEqual([1, 2, 2]);
});

it("lets everybody go on when it is refused, and says so once", async () => {
	const ledger = heldLedger();
	const refusals: unknown[] = [];
	const recorder = recorderOn(ledger, (error) => refusals.push(error));
	const recorded = recorder.record(system("never"));
	let pause: Promise<void> | null = null;
	for (let n = 0; !pause && n < 1_000_000; n += 1000) pause = recorder.output(piece(n, 1000), "stdout") ?? null;
	const error = new AppError("stale_attempt");
	ledger.refuse(error);
	await expect(recorded).rejects.toBe(error);
	await pause;
	expect(recorder.output(piece(0, 50_000), "stdout")).toBeUndefined();
	await expect(recorder.record(system("neither"))).rejects.toBe(error);
	expect(refusals).toEqual([error]);
	expect(ledger.batches).toHaveLength(1);
});

it("writes a few lines soon, without being asked", async () => {
	const ledger = heldLedger();
	ledger.release();
	const recorder = recorderOn(ledger);
	recorder.output("a line\n", "stdout");
	await expect.poll(() => ledger.lines().map(({ text }) => text), { timeout: 5_000 }).toEqual(["a line"]);
	expect(await recorder.drain()).toEqual([]);
});

it("tells the first sentence, and the lines after it, also when it comes while something else is written", async () => {
	const ledger = heldLedger();
	const recorder = recorderOn(ledger);
	const recorded = recorder.record(system("first"));
	recorder.progress("Running the build");
	ledger.release();
	await recorded;
	recorder.output("a line\n", "stdout");
	await expect.poll(() => ledger.lines().map(({ text }) => text), { timeout: 5_000 }).toEqual(["a line"]);
	expect(ledger.batches.flat().map(({ type }) => type)).toContain("stage_progress");
});
