import { once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { clientFrameSchema, type ServerFrame } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, startLiveServer } from "./live-server.ts";

let database: TestDatabase;
let server: LiveServer;
beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({
		streams: database.streams,
		limits: { handshakesPerS: 1e6, handshakeBurst: 1e6, maxPendingMessages: 1000, maxMessagesPer10S: 1e6 },
	});
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

/** Frames that the server takes, with fields at the edges, told apart by a number; few are `sub`, which is answered from the database. */
function strangeFrame(n: number): string {
	const pick = <T>(values: readonly T[], step: number): T => values[Math.floor(n / step) % values.length] as T;
	const t = n % 20 === 0 ? "sub" : pick(["ack", "ping", "unsub"], 1);
	const stream = pick(["deployment/A", "deployment/\0", "user/ann", "x", "💥", "a".repeat(200), "../..", `deployment/${n % 997}`], 3);
	const seq = pick([0, 1, n, Number.MAX_SAFE_INTEGER, 2 ** 31, 200], 7);
	return JSON.stringify({ t, id: seq, stream, after: seq, seq, n: seq, epoch: pick([null, "", "another", undefined], 11), [stream]: n });
}

it("a hundred thousand frames leave nothing behind", async () => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	const heap = () => {
		collect();
		return process.memoryUsage().heapUsed;
	};
	const nonsense = fc.sample(frame, { numRuns: 2000, seed: 7 }).filter((text) => !takes(text));
	const sense = Array.from({ length: 4000 }, (_, n) => strangeFrame(n)).filter(takes);
	const codes = new Set<number>();
	let sent = 0;
	async function batch(): Promise<void> {
		const socket = await connect();
		const closed = once(socket, "close");
		const answered = new Promise<void>((resolve) => {
			socket.on("message", (data) => {
				if (String(data) === '{"t":"pong","n":424242}') resolve();
			});
		});
		for (let count = 0; count < 198; count++) socket.send(sense[sent++ % sense.length] ?? "");
		// It answers in order: now all of them were carried out.
		socket.send('{"t":"ping","n":424242}');
		await Promise.race([answered, closed.then(([code]) => Promise.reject(new Error(`closed with ${code} before it answered`)))]);
		socket.send(nonsense[sent % nonsense.length] ?? "");
		codes.add((await closed)[0] as number);
		sent += 2;
	}
	for (let count = 0; count < 50; count++) await batch();
	const before = heap();
	while (sent < 100_000) await batch();
	expect(heap() - before).toBeLessThan(10 * 1024 * 1024);
	for (const code of codes) expect([1009, 4505]).toContain(code);
	expect(server.hub.status()).toMatchObject({ clients: 0, subscriptions: 0, pendingMessages: 0, bufferedBytes: 0 });
	expect(server.errors).toEqual([]);
}, 60_000);

function takes(text: string): boolean {
	try {
		return clientFrameSchema.safeParse(JSON.parse(text)).success;
	} catch {
		return false;
	}
}
