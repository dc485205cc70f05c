import { describe, expect, test } from "vitest";
import type { LiveClient } from "#lib/live/client.ts";
import { liveServers, sentences } from "./live-fixture.ts";
import { type LiveServer, principalOf } from "./live-server.ts";
import { clientOf, createReader, type Reader, seqs, untilStatus, upTo } from "./reader.ts";

const live = liveServers();
const { start, onEnd } = live;

function connect(...args: Parameters<typeof clientOf>): LiveClient {
	const client = clientOf(...args);
	onEnd(() => client.close());
	return client;
}

let streamNumber = 0;
const newStream = () => `deployment/S${++streamNumber}`;
const append = (stream: string, count: number) => live.append(stream, sentences(count));
const fromStart = { epoch: null, after: 0 };

function follow(server: LiveServer, stream: string): { reader: Reader; client: LiveClient } {
	const reader = createReader();
	const client = connect(server.origin, "ann");
	client.subscribe(stream, fromStart, reader.handlers);
	return { reader, client };
}

describe("a reader", () => {
	test("gets history, then what happens, in order and once", async () => {
		const server = await start();
		const stream = newStream();
		await append(stream, 450);
		const { reader, client } = follow(server, stream);
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
		const { reader, client } = follow(server, stream);
		await untilStatus(client, ({ kind }) => kind === "connected");
		await append(stream, 2);
		await reader.until(({ events }) => events.length >= 2);
		expect(seqs(reader)).toEqual([1, 2]);
	});

	test("asks again for a stream that could not be looked up, however often", async () => {
		let failures = 5;
		const [troubled, other] = [newStream(), newStream()];
		const mayRead = (_user: string, stream: string) => {
			if (stream === troubled && failures-- > 0) throw new Error("the database is away");
			return true;
		};
		const server = await start({ mayRead });
		await append(troubled, 2);
		await append(other, 1);
		const readers = [createReader(), createReader()] as const;
		const client = connect(server.origin, "ann");
		client.subscribe(other, fromStart, readers[0].handlers);
		client.subscribe(troubled, fromStart, readers[1].handlers);
		await readers[1].until(({ events }) => events.length >= 2);
		expect(seqs(readers[1])).toEqual([1, 2]);
		expect(seqs(readers[0])).toEqual([1]);
	});

	test("is told the end of a closed stream", async () => {
		const server = await start();
		const stream = newStream();
		await append(stream, 2);
		const { reader } = follow(server, stream);
		await reader.until(({ events }) => events.length >= 2);
		await live.database.streams.write((writer) => writer.close(stream));
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
		const { reader } = follow(server, stream);
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
		const { reader, client } = follow(server, stream);
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
		const { reader, client } = follow(server, stream);
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
		const { reader, client } = follow(server, stream);
		await untilStatus(client, ({ transport }) => transport === "poll");
		await append(stream, 3);
		await reader.until(({ events }) => events.length >= 3);
		expect(seqs(reader)).toEqual([1, 2, 3]);
	});
});

describe("over SSE", () => {
	async function connectOverSse(): Promise<{ server: LiveServer; client: LiveClient }> {
		const server = await start();
		server.faults.refuseUpgrades = 403;
		return { server, client: connect(server.origin, "ann") };
	}

	test("a stream that is added later comes without losing the others", async () => {
		const { server, client } = await connectOverSse();
		const streams = [newStream(), newStream(), newStream()];
		const readers = streams.map(() => createReader());
		client.subscribe(streams[0] ?? "", fromStart, readers[0]?.handlers ?? {});
		await untilStatus(client, ({ transport }) => transport === "sse");
		for (const index of [1, 2]) client.subscribe(streams[index] ?? "", fromStart, readers[index]?.handlers ?? {});
		for (const stream of streams) await append(stream, 4);
		for (const reader of readers) await reader.until(({ events }) => events.length >= 4);
		expect(readers.map(seqs)).toEqual([upTo(4), upTo(4), upTo(4)]);
		await expect.poll(() => server.hub.status().byTransport).toEqual({ ws: 0, sse: 1, poll: 0 });
		expect(client.status().kind).toBe("connected");
	});

	test("WebSocket comes back once it is possible again", async () => {
		const { server, client } = await connectOverSse();
		const stream = newStream();
		const reader = createReader();
		client.subscribe(stream, fromStart, reader.handlers);
		await untilStatus(client, ({ transport }) => transport === "sse");
		server.faults.refuseUpgrades = undefined;
		client.notify("online");
		let written = 0;
		while (client.status().transport !== "ws") {
			await append(stream, 1);
			written++;
			await reader.until(({ events }) => events.length >= written);
		}
		expect(seqs(reader)).toEqual(upTo(written));
		await expect.poll(() => server.hub.status().byTransport).toEqual({ ws: 1, sse: 0, poll: 0 });
	});

	test("it goes on after the server's ordinary end", async () => {
		const server = await start({ limits: { sseMaxAgeMs: 150 } });
		server.faults.refuseUpgrades = 403;
		const stream = newStream();
		const { reader, client } = follow(server, stream);
		await untilStatus(client, ({ transport }) => transport === "sse");
		const seen = new Set<string>();
		for (let written = 1; seen.size < 3; written++) {
			for (const { id } of server.hub.clients()) seen.add(id);
			await append(stream, 1);
			await reader.until(({ events }) => events.length >= written);
		}
		expect(seqs(reader)).toEqual(upTo(reader.events.length));
	});
});

