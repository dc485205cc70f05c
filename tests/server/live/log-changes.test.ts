import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import type { EventDraft, ServerFrame } from "#lib/protocol/index.ts";
import { createWriter } from "#server/streams/append.ts";
import { openStreams } from "#server/streams/open.ts";
import { silentLog } from "#tests/support/database.ts";
import { liveServers } from "./live-fixture.ts";
import type { LiveServer } from "./live-server.ts";
import { clientOf, createReader, type Reader, seqs, untilStatus, upTo } from "./reader.ts";

const live = liveServers();
const { start, onEnd } = live;

const draft: EventDraft = { type: "system", content: "A line.", metadata: { message_type: "info" } };
const append = (stream: string, count: number, content = draft.content) =>
	live.database.streams.write((writer) => writer.append(stream, Array<EventDraft>(count).fill({ ...draft, content })));

/** A reader that has the first `count` events, live. */
async function readerOf(server: LiveServer, stream: string, count: number): Promise<Reader> {
	const reader = createReader();
	const client = clientOf(server.origin, "ann");
	onEnd(() => client.close());
	client.subscribe(stream, { epoch: null, after: 0 }, reader.handlers);
	await untilStatus(client, ({ kind }) => kind === "connected");
	await reader.until(({ events }) => events.length >= count);
	return reader;
}

test("retention that overtakes a reader who is behind tells it so, and it goes on from what is kept", async () => {
	const server = await start({ limits: { highWaterBytes: 64 * 1024, lowWaterBytes: 16 * 1024 } });
	const stream = "deployment/CUT";
	const count = 800;
	for (let written = 0; written < count; written += 100) await append(stream, 100, "x".repeat(20_000));
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/ws`, { headers: { authorization: "Bearer ann" } });
	onEnd(() => socket.terminate());
	const frames: ServerFrame[] = [];
	socket.on("message", (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
	await once(socket, "open");
	socket.pause();
	socket.send(JSON.stringify({ t: "sub", id: 1, stream, after: 0 }));
	await expect.poll(() => server.hub.status().parked, { timeout: 10_000 }).toBe(1);
	await live.database.streams.truncate(stream, count - 9);
	socket.resume();
	await expect.poll(() => frames.some((frame) => frame.t === "ev" && frame.to === count), { timeout: 10_000 }).toBe(true);
	const reset = frames.findLastIndex(({ t }) => t === "sub");
	expect(frames[reset]).toMatchObject({ id: null, reset: "truncated", min: count - 9, after: count - 10 });
	const after = frames.slice(reset).flatMap((frame) => (frame.t === "ev" ? frame.e.map(({ seq }) => seq) : []));
	expect(after).toEqual(Array.from({ length: 10 }, (_, index) => count - 9 + index));
});

test("a log that was restored to an older head, with or without a new epoch, starts its readers anew", async () => {
	const server = await start();
	const stream = "deployment/RESTORED";
	await append(stream, 10);
	const reader = await readerOf(server, stream, 10);
	await live.database.db.deleteFrom("events").where("stream", "=", stream).where("seq", ">", 5).execute();
	await live.database.db.updateTable("streams").set({ last_seq: 5 }).where("name", "=", stream).execute();
	await append(stream, 1);
	await reader.until(({ events }) => events.length >= 16);
	expect(reader.told).toEqual(["reset ahead"]);
	expect(seqs(reader).slice(10)).toEqual(upTo(6));
	await live.database.db.updateTable("streams").set({ epoch: "restored" }).where("name", "=", stream).execute();
	await append(stream, 1);
	await reader.until(({ events }) => events.length >= 23);
	expect(reader.told).toEqual(["reset ahead", "reset epoch"]);
	expect(seqs(reader).slice(16)).toEqual(upTo(7));
	expect(server.errors).toEqual([]);
});

test("a server that comes back with another log starts its readers anew", async () => {
	const first = await start();
	const stream = "deployment/REBORN";
	await append(stream, 4);
	const reader = await readerOf(first, stream, 4);
	await first.stop();
	await live.database.db.updateTable("streams").set({ epoch: "another" }).where("name", "=", stream).execute();
	await start({ port: first.port });
	await reader.until(({ events }) => events.length >= 8);
	expect(reader.told).toEqual(["reset epoch"]);
	expect(seqs(reader)).toEqual([...upTo(4), ...upTo(4)]);
});

test("twenty writers at once reach a reader whole, in order and once", async () => {
	const server = await start();
	const stream = "deployment/MANY";
	await append(stream, 1);
	const reader = await readerOf(server, stream, 1);
	await Promise.all(
		Array.from({ length: 20 }, async () => {
			for (let n = 0; n < 25; n++) await append(stream, 1);
		}),
	);
	await reader.until(({ events }) => events.length >= 501);
	expect(seqs(reader)).toEqual(upTo(501));
	expect(new Set(reader.events.map(({ id }) => id)).size).toBe(501);
});

test("an announcement that is lost between nodes costs a moment, not an event", async () => {
	const streams = await openStreams({ db: live.database.db, connection: live.database.connection, log: silentLog, safetyRereadMs: 100 });
	onEnd(() => streams.stop());
	const server = await start({ streams });
	const stream = "deployment/UNHEARD";
	await append(stream, 1);
	const reader = await readerOf(server, stream, 1);
	// As another node writes whose word never arrives.
	await live.database.db.transaction().execute((trx) => createWriter(trx).writer.append(stream, [draft, draft]));
	await reader.until(({ events }) => events.length >= 3);
	await live.database.db.transaction().execute((trx) => createWriter(trx).writer.close(stream));
	await reader.until(({ told }) => told.includes("end 3"));
	expect(seqs(reader)).toEqual(upTo(3));
});
