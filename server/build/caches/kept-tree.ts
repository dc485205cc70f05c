import { createHash } from "node:crypto";
import { lstat, mkdir, readFile, realpath, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { z } from "zod";
import { exists } from "../../exec/tree-files.ts";

/**
 * Folders of a build that a later build of the same project may begin with. An entry is `tree/` with them and `entry.json`, which
 * says what it must hold. It appears whole by a rename, no run ever sees it, and one that is not as it was is not used.
 */
const entrySchema = z.object({
	version: z.literal(1),
	/** What was kept, relative to the tree. */
	paths: z.array(z.string()).min(1),
	files: z.number(),
	bytes: z.number(),
	/** Of names, sizes and times. */
	digest: z.string(),
});
export type KeptEntry = z.infer<typeof entrySchema>;

/** Bounds on one entry: what is larger costs more to keep than to make again. */
const maxBytes = 2 * 1024 ** 3;
const maxFiles = 300_000;
const quiet = { stdin: "ignore", maxBuffer: 64 * 1024 } as const;

/** Folders of a tree, and what they held at one moment: every name, and which file it was in which state. */
export interface Remembered {
	paths: string[];
	listing: string;
}

/** A snapshot that is not an entry yet. */
export interface Snapshot {
	/** Makes it the entry; false when it is too large for that. */
	keep(): Promise<boolean>;
	drop(): Promise<void>;
}

/** Remembers what folders of a tree hold, to keep it later if it is still the same then. */
export async function remember(tree: string, paths: string[]): Promise<Remembered> {
	return { paths, listing: await list(tree, paths) };
}

/**
 * Takes a snapshot of what was remembered, without what has come since. Null when something of it was changed, moved or deleted: a
 * file's time of change, which no program can set, and its number tell. Nothing may write to the tree any more.
 */
export async function takeRemembered(tree: string, { paths, listing }: Remembered, place: string, mark: string): Promise<Snapshot | null> {
	const before = new Set(listing.split("\0"));
	const now = (await list(tree, paths)).split("\0");
	const added = now.filter((line) => !before.has(line)).map((line) => line.slice(line.lastIndexOf("\t") + 1));
	// A name that is not UTF-8 could not be left out.
	if (now.length - added.length !== before.size || added.some((path) => path.includes("\ufffd"))) return null;
	const snapshot = await takeSnapshot(tree, paths, place, mark);
	for (const path of added) await rm(join(partialOf(place, mark), "tree", path), { recursive: true, force: true });
	return snapshot;
}

/** Of a folder only its name: it changes with everything that is put into it. */
async function list(tree: string, paths: readonly string[]): Promise<string> {
	const format = ["-type", "d", "-printf", "d\\t%p\\0", "-o", "-printf", "%y\\t%i\\t%C@\\t%p\\0"];
	const options = { stdin: "ignore", maxBuffer: 256 * 1024 ** 2, cwd: tree } as const;
	return (await execa("find", [...paths.map((path) => `./${path}`), ...format], options)).stdout;
}

const partialOf = (place: string, mark: string) => `${place}.${mark}.partial`;

/**
 * Takes a snapshot of folders of a tree that nobody writes to any more, without copying a byte: both share the files until the tree is
 * deleted. `mark` names this attempt. Throws for a path that leads through a link: what ran in the tree made it, and it may lead to
 * anything on this machine.
 */
export async function takeSnapshot(tree: string, paths: string[], place: string, mark: string): Promise<Snapshot> {
	const partial = partialOf(place, mark);
	const drop = () => rm(partial, { recursive: true, force: true });
	const root = await realpath(tree);
	for (const path of paths) if ((await realpath(join(root, path))) !== join(root, path)) throw new Error(`${path} leads through a link`);
	try {
		await drop();
		// Not with the folders above it: those are gone when their project is.
		await mkdir(partial);
		await mkdir(join(partial, "tree"));
		await execa("cp", ["-al", "--parents", "--", ...paths, join(partial, "tree")], { ...quiet, cwd: tree });
	} catch (error) {
		await drop();
		throw error;
	}
	return {
		drop,
		async keep() {
			const found = await inventory(join(partial, "tree"));
			if (found.bytes > maxBytes || found.files > maxFiles) {
				await drop();
				return false;
			}
			await writeFile(join(partial, "entry.json"), JSON.stringify({ version: 1, paths, ...found } satisfies KeptEntry));
			await replace(partial, place);
			return true;
		},
	};
}

/**
 * Copies what an entry holds into a tree, in which none of it may exist yet. Null, with nothing left in the tree, when there is
 * no such entry or it is not as it was; a broken one is deleted.
 */
export async function putBack(place: string, tree: string): Promise<KeptEntry | null> {
	if (!(await exists(place))) return null;
	const entry = await readEntry(place);
	if (entry === null) {
		await rm(place, { recursive: true, force: true });
		return null;
	}
	for (const path of entry.paths) if (!(await isFree(tree, path))) return null;
	try {
		await execa("cp", ["-a", "--reflink=auto", "--parents", "--", ...entry.paths, tree], { ...quiet, cwd: join(place, "tree") });
	} catch {
		for (const path of entry.paths) await rm(join(tree, path), { recursive: true, force: true });
		return null;
	}
	const now = new Date();
	await utimes(place, now, now);
	return entry;
}

async function readEntry(place: string): Promise<KeptEntry | null> {
	try {
		const entry = entrySchema.parse(JSON.parse(await readFile(join(place, "entry.json"), "utf8")));
		const { digest } = await inventory(join(place, "tree"));
		return digest === entry.digest ? entry : null;
	} catch {
		return null;
	}
}

async function inventory(folder: string): Promise<Omit<KeptEntry, "version" | "paths">> {
	const hash = createHash("sha256");
	let files = 0;
	let bytes = 0;
	// A folder's own size and time say nothing of what is in it.
	const format = ["-type", "d", "-printf", "%P\\n", "-o", "-printf", "%P\\t%s\\t%T@\\t%l\\n"];
	const { stdout } = await execa("find", [folder, ...format], { stdin: "ignore", maxBuffer: 256 * 1024 ** 2 });
	for (const line of stdout.split("\n").sort()) {
		hash.update(line).update("\n");
		const size = line.split("\t")[1];
		if (size === undefined) continue;
		files += 1;
		bytes += Number(size);
	}
	return { files, bytes, digest: hash.digest("hex") };
}

/** Nothing is there yet, and the way to it leads through folders of the tree alone, not through a link. */
async function isFree(tree: string, path: string): Promise<boolean> {
	if (await lstat(join(tree, path)).catch(() => null)) return false;
	const root = await realpath(tree);
	for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
		const real = await realpath(join(root, folder)).catch(() => null);
		if (real !== null && real !== join(root, folder)) return false;
	}
	return true;
}

/** Puts an entry into its place; one that was there before goes. */
async function replace(partial: string, place: string): Promise<void> {
	const aside = `${partial}.old.partial`;
	await rename(place, aside).catch(() => {});
	await rename(partial, place).catch(async (error: NodeJS.ErrnoException) => {
		// Another build of the project was faster.
		if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
		await rm(partial, { recursive: true, force: true });
	});
	await rm(aside, { recursive: true, force: true });
}
