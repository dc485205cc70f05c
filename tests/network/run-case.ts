import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { LiveClient } from "#lib/live/client.ts";
import type { TransportKind } from "#lib/live/transports/transport.ts";
import type { StreamEvent } from "#lib/protocol/index.ts";
import { type LiveServer, startLiveServer } from "#tests/server/live/live-server.ts";
import { clientOf } from "#tests/server/live/reader.ts";
import type { TestDatabase } from "#tests/support/database.ts";
import { type Fault, type FaultRelay, startFaultRelay } from "#tests/support/fault-relay.ts";
import type { Faults, NetworkCase } from "./cases.ts";
import { proxies } from "./proxies.ts";
import { startProxy } from "./proxy.ts";
import { limitsAt, quick, timingsAt } from "./scale.ts";
import { checksumOf, logOf, screenOf, story } from "./story.ts";

/** What became of one case. Times are as measured; those of shrunk cases stand for `scale` times as much at most. */
export interface Outcome {
	name: string;
	scale: number;
	/** Subscription → first event. */
	firstMs: number;
	/** The event that came latest after it was committed. */
	latestMs: number;
	/** Strike → next event that was written after it, each. */
	recoveriesMs: number[];
	/** Transports in the order in which they carried the page. */
	transports: TransportKind[];
	/** Times the connection was lost. */
	losses: number;
	written: number;
	delivered: number;
	/** What is not as it has to be; empty when all is well. */
	problems: string[];
}

export interface Network {
	run(testCase: NetworkCase): Promise<Outcome>;
	stop(): Promise<void>;
}

const beatMs = 100;
let caseNumber = 0;

/** One log and two real servers, with shrunk and with real timings, for any number of cases at the same time. */
export async function startNetwork(database: TestDatabase): Promise<Network> {
	const servers = new Map<number, LiveServer>();
	for (const scale of [1, quick])
		servers.set(scale, await startLiveServer({ streams: database.streams, limits: scale === 1 ? realLimits : limitsAt(scale) }));
	return {
		async run(testCase) {
			const scale = testCase.scale ?? quick;
			const server = servers.get(scale);
			if (!server) throw new Error("no server");
			const watch = async () => {
				const way = await openWay(testCase, server.port, scale);
				try {
					return await watchThrough(testCase, { database, way, scale });
				} finally {
					await way.stop();
				}
			};
			return merge(await Promise.all(Array.from({ length: testCase.strikes?.watchers ?? 1 }, watch)));
		},
		async stop() {
			for (const server of servers.values()) await server.stop();
		},
	};
}

const realLimits = limitsAt(1);

/** Several watchers as one: the worst of each figure, and everything that is wrong. */
function merge(outcomes: readonly Outcome[]): Outcome {
	const [first] = outcomes;
	if (!first) throw new Error("nobody watched");
	const sum = (figure: "losses" | "written" | "delivered") => outcomes.reduce((total, one) => total + one[figure], 0);
	return {
		...first,
		firstMs: Math.max(...outcomes.map(({ firstMs }) => firstMs)),
		latestMs: Math.max(...outcomes.map(({ latestMs }) => latestMs)),
		recoveriesMs: outcomes.flatMap(({ recoveriesMs }) => recoveriesMs),
		losses: sum("losses"),
		written: sum("written"),
		delivered: sum("delivered"),
		problems: outcomes.flatMap(({ problems }) => problems),
	};
}

export interface Way {
	origin: string;
	relay: FaultRelay | null;
	stop(): Promise<void>;
}

/** Starts what stands between a client and the server at `port`. */
export async function openWay({ way }: Pick<NetworkCase, "way">, port: number, scale: number): Promise<Way> {
	if ("proxy" in way) return { ...(await startProxy(proxies[way.proxy], port)), relay: null };
	const relay = await startFaultRelay(port, ruleOf(way.relay, scale));
	return { origin: relay.origin, relay, stop: () => relay.stop() };
}

/** The rule that does the same to every connection of a kind. */
function ruleOf(faults: Faults, scale: number): FaultRelay["rule"] {
	return (kind) => shrink(faults[kind] ?? { do: "pass" }, scale);
}

function shrink(fault: Fault, scale: number): Fault {
	if (fault.do === "reset") return { ...fault, afterMs: fault.afterMs / scale };
	if (fault.do === "swallow" && typeof fault.after === "number") return { ...fault, after: fault.after / scale };
	return fault;
}

