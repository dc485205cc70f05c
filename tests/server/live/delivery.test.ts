import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LiveClient } from "#lib/live/client.ts";
import type { EventDraft } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "./live-server.ts";
import { clientOf, createReader, seqs, untilStatus, upTo } from "./reader.ts";

let database: TestDatabase;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: Partial<LiveServerOptions> = {}): Promise<LiveServer> {
	const server = await startLiveServer({ streams: database.streams, ...options });
	ends.push(() => server.stop());
	return server;
}

function connect(...args: Parameters<typeof clientOf>): LiveClient {
	const client = clientOf(...args);
	ends.push(() => client.close());
	return client;
}

let streamNumber = 0;
const newStream = () => `deployment/S${++streamNumber}`;
const sentence = (content: string): EventDraft => ({ type: "system", content, metadata: { message_type: "info" } });
const append = (stream: string, count: number) =>
	database.streams.write((writer) =>
		writer.append(
			stream,
			Array.from({ length: count }, (_, index) => sentence(`line ${index}`)),
		),
	);
const fromStart = { epoch: null, after: 0 };

describe("a reader", () => {
	test("gets history, then what happens, in order and once", async () => {
		const server = await start();
		const stream = newStream();
		await append(stream, 450);
		const reader = createReader();
		const client = connect(server.origin, "ann");
		client.subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ events }) => events.length >= 450);
		await append(stream, 3);
		await reader.until(({ events }) => events.length >= 453);
		expect(seqs(reader)).toEqual(upTo(453));
		expect(client.status()).toMatchObject({ kind: "connected", transport: "ws" });
		expect(server.errors).toEqual([]);
	});

	test("of a stream that does not exist yet sees its first event", async () => {
		const server = await start();
		const stream = newStream();
		const reader = createReader();
		const client = connect(server.origin, "ann");
		client.subscribe(stream, fromStart, reader.handlers);
		await untilStatus(client, ({ kind }) => kind === "connected");
		await append(stream, 2);
		await reader.until(({ events }) => events.length >= 2);
		expect(seqs(reader)).toEqual([1, 2]);
	});

	test("is told the end of a closed stream", async () => {
		const server = await start();
		const stream = newStream();
		await append(stream, 2);
		const reader = createReader();
		connect(server.origin, "ann").subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ events }) => events.length >= 2);
		await database.streams.write((writer) => writer.close(stream));
		await reader.until(({ told }) => told.includes("end 2"));
		expect(seqs(reader)).toEqual([1, 2]);
	});

	test("may not read what is another's", async () => {
		const server = await start({ mayRead: (user, stream) => user === "ann" || !stream.startsWith("deployment/") });
		const stream = newStream();
		await append(stream, 1);
		const reader = createReader();
		connect(server.origin, "bob").subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ told }) => told.length > 0);
		expect(reader.told).toEqual(["error not_found"]);
		expect(reader.events).toEqual([]);
	});
});

describe("after a break", () => {
	test("a cut connection goes on where it stood", async () => {
		const server = await start();
		const stream = newStream();
		await append(stream, 5);
		const reader = createReader();
		const client = connect(server.origin, "ann");
		client.subscribe(stream, fromStart, reader.handlers);
		for (let round = 1; round <= 4; round++) {
			await reader.until(({ events }) => events.length >= round * 5);
			server.cut();
			await append(stream, 5);
		}
		await reader.until(({ events }) => events.length >= 25);
		expect(seqs(reader)).toEqual(upTo(25));
	});

	test("a restarted server with the same log goes on where it stood", async () => {
		const first = await start();
		const stream = newStream();
		await append(stream, 5);
		const reader = createReader();
		const client = connect(first.origin, "ann", { timings: { backoffCapMs: 50 } });
		client.subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ events }) => events.length >= 5);
		await first.stop();
		await untilStatus(client, ({ kind }) => kind === "lost");
		await append(stream, 5);
		await start({ port: first.port });
		await reader.until(({ events }) => events.length >= 10);
		await append(stream, 1);
		await reader.until(({ events }) => events.length >= 11);
		expect(seqs(reader)).toEqual(upTo(11));
		expect(reader.told).toEqual([]);
	});
});

describe("where WebSocket does not work", () => {
	test("refused upgrades lead to SSE", async () => {
		const server = await start();
		server.faults.refuseUpgrades = 403;
		const stream = newStream();
		const reader = createReader();
		const client = connect(server.origin, "ann");
		client.subscribe(stream, fromStart, reader.handlers);
		await untilStatus(client, ({ transport }) => transport === "sse");
		await append(stream, 3);
		await reader.until(({ events }) => events.length >= 3);
		expect(seqs(reader)).toEqual([1, 2, 3]);
	});

	test("a socket that says nothing leads to SSE", async () => {
		const server = await start();
		server.faults.silentSockets = true;
		const stream = newStream();
		await append(stream, 1);
		const reader = createReader();
		const client = connect(server.origin, "ann");
		client.subscribe(stream, fromStart, reader.handlers);
		await untilStatus(client, ({ transport }) => transport === "sse");
		await append(stream, 1);
		await reader.until(({ events }) => events.length >= 2);
		expect(seqs(reader)).toEqual([1, 2]);
	});

	test("SSE that says nothing leads to polling", async () => {
		const server = await start();
		server.faults.refuseUpgrades = 403;
		server.faults.muteSse = true;
		const stream = newStream();
		const reader = createReader();
		const client = connect(server.origin, "ann");
		client.subscribe(stream, fromStart, reader.handlers);
		await untilStatus(client, ({ transport }) => transport === "poll");
		await append(stream, 3);
		await reader.until(({ events }) => events.length >= 3);
		expect(seqs(reader)).toEqual([1, 2, 3]);
	});
});