test("no event is lost or doubled while connections are cut and transports come and go", async () => {
	const server = await start();
	const streams = [newStream(), newStream()];
	const readers = streams.map(() => createReader());
	const client = connect(server.origin, "ann", { timings: { provenMs: 30, probesMs: [60], badMs: 100, strikeWindowMs: 200 } });
	for (const [index, stream] of streams.entries()) client.subscribe(stream, fromStart, readers[index]?.handlers ?? {});
	const random = randomOf(7);
	const worlds = [
		["ws", {}],
		["sse", { refuseUpgrades: 502 }],
		["poll", { refuseUpgrades: 502, muteSse: true }],
		["ws", {}],
	] as const;
	let written = 0;
	for (const [transport, faults] of worlds) {
		Object.assign(server.faults, { refuseUpgrades: undefined, muteSse: false, silentSockets: false }, faults);
		server.cut();
		await untilStatus(client, (status) => status.transport === transport);
		for (let round = 0; round < 20; round++) {
			const count = 1 + Math.floor(random() * 5);
			for (const stream of streams) await append(stream, count);
			written += count;
			const dice = random();
			if (dice < 0.3) server.cut();
			else if (dice < 0.4) client.notify("visible");
			else if (dice < 0.8) await readers[0]?.until(({ events }) => events.length >= written);
		}
	}
	for (const [index, stream] of streams.entries()) {
		const { head } = await live.database.streams.read({ stream, epoch: null, after: 0 });
		await readers[index]?.until(({ events }) => events.length >= head);
		expect(seqs(readers[index] ?? createReader())).toEqual(upTo(head));
	}
	expect(readers.map(({ told }) => told)).toEqual([[], []]);
});

describe("the status", () => {
	test("says when the person has switched live delivery off, and nothing comes", async () => {
		const server = await start();
		const stream = newStream();
		const { reader, client } = follow(server, stream);
		await untilStatus(client, ({ kind }) => kind === "connected");
		client.setEnabled(false);
		expect(client.status().kind).toBe("paused");
		await expect.poll(() => server.hub.status().clients).toBe(0);
		await append(stream, 2);
		client.setEnabled(true);
		await reader.until(({ events }) => events.length >= 2);
		expect(seqs(reader)).toEqual([1, 2]);
	});

	test("says that the server cannot be reached, and that it can again", async () => {
		const server = await start();
		server.faults.refuseAll = 502;
		const client = connect(server.origin, "ann", { timings: { backoffMs: 1, backoffCapMs: 5, unreachableAfter: 4 } });
		client.subscribe(newStream(), fromStart, {});
		await untilStatus(client, ({ kind }) => kind === "unreachable");
		server.faults.refuseAll = undefined;
		client.retryNow();
		await untilStatus(client, ({ kind }) => kind === "connected");
	});

	test("says that the login is missing, and tries again when the person is back", async () => {
		let known = false;
		const server = await start({ identify: (token) => (known ? principalOf(token) : null) });
		const client = connect(server.origin, "ann");
		client.subscribe(newStream(), fromStart, {});
		await untilStatus(client, ({ refused }) => refused === "unauthenticated");
		expect(client.status()).toMatchObject({ kind: "unreachable", retryAt: null });
		known = true;
		client.notify("visible");
		await untilStatus(client, ({ kind }) => kind === "connected");
	});

	test("a connection nobody needs any more is let go", async () => {
		const server = await start();
		const client = connect(server.origin, "ann");
		const stop = client.subscribe(newStream(), fromStart, {});
		await untilStatus(client, ({ kind }) => kind === "connected");
		stop();
		await expect.poll(() => server.hub.status().clients).toBe(0);
	});
});

/** Numbers in [0, 1) that are the same every time: a linear congruential generator. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
		return state / 2 ** 32;
	};
}
