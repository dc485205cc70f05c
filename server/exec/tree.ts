import { statfs } from "node:fs/promises";
import { inside, markVariable, runVariable } from "./layout.ts";
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

const nothing: Usage = { memoryBytes: 0, processes: 0 };

/** What bubblewrap reported of a run: its namespace ("pid:[…]") and the first process in there, null when that is gone already. */
export interface ReportedNamespace {
	name: string;
	first: ProcessEntry | null;
}

/**
 * The tree of a bubblewrap that was started here: itself and all of its pid namespace. `reported` answers null until bubblewrap
 * has told which that is; until then nothing but bubblewrap itself is running.
 */
export function sandboxTree(outer: ProcessEntry | null, run: string, reported: () => Promise<ReportedNamespace | null>): Tree {
	return {
		async members() {
			const namespace = await reported();
			if (!namespace) return markedMembers(runVariable, run);
			const itself = outer && (await isStillThere(outer)) ? [{ ...outer, platform: true }] : [];
			return [...itself, ...(namespace.first ? await namespaceMembers(namespace.first, namespace.name) : [])];
		},
		async usage() {
			const first = (await reported())?.first;
			if (!first || !(await isStillThere(first))) return nothing;
			const [processes, files] = await Promise.all([usageOf(await descendants(first.pid), isPlatform), memoryFiles(first.pid)]);
			return { ...processes, memoryBytes: processes.memoryBytes + files };
		},
	};
}

/** Whatever runs with this mark have left behind, in sandboxes and outside, whoever started them. */
export function markedTree(mark: string): Tree {
	const bare = bareTree(null, mark);
	return {
		async members() {
			const found = [...(await markedMembers(markVariable, mark)), ...(await bare.members())];
			return [...new Map(found.map((member) => [member.pid, member])).values()];
		},
		usage: async () => nothing,
	};
}

/** The tree of an unconfined run: descendants, what carries the mark in its environment, and what was ever seen to belong. */
export function bareTree(first: number | null, mark: string): Tree {
	const seen = new Map<number, ProcessEntry>();
	async function remember(pids: number[]): Promise<void> {
		for (const entry of await Promise.all(pids.map(readProcess))) if (entry) seen.set(entry.pid, entry);
	}
	async function forgetTheGone(): Promise<void> {
		await Promise.all([...seen.values()].map(async (entry) => (await isStillThere(entry)) || seen.delete(entry.pid)));
	}
	return {
		async members() {
			const pids = await listPids();
			const marked = await Promise.all(pids.map(async (pid) => (await environment(pid)).includes(`${markVariable}=${mark}`)));
			// Forgotten first: a pid that was given out again must not be taken for the one that was seen.
			await forgetTheGone();
			await remember(pids.filter((_pid, index) => marked[index]));
			if (first !== null) await remember([first, ...(await descendants(first))]);
			return [...seen.values()].map((entry) => ({ ...entry, platform: entry.pid === first }));
		},
		async usage() {
			if (first === null) return nothing;
			await forgetTheGone();
			await remember(await descendants(first));
			return usageOf([...seen.keys()], async (pid) => pid === first);
		},
	};
}

/**
 * All processes of a pid namespace, known by its first process. When that has ended none is left: the kernel ends a namespace
 * with it. The number of a dead namespace is soon given to another, so what was found counts only if the first is still there.
 */
async function namespaceMembers(first: ProcessEntry, namespace: string): Promise<Member[]> {
	if (namespace === (await pidNamespace("self"))) throw new Error("a sandbox shares the platform's own pid namespace");
	const pids = await listPids();
	const inside = await Promise.all(pids.map(async (pid) => pid === first.pid || (await pidNamespace(pid)) === namespace));
	const entries = await Promise.all(pids.filter((_pid, index) => inside[index]).map(readProcess));
	const members = await Promise.all(
		entries.filter((entry) => entry !== null).map(async (entry) => ({ ...entry, platform: await isPlatform(entry.pid) })),
	);
	return (await isStillThere(first)) ? members : [];
}

/** The bubblewraps that carry a mark on their command line, and the namespaces they hold. */
async function markedMembers(variable: string, value: string): Promise<Member[]> {
	const own = await pidNamespace("self");
	const marked = await Promise.all(
		(await listPids()).map(async (pid) => (carriesMark(await commandLine(pid), variable, value) ? pid : null)),
	);
	const groups = await Promise.all(
		marked.map(async (pid): Promise<Member[]> => {
			const holder = pid === null ? null : await readProcess(pid);
			if (!holder) return [];
			const namespace = await pidNamespace(holder.pid);
			const held = namespace !== null && namespace !== own ? await namespaceMembers(holder, namespace) : [];
			return [{ ...holder, platform: true }, ...held];
		}),
	);
	return [...new Map(groups.flat().map((member) => [member.pid, member])).values()];
}

/** Looks for the mark only where `bubblewrapCommand` puts it: an argument of the project's own command cannot be mistaken for it. */
function carriesMark(args: readonly string[], variable: string, value: string): boolean {
	const [program = "", option, , ...rest] = args;
	if (!program.endsWith("bwrap") || option !== "--args") return false;
	const marks = rest.slice(0, rest.indexOf("--"));
	return marks.some((arg, index) => arg === "--setenv" && marks[index + 1] === variable && marks[index + 2] === value);
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
			if (!entry || (await excluded(pid))) return nothing;
			return { memoryBytes: await memoryOf(pid), processes: entry.threads };
		}),
	);
	return each.reduce((sum, one) => ({ memoryBytes: sum.memoryBytes + one.memoryBytes, processes: sum.processes + one.processes }), nothing);
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

async function isStillThere({ pid, startTime }: ProcessEntry): Promise<boolean> {
	return (await readProcess(pid))?.startTime === startTime;
}
