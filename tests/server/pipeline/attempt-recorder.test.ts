import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
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

function recorderOn(
	ledger: Pick<Ledger, "record">,
	onRefused: (error: unknown) => void = () => {},
	secrets: string[] = [],
): AttemptRecorder {
	const attempt = { id: "attempt", deploymentId: "d", stage: "build" as const, agent: "Tester" as const, number: 1, fence: 1 };
	return createAttemptRecorder({ ledger, attempt, logLines: 0, createRedactor: () => createRedactor(secrets), onRefused });
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

/** The parts of a message among drafts, in order. */
const partsOf = (drafts: readonly EventDraft[]) =>
	drafts.flatMap((draft) => (draft.type === "agent_response" && draft.metadata.final === false ? [draft.metadata] : []));

it("tells a growing message in parts that together are the whole, 100 of 100 (R182)", async () => {
	const anyText = fc.array(fc.string({ unit: "binary", maxLength: 12 }), { maxLength: 30 });
	await fc.assert(
		fc.asyncProperty(anyText, async (deltas) => {
			const ledger = heldLedger();
			ledger.release();
			const recorder = recorderOn(ledger);
			const message = recorder.speak();
			for (const [index, delta] of deltas.entries()) {
				message.add(delta);
				if (index % 7 === 0) await turn();
			}
			const { text, answered } = message.end();
			const rest = await recorder.drain();
			const parts = partsOf([...ledger.batches.flat(), ...rest]);
			expect(parts.map(({ text }) => text).join("")).toBe(text);
			expect(text).toBe(deltas.join(""));
			expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index + 1));
			expect(new Set(parts.map(({ message }) => message))).toEqual(new Set(parts.length > 0 ? [answered.message] : []));
			expect(answered).toEqual({ message: expect.any(String), part: parts.length + 1, final: true });
			// A character is never torn in two: each half would be stored as a mark of its own.
			for (const { text } of parts) if (deltas.join("").isWellFormed()) expect(text.isWellFormed()).toBe(true);
		}),
		{ numRuns: 100 },
	);
});

it("shows the first words at once, and what follows together", async () => {
	const ledger = heldLedger();
	ledger.release();
	const recorder = recorderOn(ledger);
	recorder.progress("Thinking");
	await expect.poll(() => ledger.batches.length, { timeout: 5_000 }).toBe(1);
	recorder.progress("A sentence that waits its half second");
	const message = recorder.speak();
	message.add("Hello ");
	await expect.poll(() => partsOf(ledger.batches.flat()).map(({ text }) => text), { timeout: 5_000 }).toEqual(["Hello "]);
	for (const word of "there you are ".match(/\S+ /g) ?? []) message.add(word);
	await expect
		.poll(
			() =>
				partsOf(ledger.batches.flat())
					.map(({ text }) => text)
					.join(""),
			{ timeout: 5_000 },
		)
		.toBe("Hello there you are ");
	expect(partsOf(ledger.batches.flat()).length).toBeLessThan(4);
	await recorder.drain();
});

it("keeps a message in its order among events, hides secrets in it and bounds it", async () => {
	const ledger = heldLedger();
	ledger.release();
	const recorder = recorderOn(ledger, () => {}, ["hunter2-hunter2"]);
	const message = recorder.speak();
	message.add("The password is hunter2-hun");
	message.add("ter2 and ");
	await recorder.record(system("a tool was used"));
	message.add("more ".repeat(20_000));
	const { text } = message.end();
	await recorder.record(system("end"));
	const told = ledger.batches.flat();
	expect(text.startsWith("The password is [hidden] and more more ")).toBe(true);
	expect(text.endsWith("…")).toBe(true);
	expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(21 * 1024);
	const before = told.slice(
		0,
		told.findIndex(({ content }) => content === "a tool was used"),
	);
	expect(
		partsOf(before)
			.map(({ text }) => text)
			.join(""),
	).toBe("The password is [hidden] and ");
	expect(
		partsOf(told)
			.map(({ text }) => text)
			.join(""),
	).toBe(text);
});

it("takes no more words once the attempt is refused, or another message has begun", async () => {
	const ledger = heldLedger();
	const recorder = recorderOn(ledger);
	const first = recorder.speak();
	first.add("never whole ");
	const second = recorder.speak();
	first.add("this neither ");
	second.add("mine ");
	ledger.release();
	await recorder.record(system("end"));
	expect(partsOf(ledger.batches.flat()).map(({ text }) => text)).toEqual(["never whole ", "mine "]);
});
