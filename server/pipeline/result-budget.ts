import { lstat, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isNeeded } from "./retention.ts";

export interface ResultBudgetOptions {
	/** Folders whose entries are sources, build results and uploads. */
	roots: readonly string[];
	/** What all of them together may take on the disk. */
	maxBytes: number;
	/** Ids of results that deployments need which have not ended, and of the attempts that run. */
	inUse(): Promise<ReadonlySet<string>>;
	log: { info(fields: object, text: string): void };
	/** Nothing younger is deleted: an attempt may be about to name it. */
	minAgeMs?: number;
}

interface Entry {
	name: string;
	path: string;
	bytes: number;
	changedAt: number;
}

/** Keeps sources, build results and uploads within a size: the oldest go first. What a retry misses is made again from the record. */
export function createResultBudget({ roots, maxBytes, inUse, log, minAgeMs = 10 * 60_000 }: ResultBudgetOptions): () => Promise<string[]> {
	/** Results do not change once they are there, and most are there at the next look. */
	let measured = new Map<string, Entry>();

	async function measure(): Promise<Entry[]> {
		const found = new Map<string, Entry>();
		for (const root of roots) {
			for (const name of await readdir(root)) {
				const path = join(root, name);
				const stats = await lstat(path).catch(() => null);
				if (!stats) continue;
				const before = measured.get(path);
				const known = before?.changedAt === stats.mtimeMs ? before.bytes : await bytesOf(path);
				found.set(path, { name, path, bytes: known, changedAt: stats.mtimeMs });
			}
		}
		measured = found;
		return [...found.values()];
	}

	return async () => {
		const entries = (await measure()).sort((one, other) => one.changedAt - other.changedAt);
		let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
		if (bytes <= maxBytes) return [];
		const needed = await inUse();
		const before = Date.now() - minAgeMs;
		const deleted: string[] = [];
		for (const entry of entries) {
			if (bytes <= maxBytes) break;
			if (isNeeded(entry.name, needed) || entry.changedAt > before) continue;
			// Gone at once for whoever looks for it: one that is half deleted would be taken for whole.
			const leaving = entry.name.endsWith(".partial") ? entry.path : `${entry.path}.old.partial`;
			if (leaving !== entry.path) await rename(entry.path, leaving);
			await rm(leaving, { recursive: true, force: true });
			bytes -= entry.bytes;
			deleted.push(entry.name);
		}
		log.info({ deleted: deleted.length, bytes, maxBytes }, "sources and build results took more than they may; the oldest were deleted");
		return deleted;
	};
}

/** What a folder takes on the disk; a file with several names in it counts once. */
async function bytesOf(path: string, seen: Set<number> = new Set()): Promise<number> {
	const stats = await lstat(path).catch(() => null);
	if (!stats || (stats.nlink > 1 && !stats.isDirectory() && seen.has(stats.ino))) return 0;
	seen.add(stats.ino);
	let bytes = stats.blocks * 512;
	if (!stats.isDirectory()) return bytes;
	for (const name of await readdir(path).catch(() => [])) bytes += await bytesOf(join(path, name), seen);
	return bytes;
}
