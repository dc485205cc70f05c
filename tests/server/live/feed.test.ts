import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EventDraft } from "#lib/protocol/index.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { startLiveServer } from "./live-server.ts";
import { clientOf, createReader, type Reader, seqs, upTo } from "./reader.ts";

let database: TestDatabase;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

const sentence: EventDraft = { type: "system", content: "something happened", metadata: { message_type: "info" } };
const logLine: EventDraft = {
	type: "log",
	content: "x",
	metadata: { first: 1, last: 1, lines: [{ n: 1, at: new Date().toISOString(), from: "stdout", text: "x" }] },
};

let streamNumber = 0;
const append = (stream: string, ...drafts: EventDraft[]) => database.streams.write((writer) => writer.append(stream, drafts));

/** A reader that has everything there is, its server, and how often the server has asked the log for this stream. */
async function watchLive(
	coalesceMs: number,
	from: Streams = database.streams,
): Promise<{ stream: string; reader: Reader; reads: () => number }> {
	const stream = `deployment/FEED${++streamNumber}`;
	await append(stream, sentence);
	let count = 0;
	const streams: Streams = {
		...from,
		read(cursor, limit) {
			count++;
			return from.read(cursor, limit);
		},
	};
	// Every look at the time finds what waits, too.
	const server = await startLiveServer({ streams, limits: { coalesceMs, tickMs: 1000 } });
	ends.push(() => server.stop());
	const reader = createReader();
	const live = Promise.withResolvers<void>();
	const client = clientOf(server.origin, "ann");
	ends.push(() => client.close());
	client.subscribe(stream, { epoch: null, after: 0 }, { ...reader.handlers, onLive: live.resolve });
	await live.promise;
	return { stream, reader, reads: () => count };
}

test("state events are never held back; log lines wait for more of them", async () => {
	const never = 10 * 60_000;
	// The safety re-read finds what waits as well, whenever its time comes: not here.
	const onGrowth: Streams["onGrowth"] = (told, watched) =>
		database.streams.onGrowth((stream, head, added) => void (added && told(stream, head, added)), watched);
	const { stream, reader } = await watchLive(never, { ...database.streams, onGrowth });
	await append(stream, sentence);
	await append(stream, sentence);
	await reader.until(({ events }) => events.length >= 3);
	await append(stream, logLine);
	await append(stream, logLine);
	expect(seqs(reader)).toEqual(upTo(3));
	// It takes the lines before it along, in order.
	await append(stream, sentence);
	await reader.until(({ events }) => events.length >= 6);
	expect(seqs(reader)).toEqual(upTo(6));
});

test("what this process writes reaches those who are up to date without a look at the log", async () => {
	const { stream, reader, reads } = await watchLive(0);
	const before = reads();
	for (let n = 0; n < 20; n++) await append(stream, sentence, sentence);
	await reader.until(({ events }) => events.length >= 41);
	expect(seqs(reader)).toEqual(upTo(41));
	expect(reads()).toBe(before);
	expect(reader.events).toEqual((await database.streams.read({ stream, epoch: null, after: 0 })).events);
});

test("more than one frame takes at once comes whole and in order", async () => {
	const { stream, reader } = await watchLive(0);
	const large: EventDraft = { ...sentence, content: "x".repeat(20_000) };
	await Promise.all([
		append(stream, ...Array(150).fill(sentence)),
		append(stream, ...Array(250).fill(sentence)),
		append(stream, ...Array(9).fill(large)),
	]);
	await reader.until(({ events }) => events.length >= 410);
	expect(seqs(reader)).toEqual(upTo(410));
});

test("what another node writes, and the end it sets, are told", async () => {
	const { stream, reader } = await watchLive(0);
	const other = await openStreams({ db: database.db, connection: database.connection, log: silentLog });
	ends.push(() => other.stop());
	await other.write((writer) => writer.append(stream, [sentence, sentence]));
	await reader.until(({ events }) => events.length >= 3);
	await append(stream, sentence);
	await reader.until(({ events }) => events.length >= 4);
	await other.write((writer) => writer.close(stream));
	await reader.until(({ told }) => told.includes("end 4"));
	expect(seqs(reader)).toEqual(upTo(4));
});

test("the end that comes together with the last event is told", async () => {
	const { stream, reader } = await watchLive(0);
	await database.streams.write(async (writer) => {
		await writer.append(stream, [sentence]);
		await writer.close(stream);
	});
	await reader.until(({ told }) => told.includes("end 2"));
	expect(seqs(reader)).toEqual(upTo(2));
});
