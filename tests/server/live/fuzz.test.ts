import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { ServerFrame } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";

let database: TestDatabase;
let server: LiveServer;
beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({ streams: database.streams });
});
afterAll(async () => {
	await server?.stop();
	await database?.stop();
});

const kind = fc.constantFrom("sub", "unsub", "ack", "ping", "hello", "", null, 7);
const field = fc.oneof(
	fc.string(),
	fc.integer(),
	fc.constant(null),
	fc.double(),
	fc.constant("deployment/A"),
	fc.array(fc.string()),
	fc.object(),
);
const frame = fc.oneof(
	fc
		.record({ t: kind, id: field, stream: field, after: field, n: field, seq: field, epoch: field }, { requiredKeys: [] })
		.map((value) => JSON.stringify(value)),
	fc.json(),
	fc.string({ unit: "binary" }),
);

async function connect(): Promise<WebSocket> {
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/ws`, { headers: { authorization: "Bearer ann" } });
	await once(socket, "open");
	return socket;
}

it("a thousand frames of nonsense close connections in an orderly way and harm nobody (R245)", async () => {
	const frames = fc.sample(frame, { numRuns: 1000, seed: 42 });
	const codes = new Set<number>();
	for (let at = 0; at < frames.length; ) {
		const socket = await connect();
		const closed = once(socket, "close");
		const batch = frames.slice(at, at + 20);
		for (const text of batch) socket.send(text);
		at += batch.length;
		socket.send("the end");
		codes.add((await closed)[0] as number);
	}
	for (const code of codes) expect([1009, 4029, 4505]).toContain(code);
	expect(server.errors).toEqual([]);

	const socket = await connect();
	socket.send(JSON.stringify({ t: "ping", n: 1 }));
	const pong = await new Promise<ServerFrame>((resolve) => {
		socket.on("message", (data) => {
			const said = JSON.parse(String(data)) as ServerFrame;
			if (said.t === "pong") resolve(said);
		});
	});
	expect(pong).toEqual({ t: "pong", n: 1 });
	socket.terminate();
});