/** Writes a deployment's events while the real client follows them through the network, to the end. */
async function watchThrough(
	testCase: NetworkCase,
	{ database, way, scale }: { database: TestDatabase; way: Way; scale: number },
): Promise<Outcome> {
	const { streams } = database;
	const id = `N${++caseNumber}`;
	const stream = `deployment/${id}`;
	const { name, settles, orElse = settles, later, strikes, quietMs = 0 } = testCase;
	const timings = timingsAt(scale);
	const problems: string[] = [];
	const committedAt = new Map<number, number>();
	const received: StreamEvent[] = [];
	const transports: TransportKind[] = [];
	const recoveriesMs: number[] = [];
	let struckAt: number | null = null;
	let losses = 0;
	let connects = 0;
	let firstMs = Number.NaN;
	let latestMs = 0;
	let line = 1;
	let ended = false;

	const append = async (...drafts: Parameters<Parameters<Parameters<typeof streams.write>[0]>[0]["append"]>[1]) => {
		const events = await streams.write((writer) => writer.append(stream, drafts));
		for (const { seq } of events) committedAt.set(seq, performance.now());
	};
	const beActive = () => {
		const at = new Date().toISOString();
		streams.activity.set({
			deployment_id: id,
			stage: "build",
			agent_name: "Developer",
			awaiting: "the build",
			since: at,
			last_output_at: at,
			ahead: null,
			at,
		});
	};
	const beat = async () => {
		const count = 1 + (line % 3);
		await append(story.lines(line, count), story.progress(Math.min(99, Math.floor(line / 10))));
		line += count;
		beActive();
		await delay(testCase.sparse ? 5000 / scale : beatMs);
	};

	await append(...story.opening(id), ...Array.from({ length: testCase.sparse ? 0 : 40 }, () => story.lines(line++, 1)));
	committedAt.clear();
	beActive();

	const startedAt = performance.now();
	const client: LiveClient = clientOf(way.origin, id, { timings });
	let wasConnected = false;
	client.onStatus(({ kind, transport }) => {
		if (wasConnected && kind !== "connected" && !ended) losses++;
		if (!wasConnected && kind === "connected") connects++;
		wasConnected = kind === "connected";
		if (transport && transports.at(-1) !== transport) transports.push(transport);
	});
	client.subscribe(
		stream,
		{ epoch: null, after: 0 },
		{
			onEvents(events) {
				const now = performance.now();
				if (received.length === 0) firstMs = now - startedAt;
				received.push(...events);
				for (const { seq } of events) {
					const at = committedAt.get(seq);
					if (at === undefined) continue;
					latestMs = Math.max(latestMs, now - at);
					if (struckAt === null || at < struckAt) continue;
					recoveriesMs.push(now - struckAt);
					struckAt = null;
				}
			},
			onReset: (reason) => problems.push(`told of a reset: ${reason}`),
			onError: (code) => problems.push(`told of an error: ${code}`),
			onEnd: () => {
				ended = true;
			},
		},
	);

	const isSettled = () => {
		const { kind, transport } = client.status();
		return kind === "connected" && (transport === settles || transport === orElse);
	};
	const beatUntil = async (what: string, done: () => boolean, withinMs: number) => {
		const deadline = performance.now() + withinMs / scale;
		while (!done() && performance.now() < deadline) await beat();
		if (!done()) problems.push(`${what} took more than ${withinMs} ms`);
	};
	const elapsed = () => (performance.now() - startedAt) * scale;

	if (later) {
		await beatUntil("the time before the change", () => elapsed() >= later.atMs, later.atMs * 2);
		if (way.relay) way.relay.rule = ruleOf(later.relay, scale);
		await beatUntil(`coming back to ${settles}`, isSettled, later.settlesWithinMs);
	}
	for (let struck = 0; struck < (strikes?.times ?? 0); struck++) {
		await beatUntil(`settling on ${settles}`, isSettled, 60_000);
		const struckFrom = performance.now() + timings.provenMs * 1.1;
		await beatUntil("the time until it is proven", () => performance.now() >= struckFrom, 60_000);
		struckAt = performance.now();
		way.relay?.strike(strikes?.how ?? "reset");
		await beatUntil("the next event after a strike", () => struckAt === null, 60_000);
	}
	const lastsMs = testCase.lastsMs ?? (strikes ? 0 : 20_000);
	await beatUntil(`settling on ${settles}`, () => elapsed() >= lastsMs && isSettled(), lastsMs + 120_000);
	if (quietMs > 0) {
		streams.activity.clear(id);
		const before = losses;
		await delay(quietMs / scale);
		if (testCase.steady && losses > before) problems.push("lost the connection while it was quiet");
		await beat();
	}
	const transport = client.status().transport;
	await append(...story.ending());
	await streams.write((writer) => writer.close(stream));
	streams.activity.clear(id);
	const deadline = performance.now() + 40_000 / scale + 2000;
	while (!ended && performance.now() < deadline) await delay(20);
	client.close();

	const log = await logOf(streams, stream);
	if (!ended) problems.push("the end of the stream was never told");
	if (checksumOf(received) !== checksumOf(log)) problems.push(`events differ from the log: ${seqs(received)} against ${seqs(log)}`);
	if (!isDeepStrictEqual(screenOf(id, received), screenOf(id, log))) problems.push("the screen differs from the log");
	if (transport !== settles && transport !== orElse) problems.push(`ended on ${transport}, not ${settles}`);
	if (testCase.steady && (losses > 0 || transports.length > 1)) problems.push(`not steady: ${losses} losses, ${transports.join(" → ")}`);
	if (connects - 1 < (testCase.connectsAgain ?? 0)) problems.push(`connected ${connects} times only`);
	if (testCase.never && transports.includes(testCase.never)) problems.push(`was on ${testCase.never}`);
	return { name, scale, firstMs, latestMs, recoveriesMs, transports, losses, written: log.length, delivered: received.length, problems };
}

/** `1-40 42 45-50`. */
function seqs(events: readonly StreamEvent[]): string {
	const runs: [number, number][] = [];
	for (const { seq } of events) {
		const last = runs.at(-1);
		if (last && last[1] === seq - 1) last[1] = seq;
		else runs.push([seq, seq]);
	}
	return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(" ");
}
