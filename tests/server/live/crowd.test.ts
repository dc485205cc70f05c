import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { withinMs } from "#lib/live/backoff.ts";
import { closeCodes, type EventDraft, maxReadBytes, type ServerFrame } from "#lib/protocol/index.ts";
import { comeBackWindow } from "#server/live/hub.ts";
import { liveServers } from "./live-fixture.ts";
import type { LiveServer } from "./live-server.ts";
import { handshake, textFrame } from "./raw-socket.ts";
import { clientOf, createReader, seqs, upTo } from "./reader.ts";

const live = liveServers();
const { start, onEnd } = live;

const draft = (bytes: number): EventDraft => ({ type: "system", content: "x".repeat(bytes), metadata: { message_type: "info" } });
const append = (stream: string, count: number, bytes = 20) =>
	live.database.streams.write((writer) => writer.append(stream, Array<EventDraft>(count).fill(draft(bytes))));

/** A connection, how long it took, and the seqs and the farewell it was told. */
async function enter({ port }: LiveServer, stream: string, user: string) {
	const startedAt = performance.now();
	const socket = new WebSocket(`ws://127.0.0.1:${port}/live/ws`, { headers: { authorization: `Bearer ${user}` } });
	onEnd(() => socket.terminate());
	const told = {
		tookMs: 0,
		seqs: [] as number[],
		bye: null as ServerFrame | null,
		code: once(socket, "close").then(([code]) => code as number),
	};
	const live = Promise.withResolvers<void>();
	socket.on("message", (data) => {
		const frame = JSON.parse(String(data)) as ServerFrame;
		if (frame.t === "hello") told.tookMs = performance.now() - startedAt;
		if (frame.t === "ev") told.seqs.push(...frame.e.map(({ seq }) => seq));
		if (frame.t === "live") live.resolve();
		if (frame.t === "bye") told.bye = frame;
	});
	await once(socket, "open");
	socket.send(JSON.stringify({ t: "sub", id: 1, stream, after: 0 }));
	await live.promise;
	return told;
}

test.each([20, 200])("%i clients at once all get everything (R57, R58)", async (count) => {
	const server = await start();
	const stream = `deployment/CROWD${count}`;
	await append(stream, 3);
	const clients = await Promise.all(Array.from({ length: count }, (_, n) => enter(server, stream, `user${n}`)));
	for (let n = 0; n < 30; n++) await append(stream, 2);
	await expect.poll(() => clients.every((client) => client.seqs.length >= 63), { timeout: 10_000 }).toBe(true);
	for (const client of clients) expect(client.seqs).toEqual(upTo(63));
	if (count === 20) expect(Math.max(...clients.map(({ tookMs }) => tookMs))).toBeLessThan(2000);
});

test("five hundred clients are told to come back one after the other when the server stops", async () => {
	const server = await start();
	const clients = await Promise.all(Array.from({ length: 500 }, (_, n) => enter(server, "deployment/HERD", `user${n}`)));
	await server.hub.drain(5000);
	expect(new Set(await Promise.all(clients.map(({ code }) => code)))).toEqual(new Set([closeCodes.restart]));
	const arrivals = clients.map(({ bye }, n) => {
		expect(bye).toEqual({ t: "bye", code: closeCodes.restart, after: comeBackWindow(500) });
		return withinMs(comeBackWindow(500), () => ((n * 7919) % 500) / 500);
	});
	const busiest = Math.max(...arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + 1000).length));
	expect(busiest).toBeLessThan(server.hub.limits.handshakesPerS * 0.8);
	expect([0, 150, 500, 1_000_000].map(comeBackWindow)).toEqual([
		[250, 1000],
		[250, 1000],
		[250, 7000],
		[250, 30_000],
	]);
});

test("200 readers at 1 KB a second hold back nobody and cost a bounded amount, until they are ended with 4008 (R35)", async () => {
	const readers = 200;
	const highWaterBytes = 64 * 1024;
	const folder = await mkdtemp(join(tmpdir(), "quayside-slow-"));
	onEnd(() => rm(folder, { recursive: true, force: true }));
	const unixPath = join(folder, "live.sock");
	const server = await start({ unixPath, limits: { highWaterBytes, lowWaterBytes: 16 * 1024, maxLagMs: 4000 } });
	const stream = "deployment/SLOWCROWD";
	await append(stream, 1);
	const slow = await Promise.all(Array.from({ length: readers }, (_, n) => readSlowly(unixPath, stream, `slow${n}`)));
	const dripping = setInterval(() => slow.forEach((socket) => void socket.resume()), 1000);
	onEnd(() => clearInterval(dripping));
	await expect.poll(() => server.hub.status().subscriptions, { timeout: 10_000 }).toBe(readers);

	const reader = createReader();
	const quick = clientOf(server.origin, "ann");
	onEnd(() => quick.close());
	quick.subscribe(stream, { epoch: null, after: 0 }, reader.handlers);
	const memory = process.memoryUsage().rss;
	let most = 0;
	let parked = 0;
	for (let written = 0; written < 3500; written += 100) {
		await append(stream, 100, 2800);
		const { bufferedBytes, ...status } = server.hub.status();
		most = Math.max(most, bufferedBytes);
		parked = Math.max(parked, status.parked);
	}
	await reader.until(({ events }) => events.length >= 3501);
	expect(seqs(reader)).toEqual(upTo(3501));
	// The quick one has to say what it has read, too, now and then.
	expect(parked).toBeGreaterThanOrEqual(readers);
	// The mark, and the one frame that went over it.
	expect(most).toBeLessThanOrEqual((readers + 1) * (highWaterBytes + maxReadBytes + 1024));
	expect(process.memoryUsage().rss - memory).toBeLessThan(200 * 1024 * 1024);
	await expect.poll(() => server.hub.status().closed[closeCodes.slow], { timeout: 15_000 }).toBe(readers);
	expect(quick.status().kind).toBe("connected");
}, 60_000);

/** Takes a kilobyte each time it is resumed. */
async function readSlowly(path: string, stream: string, user: string): Promise<Socket> {
	const opened = Promise.withResolvers<void>();
	const socket: Socket = connect({
		path,
		onread: {
			buffer: Buffer.alloc(1024),
			callback: () => {
				opened.resolve();
				return false;
			},
		},
	});
	onEnd(() => socket.destroy());
	socket.on("error", () => {});
	socket.write(handshake(user));
	await opened.promise;
	socket.write(textFrame(JSON.stringify({ t: "sub", id: 1, stream, after: 0 })));
	return socket;
}
