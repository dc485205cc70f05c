import { afterAll, beforeAll, expect, it } from "vitest";
import { maxEventBytes, maxReadBytes } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { range, say, seqs } from "./drafts.ts";

let test: TestDatabase;

beforeAll(async () => {
	test = await startTestDatabase();
});
afterAll(() => test.stop());

async function fill(stream: string, texts: string[]): Promise<string> {
	await test.streams.write((writer) => writer.append(stream, texts.map(say)));
	return (await test.streams.read({ stream, after: 0 })).epoch;
}

const read = (stream: string, after: number, epoch?: string, limit?: number) => test.streams.read({ stream, after, epoch }, limit);

it("answers an unknown stream as an empty one", async () => {
	expect(await read("user/nobody", 0)).toEqual({ epoch: "", min: 1, head: 0, closed: false, events: [] });
	expect(await read("user/nobody", 3)).toMatchObject({ reset: "ahead" });
	expect(await read("user/nobody", 0, "gone")).toMatchObject({ reset: "epoch" });
});

it("answers at most 200 events, fewer on request, and never more than asked", async () => {
	const epoch = await fill("user/many", range(1, 250).map(String));
	expect(seqs(await read("user/many", 0))).toEqual(range(1, 200));
	expect(seqs(await read("user/many", 0, epoch, 5000))).toEqual(range(1, 200));
	expect(seqs(await read("user/many", 200, epoch))).toEqual(range(201, 250));
	expect(seqs(await read("user/many", 10, epoch, 3))).toEqual([11, 12, 13]);
	expect(seqs(await read("user/many", 10, epoch, 0))).toEqual([11]);
	expect(await read("user/many", 250, epoch)).toMatchObject({ head: 250, events: [] });
});

it("answers at most 64 KB, but at least one event", async () => {
	await fill("user/large", [
		...range(1, 5).map(() => "x".repeat(20_000)),
		"y".repeat(maxEventBytes - 400),
		"z".repeat(maxEventBytes - 400),
		"z".repeat(maxEventBytes - 400),
	]);
	for (const after of range(0, 7)) {
		const { events } = await read("user/large", after);
		expect(events.length).toBeGreaterThanOrEqual(1);
		expect(Buffer.byteLength(JSON.stringify(events))).toBeLessThanOrEqual(maxReadBytes);
	}
	expect(seqs(await read("user/large", 0))).toEqual([1, 2, 3]);
});

it("tells a reader of another log to start anew", async () => {
	const epoch = await fill("user/reset", ["a", "b", "c", "d"]);
	expect(await read("user/reset", 2, "another")).toMatchObject({ reset: "epoch", epoch, events: [], head: 4 });
	expect(await read("user/reset", 5, epoch)).toMatchObject({ reset: "ahead", events: [] });
	expect((await read("user/reset", 4, epoch)).reset).toBeUndefined();
});

it("tells a reader that retention overtook to start anew", async () => {
	const epoch = await fill("user/old", ["a", "b", "c", "d"]);
	await test.streams.truncate("user/old", 3);
	expect(await read("user/old", 0, epoch)).toMatchObject({ reset: "truncated", min: 3, head: 4, events: [] });
	expect(await read("user/old", 1, epoch)).toMatchObject({ reset: "truncated" });
	expect(seqs(await read("user/old", 2, epoch))).toEqual([3, 4]);
	await test.streams.truncate("user/old", 1);
	expect((await read("user/old", 2, epoch)).min).toBe(3);
	await test.streams.truncate("user/old", 1000);
	expect(await read("user/old", 4, epoch)).toMatchObject({ min: 5, head: 4, events: [] });
	await fill("user/old", ["e"]);
	expect(seqs(await read("user/old", 4, epoch))).toEqual([5]);
});

it("numbers are numbers", async () => {
	await fill("user/numbers", ["a"]);
	const row = await test.db.selectFrom("streams").selectAll().where("name", "=", "user/numbers").executeTakeFirstOrThrow();
	expect(row.last_seq).toBe(1);
	expect(row.min_seq).toBe(1);
});
