import { readdir, readFile, readlink, stat } from "node:fs/promises";

/** One process of this machine. A pid alone is not enough: the kernel gives it out again. */
export interface ProcessEntry {
	pid: number;
	parent: number;
	/** Clock ticks since the machine started. */
	startTime: string;
	threads: number;
}

/** Reads one process; null when it is gone, a zombie, or this is not Linux. */
export async function readProcess(pid: number): Promise<ProcessEntry | null> {
	const text = await readText(`/proc/${pid}/stat`);
	// The name in brackets may hold anything, brackets and blanks too.
	const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
	const [state, parent] = fields;
	const [threads, , startTime] = fields.slice(17);
	if (!state || !parent || !threads || !startTime) return null;
	// A process whose first thread has ended looks like a zombie while its other threads go on.
	if ((state === "Z" && Number(threads) < 2) || state === "X") return null;
	return { pid, parent: Number(parent), startTime, threads: Number(threads) };
}

/** Pids of this machine that are visible here; empty where there is no /proc. */
export async function listPids(): Promise<number[]> {
	const names = await readdir("/proc").catch(() => []);
	return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Name of a process's pid namespace ("pid:[4026531836]"); null when it is gone or somebody else's. */
export async function pidNamespace(pid: number | "self"): Promise<string | null> {
	return readlink(`/proc/${pid}/ns/pid`).catch(() => null);
}

/** Pid of a process as it is seen one namespace down; null when it is not in one. */
export async function innerPid(pid: number): Promise<number | null> {
	const numbers = /^NSpid:\s+\d+\s+(\d+)/m.exec(await readText(`/proc/${pid}/status`));
	return numbers ? Number(numbers[1]) : null;
}

/** Arguments a process was started with. */
export async function commandLine(pid: number): Promise<string[]> {
	return (await readText(`/proc/${pid}/cmdline`)).split("\0");
}

/** Environment a process was started with. */
export async function environment(pid: number): Promise<string[]> {
	return (await readText(`/proc/${pid}/environ`)).split("\0");
}

/** Every living process below this one, itself not included. Cheap: follows the kernel's own lists of children. */
export async function descendants(pid: number): Promise<number[]> {
	const found = new Set<number>();
	let level = [pid];
	while (level.length > 0) {
		const next = (await Promise.all(level.map(childrenOf))).flat().filter((child) => !found.has(child));
		for (const child of next) found.add(child);
		level = next;
	}
	return [...found];
}

/** Proportional share of memory in bytes; its resident memory where the kernel does not tell. */
export async function memoryOf(pid: number): Promise<number> {
	// The last thread stands in for a first one that has ended and no longer knows its memory.
	for (const folder of [`/proc/${pid}`, await lastThread(pid)]) {
		const share = /^Pss:\s+(\d+) kB/m.exec(await readText(`${folder}/smaps_rollup`));
		if (share) return Number(share[1]) * 1024;
		const resident = /^VmRSS:\s+(\d+) kB/m.exec(await readText(`${folder}/status`));
		if (resident) return Number(resident[1]) * 1024;
	}
	return 0;
}

async function lastThread(pid: number): Promise<string> {
	const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
	return `/proc/${pid}/task/${threads.at(-1)}`;
}

async function childrenOf(pid: number): Promise<number[]> {
	const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
	const lists = await Promise.all(threads.map((thread) => readText(`/proc/${pid}/task/${thread}/children`)));
	return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}

async function readText(path: string): Promise<string> {
	return readFile(path, "utf8").catch(() => "");
}

/** More open files than this are not looked at. */
const maxOpenFiles = 20_000;

/** Space on these devices that files take which one of the processes holds open; some of them may be deleted. */
export async function openFileBytes(pids: readonly number[], devices: ReadonlySet<number>): Promise<{ all: number; deleted: number }> {
	const found = new Map<string, { bytes: number; isDeleted: boolean }>();
	let looked = 0;
	for (const pid of pids) {
		for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
			if (++looked > maxOpenFiles) break;
			const file = await stat(`/proc/${pid}/fd/${fd}`).catch(() => null);
			if (!file?.isFile() || !devices.has(file.dev)) continue;
			found.set(`${file.dev}/${file.ino}`, { bytes: file.blocks * 512, isDeleted: file.nlink === 0 });
		}
	}
	let all = 0;
	let deleted = 0;
	for (const { bytes, isDeleted } of found.values()) {
		all += bytes;
		if (isDeleted) deleted += bytes;
	}
	return { all, deleted };
}
