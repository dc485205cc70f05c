import { setTimeout as delay } from "node:timers/promises";
import { median, percentile, say } from "../figures.ts";
import type { Emission, Emitted } from "./emission.ts";
import { type Memory, type Pinned, startPinned } from "./pinned.ts";
import type { Tally, Wire } from "./raw-watcher.ts";

const watchers = 1000;
const rounds = 5;
const eventBytes = 200;
/** One event a frame everywhere: what one costs. */
const calm = { perS: 40, forMs: 1200, bytes: eventBytes };
/** More than any of them can take: how many get through. */
const flood = { perS: 400, forMs: 1000, bytes: eventBytes };
/** A busier client could not tell the server's limit from its own. */
const greatestBusy = 0.7;
const maxTries = 9;
/** Each has a stream to itself. */
const streamOf = (wire: Wire) => `deployment/BENCHFAN-${wire}`;

export interface Peer {
	wire: Wire;
	server: Pinned;
	port: number;
	token: string;
}

interface Round {
	/** Events delivered in a second, when more are offered than can be. */
	perS: number;
	/** Events delivered for each second of processor time, one event a frame; of the server process, and with its database. */
	perCpuS: number;
	perCpuSWithDatabase: number;
	agesMs: number[];
}

/** Fan-out of one event to a thousand watchers, and what an idle watcher costs, for each peer in turns. */
export async function measureFanOut(peers: readonly Peer[], clients: Pinned): Promise<void> {
	const results = new Map<Wire, Round[]>();
	const memory = new Map<Wire, Memory>();
	for (const peer of peers) {
		memory.set(peer.wire, await measureIdle(peer, clients));
		results.set(peer.wire, []);
	}
	let discarded = 0;
	for (let tries = 0; tries < maxTries && [...results.values()].some((done) => done.length < rounds); tries++) {
		for (const peer of peers) {
			const done = results.get(peer.wire) ?? [];
			if (done.length >= rounds) continue;
			const round = await runRound(peer, clients);
			if (round) done.push(round);
			else discarded++;
		}
	}
	sayResults(results, memory, discarded);
	for (const { wire } of peers) await clients.ask("close", { group: wire });
}

/** Bytes that each idle watcher costs. A first group warms the code up and goes again. */
async function measureIdle({ wire, server, port, token }: Peer, clients: Pinned): Promise<Memory> {
	const target = { wire, port, token, stream: streamOf(wire), together: 100 };
	await clients.ask("connect", { ...target, group: "warm-up", count: 200 });
	await clients.ask("close", { group: "warm-up" });
	await settle(server);
	const before = await settle(server);
	await clients.ask("connect", { ...target, group: wire, count: watchers });
	const after = await settle(server);
	return { heapBytes: (after.heapBytes - before.heapBytes) / watchers, rssBytes: (after.rssBytes - before.rssBytes) / watchers };
}

/** Memory once it does not change any more: what was closed is let go a little later. */
async function settle(server: Pinned): Promise<Memory> {
	let last = await server.ask<Memory>("memory");
	for (let n = 0; n < 4; n++) {
		await delay(150);
		const now = await server.ask<Memory>("memory");
		const change = Math.abs(now.heapBytes - last.heapBytes);
		last = now;
		if (change < 20_000) break;
	}
	return last;
}

/** Null when the client was too busy to tell. */
async function runRound(peer: Peer, clients: Pinned): Promise<Round | null> {
	const calmly = await deliver(peer, clients, calm);
	const flooded = await deliver(peer, clients, flood);
	if (Math.max(calmly.busy, flooded.busy) > greatestBusy) return null;
	const { cpuMs, databaseCpuMs } = calmly.emitted;
	return {
		perS: (flooded.events / (flooded.lastAtMs - flooded.emitted.startMs)) * 1000,
		perCpuS: (calmly.events / cpuMs) * 1000,
		perCpuSWithDatabase: (calmly.events / (cpuMs + databaseCpuMs)) * 1000,
		agesMs: calmly.agesMs,
	};
}

