import { statfs } from "node:fs/promises";
import { inside, markVariable } from "./layout.ts";
import {
	commandLine,
	descendants,
	environment,
	innerPid,
	listPids,
	memoryOf,
	type ProcessEntry,
	pidNamespace,
	readProcess,
} from "./process-table.ts";

/** A process that belongs to a run. */
export interface Member extends ProcessEntry {
	/** True for the processes that hold the sandbox itself: they are not counted as the project's. */
	platform: boolean;
}

/** All processes of one or several runs, however they were forked. */
export interface Tree {
	/** Looks at every process of the machine. */
	members(): Promise<Member[]>;
	/** What the project's processes use now; looks only at the tree, to be asked often. */
	usage(): Promise<Usage>;
}

export interface Usage {
	memoryBytes: number;
	/** Processes and threads. */
	processes: number;
}

/**
 * The tree of a bubblewrap that was started here: everything in its pid namespace. `namespace` and `firstPid` (the namespace's
 * first process, seen from outside) are known only once bubblewrap has reported them.
 */
export function sandboxTree(outer: number, mark: string, reported: () => { namespace: string; firstPid: number } | null): Tree {
	return {
		async members() {
			const known = reported();
			// Before the report nothing but bubblewrap itself is running, and both its processes carry the mark.
			if (!known) return markedMembers(mark);
			return membersOf(new Set([known.namespace]), new Set([outer]));
		},
		async usage() {
			const known = reported();
			if (!known) return { memoryBytes: 0, processes: 0 };
			const pids = await descendants(known.firstPid);
			const [processes, files] = await Promise.all([usageOf(pids, isPlatform), memoryFiles(known.firstPid)]);
			return { ...processes, memoryBytes: processes.memoryBytes + files };
		},
	};
}

/** Whatever a run with this mark has left behind in sandboxes, wherever its parent is. */
export function markedTree(mark: string): Tree {
	return { members: () => markedMembers(mark), usage: async () => ({ memoryBytes: 0, processes: 0 }) };
}

/** The tree of an unconfined run: descendants, what carries the mark in its environment, and what was ever seen to belong. */
export function bareTree(first: number | null, mark: string): Tree {
	const seen = new Map<number, string>();
	async function remember(pids: number[]): Promise<void> {
		for (const entry of await Promise.all(pids.map(readProcess))) if (entry) seen.set(entry.pid, entry.startTime);
	}
	return {
		async members() {
			const pids = await listPids();
			const entry = `${markVariable}=${mark}`;
			const marked = await Promise.all(pids.map(async (pid) => (await environment(pid)).includes(entry)));
			const own = first === null ? [] : [first, ...(await descendants(first))];
			await remember([...own, ...pids.filter((_pid, index) => marked[index])]);
			const entries = await Promise.all([...seen].map(async ([pid, startTime]) => stillThere(await readProcess(pid), startTime)));
			return entries.flatMap((found) => (found ? [{ ...found, platform: found.pid === first }] : []));
		},
		async usage() {
			if (first === null) return { memoryBytes: 0, processes: 0 };
			const pids = await descendants(first);
			await remember(pids);
			return usageOf([...seen.keys()], async (pid) => pid === first);
		},
	};
}

async function membersOf(namespaces: ReadonlySet<string>, outside: ReadonlySet<number>): Promise<Member[]> {
	const pids = await listPids();
	const mine = await Promise.all(pids.map(async (pid) => outside.has(pid) || namespaces.has((await pidNamespace(pid)) ?? "")));
	const found = pids.filter((_pid, index) => mine[index]);
	const members = await Promise.all(
		found.map(async (pid): Promise<Member[]> => {
			const entry = await readProcess(pid);
			return entry ? [{ ...entry, platform: outside.has(pid) || (await isPlatform(pid)) }] : [];
		}),
	);
	return members.flat();
}

async function markedMembers(mark: string): Promise<Member[]> {
	const pids = await listPids();
	const marked = await Promise.all(pids.map(async (pid) => carriesMark(await commandLine(pid), mark)));
	const holders = pids.filter((_pid, index) => marked[index]);
	const own = await pidNamespace("self");
	const namespaces = await Promise.all(holders.map(pidNamespace));
	// The outer bubblewrap lives in our own namespace, which holds everything else of this machine.
	const theirs = new Set(namespaces.filter((namespace) => namespace !== null && namespace !== own) as string[]);
	return membersOf(theirs, new Set(holders));
}

/** Bubblewrap, `--args 3`, then the mark, always in these places: a program cannot carry another run's mark by accident. */
function carriesMark(args: string[], mark: string): boolean {
	const [program = "", option, , set, name, value] = args;
	return program.endsWith("bwrap") && option === "--args" && set === "--setenv" && name === markVariable && value === mark;
}

/** Inside its namespace bubblewrap is process 1 and our first program process 2. */
async function isPlatform(pid: number): Promise<boolean> {
	const inner = await innerPid(pid);
	return inner === 1 || inner === 2;
}

async function usageOf(pids: number[], excluded: (pid: number) => Promise<boolean>): Promise<Usage> {
	const each = await Promise.all(
		pids.map(async (pid) => {
			const entry = await readProcess(pid);
			if (!entry || (await excluded(pid))) return { memoryBytes: 0, processes: 0 };
			return { memoryBytes: await memoryOf(pid), processes: entry.threads };
		}),
	);
	return each.reduce((sum, one) => ({ memoryBytes: sum.memoryBytes + one.memoryBytes, processes: sum.processes + one.processes }), {
		memoryBytes: 0,
		processes: 0,
	});
}

/** Files a run keeps in memory: its temporary folders. */
async function memoryFiles(firstPid: number): Promise<number> {
	const used = await Promise.all(
		[inside.tmp, inside.home, "/dev/shm"].map(async (path) => {
			const stats = await statfs(`/proc/${firstPid}/root${path}`).catch(() => null);
			return stats?.type === tmpfsMagic ? (stats.blocks - stats.bfree) * stats.bsize : 0;
		}),
	);
	return used.reduce((sum, bytes) => sum + bytes, 0);
}

/** `TMPFS_MAGIC` of linux/magic.h. */
const tmpfsMagic = 0x01021994;

function stillThere(entry: ProcessEntry | null, startTime: string): ProcessEntry | null {
	return entry?.startTime === startTime ? entry : null;
}
