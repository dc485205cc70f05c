import { percentile, say, sayDistribution } from "../figures.ts";
import type { Emitted } from "./emission.ts";
import type { Peer } from "./fan-out.ts";
import type { Pinned } from "./pinned.ts";
import type { Tally } from "./raw-watcher.ts";

const few = 20;
const rounds = 5;
const handshakes = 200;
const slowReaders = 200;
const chunkBytes = 8000;
/** 10 MB in all. */
const bulk = { perS: 125, forMs: 10_000, bytes: chunkBytes };

/** Age of an event, its commit included, for as many watchers as a team has. */
export async function measureFew({ server, port, token }: Peer, clients: Pinned): Promise<void> {
	const stream = "deployment/BENCHFEW";
	await clients.ask("connect", { wire: "ours", port, token, stream, group: "few", count: few, together: few });
	const agesMs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		await clients.ask("begin", { group: "few" });
		const { count } = await server.ask<Emitted>("emit", { stream, perS: 50, forMs: 1000, bytes: 200 });
		agesMs.push(...(await clients.ask<Tally>("end", { group: "few", expected: count * few })).agesMs);
	}
	await clients.ask("close", { group: "few" });
	sayDistribution(`emit → received, ${few} watchers`, agesMs, "≤ 20 ms, aim 10");
}

/** From the first packet to the server's greeting, the token looked up in between. */
export async function measureHandshakes({ port, token }: Peer, clients: Pinned): Promise<void> {
	const tookMs: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const target = { wire: "ours", port, token, stream: "deployment/BENCHHELLO", group: "hello" };
		tookMs.push(...(await clients.ask<number[]>("connect", { ...target, count: handshakes, together: handshakes })));
		await clients.ask("close", { group: "hello" });
	}
	say(`connect → hello, ${handshakes} at once, p99 of ${tookMs.length}`, `${percentile(tookMs, 0.99).toFixed(0)} ms`, "≤ 2 s, aim 0.5");
}

/** Ten megabytes to twenty watchers, without and with two hundred who read 1 KB a second. */
export async function measureSlowReaders({ server, port, token }: Peer, clients: Pinned): Promise<void> {
	const p95: number[] = [];
	const grown: number[] = [];
	for (const slow of [0, slowReaders]) {
		const target = { wire: "ours", port, token, stream: `deployment/BENCHSLOW${slow}` };
		await clients.ask("connect", { ...target, group: "quick", count: few, together: few });
		if (slow > 0) {
			await clients.ask("connect", { ...target, group: "slow", count: slow, together: 100 });
			await clients.ask("slowDown", { group: "slow" });
		}
		const before = await server.ask<{ rssBytes: number }>("memory");
		await clients.ask("begin", { group: "quick" });
		const { count, peakRssBytes } = await server.ask<Emitted>("emit", { ...bulk, stream: target.stream });
		const { agesMs, events } = await clients.ask<Tally>("end", { group: "quick", expected: count * few });
		if (events !== count * few) throw new Error(`${events} events came instead of ${count * few}`);
		p95.push(percentile(agesMs, 0.95));
		grown.push((peakRssBytes - before.rssBytes) / 1e6);
		await clients.ask("close", { group: "quick" });
		await clients.ask("close", { group: "slow" });
	}
	const [alone = 0, among = 0] = p95;
	say(`10 MB to ${few} watchers, p95: alone, with ${slowReaders} slow readers`, `${alone.toFixed(1)}, ${among.toFixed(1)} ms`);
	say("  with slow readers ÷ alone", (among / alone).toFixed(2), "≤ 1.1 (unchanged)");
	say("  server's memory meanwhile, more than before (RSS)", grown.map((mb) => `${mb.toFixed(0)} MB`).join(", "), "bounded");
}