async function deliver({ wire, server }: Peer, clients: Pinned, emission: Emission) {
	await clients.ask("begin", { group: wire });
	const emitted = await server.ask<Emitted>("emit", { stream: streamOf(wire), ...emission });
	const expected = emitted.count * watchers;
	const received = await clients.ask<Tally & { busy: number }>("end", { group: wire, expected });
	if (received.gaps > 0 || received.events !== expected) {
		throw new Error(`${wire}: ${received.events} of ${expected} events came, ${received.gaps} gaps`);
	}
	return { emitted, ...received };
}

function sayResults(results: ReadonlyMap<Wire, Round[]>, memory: ReadonlyMap<Wire, Memory>, discarded: number): void {
	const rate = (wire: Wire, key: "perS" | "perCpuS" | "perCpuSWithDatabase") => {
		const rates = (results.get(wire) ?? []).map((round) => round[key]);
		return rates.length > 0 ? median(rates) : Number.NaN;
	};
	const heap = (wire: Wire) => memory.get(wire)?.heapBytes ?? Number.NaN;
	const rss = (wire: Wire) => memory.get(wire)?.rssBytes ?? Number.NaN;
	console.log(
		`${watchers} watchers, ${eventBytes} B of text; server and its Postgres on one core, client on the other; medians of ${rounds}`,
	);
	for (const wire of results.keys()) {
		say(`${wire}: delivered at ${flood.perS} events/s offered`, `${Math.round(rate(wire, "perS"))}/s`);
		say(`${wire}: delivered for a second of the server's processor`, `${Math.round(rate(wire, "perCpuS"))}/s`);
	}
	say("ours, its Postgres included", `${Math.round(rate("ours", "perCpuSWithDatabase"))}/s`);
	say("delivered, ours ÷ bare ws", ratio(rate("ours", "perS"), rate("ws", "perS")), "≥ 0.7, aim 0.9");
	say("delivered, ours ÷ Socket.IO", ratio(rate("ours", "perS"), rate("socket.io", "perS")), "≥ 1.2, aim 1.5");
	say("delivered, ours over SSE ÷ better-sse", ratio(rate("ours-sse", "perS"), rate("better-sse", "perS")));
	say("for a second of processor, ours ÷ bare ws", ratio(rate("ours", "perCpuS"), rate("ws", "perCpuS")), "one event a frame");
	say("for a second of processor, ours ÷ Socket.IO", ratio(rate("ours", "perCpuS"), rate("socket.io", "perCpuS")), "one event a frame");
	say(
		"for a second of processor, SSE ÷ better-sse",
		ratio(rate("ours-sse", "perCpuS"), rate("better-sse", "perCpuS")),
		"one event a frame",
	);
	say("Centrifuge", "not measured", "no server to be had from npm");
	say("lost; rounds discarded for a busy client", `0; ${discarded}`);
	const agesMs = (results.get("ours") ?? []).flatMap((round) => round.agesMs);
	say(`emit → received, ${watchers} watchers, p99`, `${percentile(agesMs, 0.99).toFixed(1)} ms`, "≤ 150 ms, aim 75");
	for (const wire of memory.keys()) say(`idle watcher, ${wire}: heap and external (RSS)`, `${kb(heap(wire))} (${kb(rss(wire))})`);
	say("idle watcher: ours ÷ bare ws", ratio(heap("ours"), heap("ws")), "≤ 2, aim 1.3");
}

const ratio = (a: number, b: number) => (a / b).toFixed(2);
const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

/** Starts a peer of others. */
export async function startPeer(wire: Exclude<Wire, "ours" | "ours-sse">): Promise<Peer> {
	const server = await startPinned("peer-process.ts", "server", wire);
	return { wire, server, port: await server.ask<number>("port"), token: "none" };
}
