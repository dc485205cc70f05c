import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { commandOf, startPlatform } from "../support/platform.ts";
import { median, say } from "./figures.ts";

const settleMs = 20_000;
const windows = 6;
const windowMs = 5_000;
/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const ticksPerS = 100;

/** Memory (PSS) and processor time of `npm start` and everything below it, with nobody watching and nothing to do. */
export async function measure(): Promise<void> {
	const platform = await startPlatform({ command: ["npm", "start", "--silent"] });
	try {
		await delay(settleMs);
		const memoryMb: number[] = [];
		const cpuPercent: number[] = [];
		for (let n = 0; n < windows; n++) {
			const before = await ticksOf(await treeOf(platform.pid));
			await delay(windowMs);
			const tree = await treeOf(platform.pid);
			cpuPercent.push((((await ticksOf(tree)) - before) / ticksPerS / (windowMs / 1000)) * 100);
			memoryMb.push(await pssMbOf(tree));
		}
		for (const pid of await treeOf(platform.pid))
			say(`  ${(await commandOf(pid)).slice(0, 50)}`, `${(await pssMbOf([pid])).toFixed(0)} MB`);
		say(`all processes, PSS, median of ${windows}`, `${median(memoryMb).toFixed(0)} MB`, "≤ 300 MB");
		say(`all processes, processor, median of ${windows}`, `${median(cpuPercent).toFixed(2)} %`, "≤ 1 % of a core");
	} finally {
		await platform.stop();
	}
}

async function treeOf(root: number): Promise<number[]> {
	const parents = new Map<number, number>();
	for (const entry of await readdir("/proc")) {
		if (!/^\d+$/.test(entry)) continue;
		const fields = await statOf(Number(entry));
		if (fields) parents.set(Number(entry), Number(fields[1]));
	}
	const tree = [root];
	for (const parent of tree) for (const [pid, its] of parents) if (its === parent) tree.push(pid);
	return tree;
}

/** Fields of /proc/<pid>/stat from the third (state) on; the name before them may hold spaces. */
async function statOf(pid: number): Promise<string[] | null> {
	const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
	return text === null ? null : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

async function ticksOf(pids: readonly number[]): Promise<number> {
	let ticks = 0;
	for (const pid of pids) {
		const fields = await statOf(pid);
		ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
	}
	return ticks;
}

async function pssMbOf(pids: readonly number[]): Promise<number> {
	let kb = 0;
	for (const pid of pids) {
		const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => "");
		kb += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
	}
	return kb / 1024;
}
