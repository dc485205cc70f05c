/** Raw watchers, all in one process, so that they cost as little as possible. */
import { setTimeout as delay } from "node:timers/promises";
import { carryOut, clockMs } from "./pinned.ts";
import { type RawWatcher, type Tally, type Target, watchRaw } from "./raw-watcher.ts";

/** One watcher in so many tells how old its events are. */
const samplesEach = 10;
const slowReadEveryMs = 1000;
const slowReadBytes = 1024;

const groups = new Map<string, { watchers: RawWatcher[]; tally: Tally }>();
let measuredFrom = { cpu: process.cpuUsage(), atMs: clockMs() };

interface Connect extends Target {
	group: string;
	count: number;
	/** How many at once. */
	together: number;
}

const groupOf = (name: string) => {
	const group = groups.get(name) ?? { watchers: [], tally: { events: 0, gaps: 0, agesMs: [], lastAtMs: 0 } };
	groups.set(name, group);
	return group;
};

carryOut({
	/** Connects; answers how long each took until the server greeted it, in ms. */
	async connect({ group: name, count, together, ...target }: Connect): Promise<number[]> {
		const { watchers, tally } = groupOf(name);
		const took: number[] = [];
		for (let left = count; left > 0; left -= together) {
			const batch = Array.from({ length: Math.min(together, left) }, (_, n) =>
				watchRaw(target, tally, count < 100 || (watchers.length + n) % samplesEach === 0),
			);
			watchers.push(...batch);
			took.push(...(await Promise.all(batch.map(({ greeted }) => greeted))));
		}
		return took;
	},
	/** From now on the group reads a little a second. */
	slowDown({ group }: { group: string }) {
		for (const { socket } of groupOf(group).watchers) {
			socket.pause();
			const timer = setInterval(() => {
				socket.read(slowReadBytes);
			}, slowReadEveryMs);
			socket.once("close", () => clearInterval(timer));
		}
	},
	begin({ group }: { group: string }) {
		Object.assign(groupOf(group).tally, { events: 0, gaps: 0, agesMs: [], lastAtMs: 0 });
		measuredFrom = { cpu: process.cpuUsage(), atMs: clockMs() };
	},
	/** What the group has received, once it is all there or nothing more comes. `busy` is the load of our core since `begin`. */
	async end({ group, expected }: { group: string; expected: number }): Promise<Tally & { busy: number }> {
		const { user, system } = process.cpuUsage(measuredFrom.cpu);
		const busy = (user + system) / 1000 / (clockMs() - measuredFrom.atMs);
		const { tally } = groupOf(group);
		for (let seen = -1; tally.events < expected && seen !== tally.events; ) {
			seen = tally.events;
			await delay(500);
		}
		return { ...tally, busy };
	},
	close({ group }: { group: string }) {
		for (const { socket, greeted } of groupOf(group).watchers) {
			greeted.catch(() => {});
			socket.destroy();
		}
		groups.delete(group);
	},
});
