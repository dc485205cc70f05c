import { stat, statfs } from "node:fs/promises";
import { setPriority } from "node:os";
import { execa } from "execa";
import { openFileBytes } from "./process-table.ts";
import type { Tree } from "./tree.ts";

export interface DiskLimits {
	/** Folders of the host that the run may write to. */
	folders: readonly string[];
	/** Bound on what they may hold together, in MB. */
	diskMb: number;
	/** Free space that must stay, in bytes; by default a twentieth of the disk, a gigabyte at most. */
	reserveBytes?: number | undefined;
}

export interface DiskWatch {
	stop(): void;
}

/** `limit`: the run holds more than it may. `full`: it must end so that the rest of the machine has space. */
export type DiskExcess = "limit" | "full";

export interface DiskLooks {
	/** How often the free space is looked at, in ms. */
	everyMs: number;
	/** How often the folders are measured when it does not tell anything, in ms: somebody else may free what this run takes. */
	measureEveryMs: number;
}

const mb = 1024 * 1024;
const mostReserveBytes = 1024 * mb;
const mostReserveFiles = 10_000;
/** Folders are measured when the disk has lost this part of the limit since the last time. */
const stepShare = 16;
const smallestStepBytes = 4 * mb;
/** Looking and measuring may each take one part of this many of the time. */
const share = 20;
const measureTimeoutMs = 60_000;
/** Files, folders and links a run may hold. */
const maxFiles = 1_000_000;
const fileStep = 100_000;
/** When space runs out, who holds this much ends at once; the others only if that does not help for a while. */
const muchBytes = 256 * mb;
const patienceMs = 10_000;

interface Space {
	freeBytes: number;
	freeFiles: number;
	isShort: boolean;
}

/**
 * Looks at the space on the disks that a run writes to, which costs next to nothing, and measures the run's own folders when
 * enough of it went away. Files that were deleted and are still open count. `onExceeded` is called once.
 */
export function watchDisk(tree: Tree, limits: DiskLimits, onExceeded: (what: DiskExcess) => void, looks: DiskLooks): DiskWatch {
	const limitBytes = limits.diskMb * mb;
	const stepBytes = Math.max(smallestStepBytes, limitBytes / stepShare);
	let stopped = false;
	let timer = setTimeout(look, looks.everyMs);
	let first: Space | null = null;
	let last: Space | null = null;
	let measuredAt = performance.now();
	let pauseMs = looks.measureEveryMs;
	let shortSince: number | null = null;

	async function look(): Promise<void> {
		const started = performance.now();
		const excess = await findExcess().catch(() => null);
		if (stopped) return;
		if (excess) return onExceeded(excess);
		timer = setTimeout(look, Math.max(looks.everyMs, (performance.now() - started) * share));
	}

	async function findExcess(): Promise<DiskExcess | null> {
		const space = await spaceOf(limits);
		const now = performance.now();
		first ??= space;
		last ??= space;
		shortSince = space.isShort ? (shortSince ?? now) : null;
		const isLess = last.freeBytes - space.freeBytes >= stepBytes || last.freeFiles - space.freeFiles >= fileStep;
		if (!isLess && !space.isShort && now - measuredAt < pauseMs) return null;
		last = space;
		const { bytes, files, isWhole } = await measure(limits.folders);
		const open = await openBytes();
		measuredAt = performance.now();
		pauseMs = Math.max(looks.measureEveryMs, (measuredAt - now) * share);
		const held = Math.max(bytes + open.deleted, open.all);
		if (held > limitBytes || files > maxFiles) return "limit";
		// What it has closed to the platform's own user is taken for what is missing.
		if (!isWhole && first.freeBytes - space.freeBytes > limitBytes) return "limit";
		const isPatient = held < muchBytes && measuredAt - (shortSince ?? measuredAt) < patienceMs;
		return space.isShort && !isPatient ? "full" : null;
	}

	async function openBytes(): Promise<{ all: number; deleted: number }> {
		const pids = (await tree.members()).filter(({ platform }) => !platform).map(({ pid }) => pid);
		const devices = new Set((await Promise.all(limits.folders.map((folder) => stat(folder)))).map(({ dev }) => dev));
		return openFileBytes(pids, devices);
	}

	return {
		stop() {
			stopped = true;
			clearTimeout(timer);
		},
	};
}

/** The least space on any of the disks. */
async function spaceOf({ folders, reserveBytes }: DiskLimits): Promise<Space> {
	const all = await Promise.all(
		folders.map(async (folder): Promise<Space> => {
			const { bavail, blocks, bsize, files, ffree } = await statfs(folder);
			const reserve = reserveBytes ?? Math.min(mostReserveBytes, (blocks * bsize) / 20);
			// Some file systems have no fixed number of files and tell none.
			const reserveFiles = files > 0 ? Math.min(mostReserveFiles, files / 20) : 0;
			return { freeBytes: bavail * bsize, freeFiles: ffree, isShort: bavail * bsize < reserve || ffree < reserveFiles };
		}),
	);
	return {
		freeBytes: Math.min(...all.map(({ freeBytes }) => freeBytes)),
		freeFiles: Math.min(...all.map(({ freeFiles }) => freeFiles)),
		isShort: all.some(({ isShort }) => isShort),
	};
}

/** What the folders hold on the disk; `isWhole` is false when some of it could not be read. */
async function measure(folders: readonly string[]): Promise<{ bytes: number; files: number; isWhole: boolean }> {
	const measureBy = async (...program: [string, ...string[]]) => {
		const [bytes, files] = await Promise.all(["--block-size=1", "--inodes"].map((what) => sumOf([...program, what], folders)));
		return { bytes: bytes?.sum ?? 0, files: files?.sum ?? 0, isWhole: bytes?.isWhole ?? false };
	};
	const seen = await measureBy("du");
	if (seen.isWhole || process.getuid?.() === 0) return seen;
	// Root of a namespace of its own may look into every folder of this user, also those that were closed with chmod.
	const more = await measureBy("unshare", "--user", "--map-root-user", "--", "du");
	return more.isWhole ? more : seen;
}

/** A process of its own looks, with the lowest priority. */
async function sumOf([program, ...args]: [string, ...string[]], folders: readonly string[]): Promise<{ sum: number; isWhole: boolean }> {
	const running = execa(program, [...args, "--summarize", "--one-file-system", "--", ...folders], {
		stdin: "ignore",
		stderr: "ignore",
		reject: false,
		timeout: measureTimeoutMs,
		maxBuffer: 64 * 1024,
	});
	try {
		if (running.pid !== undefined) setPriority(running.pid, 19);
	} catch {
		// It has ended already.
	}
	const { stdout = "", exitCode } = await running;
	const sum = stdout.split("\n").reduce((total, line) => total + (Number.parseInt(line, 10) || 0), 0);
	return { sum, isWhole: exitCode === 0 };
}
