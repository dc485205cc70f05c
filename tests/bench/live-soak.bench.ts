import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ms, say } from "./figures.ts";
import { clockMs, type Memory, type Pinned, startPinned } from "./live/pinned.ts";
import { keepActive, streams, untilCurrent } from "./live/recovery.ts";
import { randomFrom } from "./random.ts";

const watchers = 200;
const slowReaders = 20;
const perS = 4;
/** A reader's connection is cut about every two minutes. */
const cutEachS = 1 / 120;
/** Seconds for each fault of a kind; each comes at least once. */
const every = { restart: 60, kill: 60, database: 30 };
const tickMs = 1000;
const settleS = 5;

type Kind = keyof typeof every;
type Counts = Record<Kind | "cut", number>;

/**
 * Two hundred readers of five deployments each, with the client that pages use, for `LIVE_SOAK_S` seconds (180): connections are cut, the
 * server is restarted and killed, Postgres is killed, and some read slowly. The second half goes without ends of the server, so that
 * its memory can be compared. The seed is printed; `LIVE_SOAK_SEED` repeats the choice of faults.
 */
export async function measure(): Promise<void> {
	const seconds = Number(process.env.LIVE_SOAK_S ?? 180);
	const seed = Number(process.env.LIVE_SOAK_SEED ?? Date.now() % 1_000_000);
	const random = randomFrom(seed);
	console.log(`seed ${seed}, ${seconds} s`);
	const home = await mkdtemp(join(tmpdir(), "quayside-bench-"));
	const startHub = (port: number) => startPinned("hub-process.ts", "server", home, String(port));
	const readers = await startPinned("reader-process.ts", "client");
	const clients = await startPinned("watch-process.ts", "client");
	const counts: Counts = { restart: 0, kill: 0, database: 0, cut: 0 };
	let hub = await startHub(0);
	let busy = keepActive(hub);
	let awayMs = 0;
	try {
		const port = await hub.ask<number>("port");
		const token = await hub.ask<string>("token");
		await readers.ask("open", { port, token, streams, count: watchers });
		await untilCurrent(readers, hub, streams, watchers);
		const slow = { wire: "ours", port, token, stream: streams[0], group: "slow", count: slowReaders, together: slowReaders };
		const slowDown = () => clients.ask("connect", slow).then(() => clients.ask("slowDown", { group: "slow" }));
		await readers.ask("begin");
		await slowDown();
		emit(hub);
		const faults = [
			...timesOf("restart", seconds / 2, random),
			...timesOf("kill", seconds / 2, random),
			...timesOf("database", seconds, random),
		].sort((a, b) => a.atS - b.atS);
		const renew = async (signal: NodeJS.Signals) => {
			clearInterval(busy);
			const leftMs = clockMs();
			await hub.end(signal);
			hub = await startHub(port);
			awayMs += clockMs() - leftMs;
			busy = keepActive(hub);
			emit(hub);
			await clients.ask("close", { group: "slow" });
			await slowDown();
		};
		const carryOut: Record<Kind, () => Promise<void>> = {
			restart: () => renew("SIGTERM"),
			kill: () => renew("SIGKILL"),
			database: () => killDatabase(hub),
		};
		const run = async (untilS: number) => {
			while (clockMs() < beganMs + untilS * 1000) {
				await delay(tickMs);
				counts.cut += await cutSome(readers, random);
				for (let next = faults[0]; next && clockMs() > beganMs + next.atS * 1000; next = faults[0]) {
					faults.shift();
					counts[next.kind]++;
					await carryOut[next.kind]();
				}
			}
		};
		const beganMs = clockMs();
		await run(seconds / 2 + settleS);
		const start = await hub.ask<Memory>("memory");
		await run(seconds);
		await hub.ask("hush");
		await untilCurrent(readers, hub, streams, watchers);
		const end = await hub.ask<Memory>("memory");
		await sayWhatCame(readers, hub, counts, end.heapBytes / start.heapBytes);
		say("  the server itself was away, of all the time", `${((100 * awayMs) / (clockMs() - beganMs)).toFixed(2)} %`);
	} finally {
		clearInterval(busy);
		await readers.end();
		await clients.end();
		await hub.end();
		await rm(home, { recursive: true, force: true });
	}
}

/** Events of all streams, for as long as this server lives. */
function emit(hub: Pinned): void {
	for (const stream of streams) void hub.ask("emit", { stream, perS, forMs: 3_600_000, bytes: 200 }).catch(() => {});
}

/** Seeded moments for one kind of fault. */
function timesOf(kind: Kind, withinS: number, random: () => number): { kind: Kind; atS: number }[] {
	return Array.from({ length: Math.max(1, Math.round(withinS / every[kind])) }, () => ({ kind, atS: random() * withinS }));
}

async function cutSome(readers: Pinned, random: () => number): Promise<number> {
	const indexes = Array.from({ length: watchers }, (_, index) => index).filter(() => random() < cutEachS);
	await readers.ask("cut", { indexes });
	return indexes.length;
}

async function killDatabase(hub: Pinned): Promise<void> {
	const pid = await hub.ask<number | null>("databasePid");
	if (pid !== null) process.kill(pid, "SIGKILL");
}

async function sayWhatCame(readers: Pinned, hub: Pinned, counts: Counts, heapRatio: number): Promise<void> {
	const tally = await readers.ask<{
		received: number;
		doubled: number;
		skipped: number;
		largestGapMs: number;
		shares: Record<"ws" | "sse" | "poll" | "none", number>;
	}>("tally");
	const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
	const emitted = (await hub.ask<number>("written", { streams })) * watchers;
	say(
		"connections cut; server restarts, kills of it, kills of Postgres",
		`${counts.cut}; ${counts.restart}, ${counts.kill}, ${counts.database}`,
	);
	say(`delivered ÷ emitted, ${watchers} readers × ${streams.length} streams`, `${tally.received} ÷ ${emitted}`, "100 %");
	say("  share", `${((100 * tally.received) / emitted).toFixed(3)} %`, "≥ 99.5 %, aim 100 %");
	say("handed over twice; with others left out before them", `${tally.doubled}; ${tally.skipped}`, "0; 0");
	say("largest gap between two events of a reader", ms(tally.largestGapMs));
	const { ws, sse, poll, none } = tally.shares;
	say("connected by WebSocket, mean of the readers", percent(ws), "> 95 %");
	say("  by SSE, by poll, not at all", [sse, poll, none].map(percent).join(", "));
	say("heap of the server after a collection, end ÷ start", heapRatio.toFixed(2), "≤ 1.2");
}
