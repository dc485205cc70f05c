import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { ServerFrame } from "#lib/protocol/index.ts";
import type { Streams } from "#server/streams/streams.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { startLiveServer } from "./live-server.ts";

const cycles = 1000;
const together = 25;

let database: TestDatabase;
beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());

/** Connects, subscribes, waits until it is up to date, and goes: with a close, or without a word. */
async function comeAndGo(port: number, n: number): Promise<void> {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/live/ws`, { headers: { authorization: "Bearer ann" } });
	socket.once("open", () => socket.send(JSON.stringify({ t: "sub", id: 1, stream: `deployment/CYCLE${n % 7}`, after: 0 })));
	await new Promise<void>((resolve, reject) => {
		socket.once("error", reject);
		socket.on("message", (data) => {
			if ((JSON.parse(String(data)) as ServerFrame).t === "live") resolve();
		});
	});
	const closed = new Promise((resolve) => socket.once("close", resolve));
	if (n % 2 === 0) socket.close();
	else socket.terminate();
	await closed;
}

test("a thousand connections that come and go leave nothing behind (R66)", async () => {
	let watched: () => Iterable<string> = () => [];
	const streams: Streams = {
		...database.streams,
		onGrowth(listener, names = () => []) {
			watched = names;
			return database.streams.onGrowth(listener, names);
		},
	};
	const server = await startLiveServer({ streams, limits: { handshakeBurst: cycles } });
	for (let n = 0; n < cycles; n += together)
		await Promise.all(Array.from({ length: together }, (_, index) => comeAndGo(server.port, n + index)));
	await expect.poll(() => server.hub.status().clients).toBe(0);
	expect(server.hub.status()).toMatchObject({ subscriptions: 0, bufferedBytes: 0, pendingMessages: 0 });
	expect([...watched()]).toEqual([]);
	expect(server.errors).toEqual([]);
	await server.stop();
});
