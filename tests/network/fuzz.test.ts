import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StreamEvent } from "#lib/protocol/index.ts";
import { type LiveServer, startLiveServer } from "#tests/server/live/live-server.ts";
import { clientOf } from "#tests/server/live/reader.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type Fault, type FaultRelay, startFaultRelay } from "#tests/support/fault-relay.ts";
import { limitsAt, timingsAt } from "./scale.ts";
import { checksumOf, logOf, story } from "./story.ts";
import { printLine } from "./table.ts";

const total = 10_000;
const seed = Number(process.env.NETWORK_SEED ?? 20_261_126);
/** Everything happens forty times as fast as in a browser, the faults as well. */
const scale = 40;
const kinds: readonly Fault["do"][] = ["deny", "dribble", "hang", "pass", "refuse", "reset", "swallow"];

let database: TestDatabase;
let server: LiveServer;
let relay: FaultRelay;

beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({ streams: database.streams, limits: limitsAt(scale) });
	relay = await startFaultRelay(server.port);
});
afterAll(async () => {
	await relay?.stop();
	await server?.stop();
	await database?.stop();
});

/** Mulberry32: numbers in [0, 1) that are the same every time. */
function randomOf(start: number): () => number {
	let state = start;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** Two connections in three meet with something. */
function anyFaults(random: () => number): Fault[] {
	const ms = Math.floor(random() * 400);
	const direction = (["both", "up", "down"] as const)[Math.floor(random() * 3)] ?? "both";
	return [
		{ do: "refuse" },
		{ do: "deny", status: [403, 404, 502, 503][Math.floor(random() * 4)] ?? 502 },
		{ do: "hang" },
		{ do: "reset", afterMs: ms },
		{ do: "swallow", after: "headers", direction },
		{ do: "swallow", after: "hello", direction },
		{ do: "swallow", after: ms, direction },
		{ do: "dribble" },
		...Array<Fault>(4).fill({ do: "pass" }),
	];
}

/** The next of a shuffled pack, and a new pack when it is empty: however few connections there are, each fault has its turn. */
function packOf(random: () => number): () => Fault {
	let pack: Fault[] = [];
	return () => {
		if (pack.length === 0) pack = anyFaults(random);
		return pack.splice(Math.floor(random() * pack.length), 1)[0] ?? { do: "pass" };
	};
}

test("10,000 events through a network that does anything to any connection: the checksum of the log", { timeout: 120_000 }, async () => {
	const random = randomOf(seed);
	const met = new Set<string>();
	const nextFault = packOf(random);
	relay.rule = () => {
		const fault = nextFault();
		met.add(fault.do);
		return fault;
	};
	const stream = "deployment/FUZZ";
	const received: StreamEvent[] = [];
	const resets: string[] = [];
	const client = clientOf(relay.origin, "ann", { random, timings: { ...timingsAt(scale), badMs: 500, unreachableAfter: 1000 } });
	client.subscribe(
		stream,
		{ epoch: null, after: 0 },
		{ onEvents: (events) => received.push(...events), onReset: (reason) => resets.push(reason) },
	);
	for (let written = 0; written < total; ) {
		const count = Math.min(total - written, 1 + Math.floor(random() * 60));
		await database.streams.write((writer) =>
			writer.append(
				stream,
				Array.from({ length: count }, (_, index) => story.lines(written + index + 1, 1)),
			),
		);
		written += count;
		if (random() < 0.05) relay.strike(random() < 0.5 ? "reset" : "silence");
		await delay(random() * 20);
	}
	// What connected seldom meets the rest now.
	while (met.size < kinds.length) {
		relay.strike("reset");
		await delay(random() * 200);
	}
	// The network stays as it is until everything has come through.
	await expect.poll(() => received.length, { timeout: 60_000, message: `seed ${seed}` }).toBeGreaterThanOrEqual(total);
	client.close();
	const log = await logOf(database.streams, stream);
	expect(log).toHaveLength(total);
	expect(checksumOf(received), `seed ${seed}`).toBe(checksumOf(log));
	expect(resets).toEqual([]);
	expect([...met].sort()).toEqual(kinds);
	printLine(`seed ${seed}: ${JSON.stringify(relay.seen)} connections, ${received.length} of ${total} events, once each and in order`);
});
