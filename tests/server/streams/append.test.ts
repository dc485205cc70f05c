import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventSchema, maxEventBytes } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { contents, range, say, seqs } from "./drafts.ts";

let test: TestDatabase;
let count = 0;
const newStream = () => `user/append-${count++}`;

beforeAll(async () => {
	test = await startTestDatabase();
});
afterAll(() => test.stop());

const append = (stream: string, ...texts: string[]) => test.streams.write((writer) => writer.append(stream, texts.map(say)));
const readAll = (stream: string) => test.streams.read({ stream, after: 0 });

describe("append", () => {
	it("answers whole, valid events in order, the same that are read", async () => {
		const stream = newStream();
		const at = new Date("2026-01-02T03:04:05.678Z");
		const events = await test.streams.write((writer) =>
			writer.append(stream, [{ ...say("one"), agent_name: "Analyst", stage: "clone", requires_ack: true }, say("two")], {
				deploymentId: "d1",
				at,
			}),
		);
		for (const event of events) eventSchema.parse(event);
		expect(events[0]).toMatchObject({
			seq: 1,
			stream,
			deployment_id: "d1",
			timestamp: at.toISOString(),
			agent_name: "Analyst",
			stage: "clone",
			source: "pipeline",
			requires_ack: true,
		});
		expect(events[1]).toMatchObject({ seq: 2, agent_name: null, stage: null, requires_ack: false });
		expect((events[0]?.id ?? "") < (events[1]?.id ?? "")).toBe(true);
		expect((await readAll(stream)).events).toEqual(events);
	});

	it("numbers without gaps under 20 writers at once, and keeps batches together", async () => {
		const stream = newStream();
		await Promise.all(
			range(1, 20).map(async (writer) => {
				for (const round of range(1, 10)) await append(stream, `${writer}.${round}.a`, `${writer}.${round}.b`, `${writer}.${round}.c`);
			}),
		);
		const pages = [0, 200, 400].map((after) => test.streams.read({ stream, after }));
		const events = (await Promise.all(pages)).flatMap((page) => page.events);
		expect(events.map((event) => event.seq)).toEqual(range(1, 600));
		for (const first of range(0, 199).map((batch) => batch * 3)) {
			const batch = events.slice(first, first + 3).map((event) => event.content);
			const name = batch[0]?.slice(0, -2);
			expect(batch).toEqual(["a", "b", "c"].map((part) => `${name}.${part}`));
		}
		expect(new Set(events.map((event) => event.content)).size).toBe(600);
	});

	it("writes two streams in opposite orders without either being lost", async () => {
		const [a, b] = [newStream(), newStream()];
		await append(a, "first");
		await append(b, "first");
		const both = (one: string, other: string) =>
			test.streams.write(async (writer) => {
				await writer.append(one, [say("x")]);
				await writer.append(other, [say("y")]);
			});
		await Promise.all(range(1, 6).map((round) => (round % 2 ? both(a, b) : both(b, a))));
		expect((await readAll(a)).head).toBe(7);
		expect((await readAll(b)).head).toBe(7);
	});

	it("leaves no trace and no gap after a rollback, and announces nothing", async () => {
		const stream = newStream();
		await append(stream, "one");
		const grown: number[] = [];
		const stop = test.streams.onGrowth((name, head) => name === stream && grown.push(head));
		const failing = test.streams.write(async (writer) => {
			await writer.append(stream, [say("lost"), say("lost")]);
			throw new Error("changed my mind");
		});
		await expect(failing).rejects.toThrow("changed my mind");
		expect(grown).toEqual([]);
		await append(stream, "two");
		stop();
		expect(grown).toEqual([2]);
		expect(contents(await readAll(stream))).toEqual(["one", "two"]);
		expect(seqs(await readAll(stream))).toEqual([1, 2]);
	});

	it("writes a batch with a key once, however often and however many try", async () => {
		const stream = newStream();
		const once = { attempt: `attempt-${stream}`, key: "started" };
		const write = () => test.streams.write((writer) => writer.append(stream, [say("a"), say("b")], { once }));
		const answers = await Promise.all(range(1, 10).map(write));
		for (const answer of answers) expect(answer).toEqual(answers[0]);
		expect((await readAll(stream)).head).toBe(2);
		await test.streams.write((writer) => writer.append(stream, [say("c")], { once: { ...once, key: "ended" } }));
		expect(contents(await readAll(stream))).toEqual(["a", "b", "c"]);
	});

	it("keeps the same key apart on two streams", async () => {
		const [a, b] = [newStream(), newStream()];
		const once = { attempt: `attempt-${a}`, key: "k" };
		await test.streams.write(async (writer) => {
			await writer.append(a, [say("a")], { once });
			await writer.append(b, [say("b")], { once });
		});
		expect(contents(await readAll(b))).toEqual(["b"]);
	});

	it("refuses an event that is too large, and nothing of its batch stays", async () => {
		const stream = newStream();
		await expect(append(stream, "fits", "x".repeat(maxEventBytes))).rejects.toThrow(RangeError);
		expect((await readAll(stream)).head).toBe(0);
	});

	it("stores what JSON of Postgres cannot hold as a replacement mark", async () => {
		const stream = newStream();
		const [event] = await append(stream, "zero \0, half \ud83d, whole \ud83d\ude00, text \\u0000");
		expect(event?.content).toBe("zero \ufffd, half \ufffd, whole \ud83d\ude00, text \\u0000");
		expect((await readAll(stream)).events).toEqual([event]);
	});

	it("does nothing for no drafts", async () => {
		const stream = newStream();
		expect(await append(stream)).toEqual([]);
		expect((await readAll(stream)).epoch).toBe("");
	});
});

describe("close", () => {
	it("refuses later appends, but answers a repeated one from the log", async () => {
		const stream = newStream();
		const once = { attempt: `attempt-${stream}`, key: "last" };
		const last = () =>
			test.streams.write(async (writer) => {
				const events = await writer.append(stream, [say("end")], { once });
				await writer.close(stream);
				return events;
			});
		const events = await last();
		expect(await last()).toEqual(events);
		await expect(append(stream, "more")).rejects.toMatchObject({ code: "already_finished" });
		expect(await readAll(stream)).toMatchObject({ head: 1, closed: true });
	});
});
