import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReadResult } from "#lib/protocol/index.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { contents, range, say } from "./drafts.ts";

let test: TestDatabase;
let reader: AbortController;
let count = 0;
const newStream = () => `user/follow-${count++}`;

beforeAll(async () => {
	test = await startTestDatabase();
});
afterAll(() => test.stop());
beforeEach(() => {
	reader = new AbortController();
});
afterEach(() => reader.abort());

const append = (stream: string, ...texts: string[]) => test.streams.write((writer) => writer.append(stream, texts.map(say)));
const close = (stream: string) => test.streams.write((writer) => writer.close(stream));

async function collect(results: AsyncGenerator<ReadResult>): Promise<ReadResult[]> {
	const all: ReadResult[] = [];
	for await (const result of results) all.push(result);
	return all;
}

const textsOf = (results: ReadResult[]) => results.flatMap(contents);

describe("follow", () => {
	it("sees everything in order, once, from many writers, until the stream is closed", async () => {
		const stream = newStream();
		const following = range(1, 5).map(() => collect(test.streams.follow({ stream, after: 0 }, reader.signal)));
		await Promise.all(
			range(1, 10).map(async (writer) => {
				for (const round of range(1, 50)) await append(stream, `${writer}.${round}`);
			}),
		);
		await close(stream);
		for (const results of await Promise.all(following)) {
			const events = results.flatMap((result) => result.events);
			expect(events.map((event) => event.seq)).toEqual(range(1, 500));
			expect(new Set(events.map((event) => event.content)).size).toBe(500);
			expect(results.at(-1)).toMatchObject({ closed: true, head: 500 });
		}
	});

	it("tells first where the stream stands, even without events", async () => {
		const stream = newStream();
		const results = test.streams.follow({ stream, after: 0 }, reader.signal);
		expect((await results.next()).value).toMatchObject({ head: 0, events: [] });
		const waiting = results.next();
		await append(stream, "one");
		expect(contents((await waiting).value as ReadResult)).toEqual(["one"]);
	});

	it("catches up by pages before it waits", async () => {
		const stream = newStream();
		await append(stream, ...range(1, 450).map(String));
		await close(stream);
		const results = await collect(test.streams.follow({ stream, after: 10 }, reader.signal));
		expect(results.map((result) => result.events.length)).toEqual([200, 200, 40]);
		expect(textsOf(results)).toEqual(range(11, 450).map(String));
	});

	it("ends at once for a closed stream that was read to its end, and when it is told to", async () => {
		const stream = newStream();
		await append(stream, "one");
		await close(stream);
		expect(await collect(test.streams.follow({ stream, after: 1 }, reader.signal))).toHaveLength(1);

		const open = newStream();
		const following = collect(test.streams.follow({ stream: open, after: 0 }, reader.signal));
		await append(open, "one");
		reader.abort();
		expect(textsOf(await following).length).toBeLessThanOrEqual(1);
	});

	it("ends with a reset when the cursor belongs to another log, also in the middle", async () => {
		const stream = newStream();
		await append(stream, "one");
		expect(await collect(test.streams.follow({ stream, epoch: "other", after: 0 }, reader.signal))).toMatchObject([{ reset: "epoch" }]);

		const results = test.streams.follow({ stream, after: 0 }, reader.signal);
		await results.next();
		await sql`update streams set epoch = 'restored' where name = ${stream}`.execute(test.db);
		const rest = collect(results);
		await append(stream, "two");
		expect(await rest).toMatchObject([{ reset: "epoch", epoch: "restored" }]);
	});
});

describe("another node", () => {
	let other: Streams;
	let deaf: Streams;
	beforeAll(async () => {
		other = await openStreams({ db: test.db, connection: test.connection, log: silentLog });
		// Its announcements go to a database that is not there, and so do those of others.
		deaf = await openStreams({ db: test.db, connection: { ...test.connection, host: "/nonexistent" }, log: silentLog, safetyRereadMs: 50 });
	});
	afterAll(async () => {
		await other.stop();
		await deaf.stop();
	});

	it("hears of growth, once the words travelled", async () => {
		const stream = newStream();
		const results = other.follow({ stream, after: 0 }, reader.signal);
		await results.next();
		const grown = new Promise<number>((resolve) => other.onGrowth((name, head) => name === stream && resolve(head)));
		const waiting = results.next();
		await append(stream, "one", "two");
		expect(contents((await waiting).value as ReadResult)).toEqual(["one", "two"]);
		expect(await grown).toBe(2);
	});

	it("finds what was never announced by looking again, also a close", async () => {
		const stream = newStream();
		const following = collect(deaf.follow({ stream, after: 0 }, reader.signal));
		const seen = new Set<number>();
		const both = new Promise<void>((resolve) => {
			deaf.onGrowth(
				(name, head) => {
					if (name === stream && seen.add(head).has(2)) resolve();
				},
				() => [stream],
			);
		});
		await append(stream, "one");
		await append(stream, "two");
		await both;
		await close(stream);
		expect(textsOf(await following)).toEqual(["one", "two"]);
	});

	it("goes on listening after its connection was cut", async () => {
		const stream = newStream();
		const others = await listeningPids();
		const patient = await openStreams({ db: test.db, connection: test.connection, log: silentLog, safetyRereadMs: 60_000 });
		const results = patient.follow({ stream, after: 0 }, reader.signal);
		await results.next();
		for (const text of ["one", "two"]) {
			const [pid] = await waitFor(async () => (await listeningPids()).filter((known) => !others.includes(known)));
			await sql`select pg_terminate_backend(${pid}::int)`.execute(test.db);
			const waiting = results.next();
			await append(stream, text);
			expect(contents((await waiting).value as ReadResult)).toEqual([text]);
		}
		await patient.stop();
	});

	async function listeningPids(): Promise<number[]> {
		const { rows } = await sql<{
			pid: number;
		}>`select pid from pg_stat_activity where query ilike 'listen%' or query like 'select pg_notify%'`.execute(test.db);
		return rows.map((row) => row.pid);
	}

	async function waitFor(look: () => Promise<number[]>): Promise<number[]> {
		for (;;) {
			const found = await look();
			if (found.length > 0) return found;
		}
	}
});
