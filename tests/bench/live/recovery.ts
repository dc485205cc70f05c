import { setTimeout as delay } from "node:timers/promises";
import { say, sayDistribution } from "../figures.ts";
import { clockMs, type Pinned, startPinned } from "./pinned.ts";

const cutReaders = 25;
const cutRounds = 3;
const restartReaders = 500;
const endMs = 35_000;
const ids = ["BENCHA", "BENCHB", "BENCHC", "BENCHD", "BENCHE"];
export const streams = ids.map((id) => `deployment/${id}`);

/** A connection is cut while a deployment is active: how long until the real client shows the next event. */
export async function measureCuts(hub: Pinned, port: number, token: string): Promise<void> {
	const readers = await startPinned("reader-process.ts", "client");
	const [stream = ""] = streams;
	const busy = keepActive(hub);
	try {
		await readers.ask("open", { port, token, streams: [stream], count: cutReaders });
		await untilCurrent(readers, hub, [stream], cutReaders);
		const emitting = hub.ask("emit", { stream, perS: 20, forMs: 25_000, bytes: 200 });
		const waitedMs: number[] = [];
		for (let round = 0; round < cutRounds; round++) waitedMs.push(...(await readers.ask<number[]>("cutEach", { withinMs: 2000 })));
		sayDistribution("connection cut in an active deployment → next event", waitedMs, "≤ 5 s, aim 1");
		await readers.ask("close");
		await hub.ask("hush");
		await emitting;
	} finally {
		clearInterval(busy);
		await readers.end();
	}
}

/** The server and its database are restarted under five hundred readers. `restart` answers the new server, on the same port. */
export async function measureRestart(hub: Pinned, port: number, token: string, restart: () => Promise<Pinned>): Promise<Pinned> {
	const readers = await startPinned("reader-process.ts", "client");
	let next: Pinned | null = null;
	let busy = keepActive(hub);
	try {
		await readers.ask("open", { port, token, streams: streams.slice(0, 1), count: restartReaders });
		await untilCurrent(readers, hub, streams.slice(0, 1), restartReaders);
		const beganMs = clockMs();
		clearInterval(busy);
		next = await restart();
		busy = keepActive(next);
		const upMs = clockMs() - beganMs;
		await untilCurrent(readers, next, streams.slice(0, 1), restartReaders);
		const tookS = (clockMs() - beganMs) / 1000;
		const opened = await next.ask<number[]>("opened");
		say(`restart under ${restartReaders} readers: server away`, `${(upMs / 1000).toFixed(1)} s`);
		say("  all have an event written after it, after", `${tookS.toFixed(1)} s`, "≤ 35 s");
		say("  WebSockets in the busiest second (told to come back within 0.25–7.1 s)", String(busiestSecond(opened)), "about 100");
		return next;
	} finally {
		clearInterval(busy);
		await readers.end();
	}
}

/** Writes one more event to each stream and waits until all readers have it. */
export async function untilCurrent(readers: Pinned, hub: Pinned, of: readonly string[], count: number): Promise<void> {
	const heads: Record<string, number> = {};
	for (const stream of of) heads[stream] = await hub.ask<number>("append", { stream, text: "now" });
	const deadline = Date.now() + endMs;
	for (;;) {
		const current = await readers.ask<number>("current", { heads });
		if (current === count) return;
		if (Date.now() > deadline) throw new Error(`only ${current} of ${count} readers are current`);
		await delay(20);
	}
}

/** As deployments at work do it, so that clients take silence for what it is. */
export function keepActive(hub: Pinned): NodeJS.Timeout {
	const say = () => void hub.ask("activity", { ids }).catch(() => {});
	say();
	return setInterval(say, 1000);
}

function busiestSecond(timesMs: readonly number[]): number {
	const sorted = timesMs.toSorted((a, b) => a - b);
	let most = 0;
	let from = 0;
	for (let to = 0; to < sorted.length; to++) {
		while ((sorted[to] ?? 0) - (sorted[from] ?? 0) >= 1000) from++;
		most = Math.max(most, to - from + 1);
	}
	return most;
}
