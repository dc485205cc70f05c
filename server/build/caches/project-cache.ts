import { lstat, mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type { Sandbox } from "../../exec/sandbox.ts";

/** The caches of one project: no other project's builds ever see them. */
export interface ProjectCache {
	/** Host folder of the package managers' own stores, which builds write to. */
	readonly store: string;
	/** True when an earlier build has filled it. */
	readonly filled: boolean;
	/** Host path of the entry with installed dependencies of this key. */
	dependencies(key: string): string;
	/** Host path of the entry with what build tools keep. */
	frameworks(key: string): string;
	/** Empties the store; what it held may be broken. */
	clearStore(): Promise<void>;
}

export interface BuildCaches {
	/** Opens the caches in a project's folder for the time of `work`; nothing in it is evicted meanwhile. */
	use<T>(folder: string, sandbox: Pick<Sandbox, "prepareWritable">, work: (cache: ProjectCache) => Promise<T>): Promise<T>;
	/**
	 * Does something with a project's caches that no build waits for, unless it is the project's next one: a moment later, because right
	 * behind a build somebody waits for its release. Must not reject.
	 */
	later(folder: string, work: () => Promise<void>): void;
	/** Resolves when nothing of that is left to do. */
	settled(): Promise<void>;
	/** Clears what a crash left half made in all projects' folders; to be called before the first build. */
	tidy(): Promise<void>;
	/** Deletes what was not used for longest where a project's caches, or all together, take too much. Answers the bytes it freed. */
	evict(): Promise<number>;
}

export interface CacheBounds {
	perProjectBytes: number;
	totalBytes: number;
	maxIdleMs: number;
}

const usualBounds: CacheBounds = { perProjectBytes: 3 * 1024 ** 3, totalBytes: 20 * 1024 ** 3, maxIdleMs: 30 * 24 * 60 * 60_000 };
const kinds = ["dependencies", "frameworks"];
/** Most small apps answer by then. */
const laterMs = 1_500;

/** `root`: folder with a folder for each project. */
export function openBuildCaches(root: string, bounds = usualBounds): BuildCaches {
	const inUse = new Map<string, number>();
	const later = new Map<string, Later>();
	const sizes = new Map<string, { usedAt: number; bytes: number }>();

	async function entriesOf(project: string): Promise<Entry[]> {
		const entries: Entry[] = [];
		for (const name of await readdir(project)) {
			const inside = kinds.includes(name) ? (await readdir(join(project, name))).map((key) => join(name, key)) : [name];
			for (const path of inside) entries.push(await measure(join(project, path), project));
		}
		return entries;
	}

	/** Measuring reads every file's entry, so it is done again only after the folder was used. */
	async function measure(path: string, project: string): Promise<Entry> {
		const usedAt = (await stat(path)).mtimeMs;
		const known = sizes.get(path);
		if (known?.usedAt === usedAt) return { path, project, ...known };
		const { stdout } = await execa("du", ["-s", "--block-size=1", "--", path], { stdin: "ignore" });
		const bytes = Number(stdout.split("\t")[0]);
		sizes.set(path, { usedAt, bytes });
		return { path, project, usedAt, bytes };
	}

	async function remove({ path, project, bytes }: Entry): Promise<number> {
		if (inUse.has(project)) return 0;
		const gone = `${path}.gone.partial`;
		await rename(path, gone);
		await rm(gone, { recursive: true, force: true });
		sizes.delete(path);
		return bytes;
	}

	async function hold<T>(folder: string, work: () => Promise<T>): Promise<T> {
		inUse.set(folder, (inUse.get(folder) ?? 0) + 1);
		try {
			return await work();
		} finally {
			const others = (inUse.get(folder) ?? 1) - 1;
			if (others > 0) inUse.set(folder, others);
			else inUse.delete(folder);
		}
	}

	return {
		use: (folder, sandbox, work) =>
			hold(folder, async () => {
				const left = later.get(folder);
				left?.hurry();
				await left?.done;
				return work(await openProjectCache(folder, sandbox));
			}),
		later(folder, work) {
			const before = later.get(folder);
			before?.hurry();
			const { promise: isTime, resolve: hurry } = Promise.withResolvers<void>();
			const timer = setTimeout(hurry, laterMs);
			timer.unref();
			const done = hold(folder, async () => {
				await before?.done;
				await isTime;
				clearTimeout(timer);
				await work();
			}).then(() => {
				if (later.get(folder)?.done === done) later.delete(folder);
			});
			later.set(folder, { done, hurry });
		},
		async settled() {
			for (const { hurry } of later.values()) hurry();
			await Promise.all([...later.values()].map(({ done }) => done));
		},
		async tidy() {
			for (const project of await readdir(root).catch(() => []))
				for (const kind of ["", ...kinds])
					for (const name of await readdir(join(root, project, kind)).catch(() => []))
						if (name.endsWith(".partial")) await rm(join(root, project, kind, name), { recursive: true, force: true });
		},
		async evict() {
			let freed = 0;
			const left: Entry[] = [];
			for (const name of await readdir(root).catch(() => [])) {
				const project = join(root, name);
				if (inUse.has(project)) continue;
				const entries = (await entriesOf(project)).sort((a, b) => a.usedAt - b.usedAt);
				let bytes = sum(entries);
				for (const entry of entries) {
					const old = Date.now() - entry.usedAt > bounds.maxIdleMs || !isKnown(entry);
					if (bytes <= bounds.perProjectBytes && !old) left.push(entry);
					else freed += await remove(entry);
					if (left.at(-1) !== entry) bytes -= entry.bytes;
				}
			}
			let total = sum(left);
			for (const entry of left.sort((a, b) => a.usedAt - b.usedAt)) {
				if (total <= bounds.totalBytes) break;
				total -= entry.bytes;
				freed += await remove(entry);
			}
			return freed;
		},
	};
}

interface Later {
	done: Promise<void>;
	/** Lets it begin at once. */
	hurry: () => void;
}

interface Entry {
	path: string;
	project: string;
	usedAt: number;
	bytes: number;
}

const sum = (entries: readonly Entry[]) => entries.reduce((bytes, entry) => bytes + entry.bytes, 0);

/** Earlier versions kept npm's files directly in the project's folder. */
function isKnown({ path, project }: Entry): boolean {
	return path === join(project, "store") || kinds.some((kind) => path.startsWith(join(project, kind, "/")));
}

async function openProjectCache(folder: string, sandbox: Pick<Sandbox, "prepareWritable">): Promise<ProjectCache> {
	const store = join(folder, "store");
	const before = await lstat(store).catch(() => null);
	for (const kind of kinds) await mkdir(join(folder, kind), { recursive: true, mode: 0o711 });
	// Whoever it belongs to once is the only one who writes to it: it need not be gone through again.
	if (before === null) await sandbox.prepareWritable(store);
	const now = new Date();
	await utimes(store, now, now);
	return {
		store,
		filled: before !== null && (await readdir(store)).length > 0,
		dependencies: (key) => join(folder, "dependencies", key),
		frameworks: (key) => join(folder, "frameworks", key),
		async clearStore() {
			const gone = `${store}.${Date.now()}.gone.partial`;
			await rename(store, gone);
			await sandbox.prepareWritable(store);
			await rm(gone, { recursive: true, force: true });
		},
	};
}
