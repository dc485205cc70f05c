import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { closeCodes, type EventDraft, lostCode, type ServerFrame } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";
import { clientOf, createReader, seqs, untilStatus, upTo } from "./reader.ts";

const highWaterBytes = 256 * 1024;
const maxFrameBytes = 64 * 1024 + 1024;

let database: TestDatabase;
beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());

const events = 4000;
const bytesEach = 3000;
const draft: EventDraft = { type: "system", content: "x".repeat(bytesEach), metadata: { message_type: "info" } };

async function fill(stream: string): Promise<void> {
	for (let count = 0; count < events; count += 500) await database.streams.write((writer) => writer.append(stream, Array(500).fill(draft)));
}

/** Speaks WebSocket over a TCP connection that the test can stop reading. */
async function subscribeSlowly(server: LiveServer, stream: string): Promise<{ socket: WebSocket; seqs: number[] }> {
	const tcp = connect(server.port, "127.0.0.1");
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/ws`, {
		headers: { authorization: "Bearer ann" },
		createConnection: () => tcp,
	});
	const seqs: number[] = [];
	socket.on("message", (data) => {
		const frame = JSON.parse(String(data)) as ServerFrame;
		if (frame.t === "ev") seqs.push(...frame.e.map(({ seq }) => seq));
	});
	await new Promise((resolve) => socket.once("open", resolve));
	socket.pause();
	socket.send(JSON.stringify({ t: "sub", id: 1, stream, after: 0 }));
	return { socket, seqs };
}

test("a reader that stops reading costs a bounded amount, and gets everything once it reads again", async () => {
	const server = await startLiveServer({ streams: database.streams, limits: { highWaterBytes, lowWaterBytes: 16 * 1024 } });
	const { socket, seqs } = await subscribeSlowly(server, "deployment/SLOW1");
	let most = 0;
	const watch = setInterval(() => {
		most = Math.max(most, server.hub.clients()[0]?.bufferedBytes ?? 0);
	}, 1);
	await fill("deployment/SLOW1");
	await expect.poll(() => most, { timeout: 10_000 }).toBeGreaterThan(highWaterBytes);
	expect(most).toBeLessThan(highWaterBytes + 2 * maxFrameBytes);
	socket.resume();
	await expect.poll(() => seqs.length, { timeout: 15_000 }).toBe(events);
	clearInterval(watch);
	expect(most).toBeLessThan(highWaterBytes + 2 * maxFrameBytes);
	expect(seqs).toEqual(Array.from({ length: events }, (_, index) => index + 1));
	socket.terminate();
	await server.stop();
});

test("a reader that lags for too long is ended with 4008", async () => {
	const server = await startLiveServer({ streams: database.streams, limits: { highWaterBytes, maxLagMs: 50 } });
	const closed: number[] = [];
	const { socket } = await subscribeSlowly(server, "deployment/SLOW2");
	socket.once("close", (code) => closed.push(code));
	await fill("deployment/SLOW2");
	await expect.poll(() => server.hub.status().clients, { timeout: 10_000 }).toBe(0);
	socket.resume();
	await expect.poll(() => closed, { timeout: 5000 }).not.toEqual([]);
	// Who stood still for longer than the server waits for the goodbye finds the line cut.
	expect([closeCodes.slow, lostCode]).toContain(closed[0]);
	expect(server.hub.status().closed).toEqual({ [closeCodes.slow]: 1 });
	await server.stop();
});

test("a reader that has stopped reading makes no run take longer, and the others get everything (R35)", async () => {
	const server = await startLiveServer({ streams: database.streams, limits: { highWaterBytes } });
	const alone = await runWatched(server, "deployment/SLOW3");
	const { socket } = await subscribeSlowly(server, "deployment/SLOW4");
	await expect.poll(() => server.hub.status().subscriptions, { timeout: 10_000 }).toBe(1);
	const beside = await runWatched(server, "deployment/SLOW4");
	expect(server.hub.status().parked).toBeGreaterThanOrEqual(1);
	// Loosely: what else runs on this machine takes its time from one of the two. A run that waited for the reader would never end.
	expect(beside).toBeLessThan(2 * alone + 1000);
	socket.terminate();
	await server.stop();
});

/** How long it takes to write a run, in milliseconds; a reader that reads has all of it soon after. */
async function runWatched(server: LiveServer, stream: string): Promise<number> {
	const client = clientOf(server.origin, "bob");
	const reader = createReader();
	client.subscribe(stream, { epoch: null, after: 0 }, reader.handlers);
	await untilStatus(client, ({ kind }) => kind === "connected");
	const startedAt = performance.now();
	await fill(stream);
	const tookMs = performance.now() - startedAt;
	await reader.until(({ events: told }) => told.length >= events);
	expect(seqs(reader)).toEqual(upTo(events));
	client.close();
	return tookMs;
}
