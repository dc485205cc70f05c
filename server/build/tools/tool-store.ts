import { lstat, mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import semver from "semver";
import type { Tool, ToolName } from "../../../lib/protocol/index.ts";

/**
 * Folder of fetched tools, shared by all projects and read-only for them: `<name>-<version>/bin/…`. An entry appears whole by
 * a rename, and its time of change says when it was used last.
 */
export interface ToolStore {
	readonly root: string;
	/** The newest version that is here and fits, noted as used; null when there is none. */
	find(name: ToolName, wanted: string): Promise<string | null>;
	folderOf(name: ToolName, version: string): string;
	/** Lets `make` fill a folder and puts it into its place; whoever was faster wins. */
	put(name: ToolName, version: string, make: (folder: string) => Promise<void>): Promise<void>;
	/** A fresh folder for the time of `use`. */
	scratch<T>(use: (folder: string) => Promise<T>): Promise<T>;
	/** Clears what a crash left half made. */
	tidy(): Promise<void>;
	/** Deletes the tools that were not used for longest while all take more than `maxBytes`; none that fits one of `needed`. */
	evict(needed: readonly Tool[], bounds: { maxBytes: number; minIdleMs: number }): Promise<string[]>;
}

const halfMade = /^(?:make|fetch|gone)-/;

export function openToolStore(root: string): ToolStore {
	const folderOf = (name: ToolName, version: string) => join(root, `${name}-${version}`);

	async function entries(): Promise<{ name: ToolName; version: string }[]> {
		const names = await readdir(root).catch(() => []);
		return names.flatMap((entry) => {
			const [, name, version] = /^([a-z]+)-(\d.*)$/.exec(entry) ?? [];
			return name && version && semver.valid(version) !== null ? [{ name: name as ToolName, version }] : [];
		});
	}

	async function fresh<T>(prefix: string, use: (folder: string) => Promise<T>): Promise<T> {
		await mkdir(root, { recursive: true });
		const folder = await mkdtemp(join(root, prefix));
		try {
			return await use(folder);
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	}

	return {
		root,
		folderOf,
		async find(name, wanted) {
			const versions = (await entries()).filter((entry) => entry.name === name && fits(entry.version, wanted));
			const version = versions.map((entry) => entry.version).sort(semver.rcompare)[0] ?? null;
			// A version that is being evicted at this moment is not there any more.
			if (version === null || !(await use(folderOf(name, version)))) return null;
			return version;
		},
		put: (name, version, make) =>
			fresh("make-", async (folder) => {
				const place = folderOf(name, version);
				await mkdir(join(folder, "tool/bin"), { recursive: true });
				await make(join(folder, "tool"));
				await rename(join(folder, "tool"), place).catch(async (error) => {
					if (!(await use(place))) throw error;
				});
			}),
		scratch: (use) => fresh("fetch-", use),
		async tidy() {
			for (const name of await readdir(root).catch(() => []))
				if (halfMade.test(name)) await rm(join(root, name), { recursive: true, force: true });
		},
		async evict(needed, { maxBytes, minIdleMs }) {
			const found = [];
			for (const { name, version } of await entries()) {
				const path = folderOf(name, version);
				found.push({ name, version, path, usedAt: (await stat(path)).mtimeMs, bytes: await sizeOf(path) });
			}
			let total = found.reduce((sum, { bytes }) => sum + bytes, 0);
			const evicted: string[] = [];
			for (const { name, version, path, usedAt, bytes } of found.sort((a, b) => a.usedAt - b.usedAt)) {
				if (total <= maxBytes || Date.now() - usedAt < minIdleMs) break;
				if (needed.some((tool) => tool.name === name && (tool.version === null || fits(version, tool.version)))) continue;
				const aside = join(root, `gone-${name}-${version}`);
				await rename(path, aside);
				await rm(aside, { recursive: true, force: true });
				total -= bytes;
				evicted.push(`${name} ${version}`);
			}
			return evicted;
		},
	};
}

/** Notes that a tool is used now; false when it is not there. */
async function use(folder: string): Promise<boolean> {
	const now = new Date();
	return utimes(folder, now, now).then(
		() => true,
		() => false,
	);
}

function fits(version: string, wanted: string): boolean {
	return version === wanted || (semver.validRange(wanted) !== null && semver.satisfies(version, wanted));
}

async function sizeOf(folder: string): Promise<number> {
	let bytes = 0;
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
		if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
	return bytes;
}
