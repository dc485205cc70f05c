import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import ignore, { type Ignore } from "ignore";
import { type Pack, pack } from "tar-stream";
import { UsageError } from "./exit-code.ts";

/** Files that say what is left out, in the syntax of `.gitignore`. */
const ignoreFiles = [".gitignore", ".quaysideignore"];
const alwaysLeftOut = new Set([".git", ".hg", ".svn", "node_modules", ".DS_Store"]);
/** Secrets stay where they are; examples of them may go. */
const secretFile = /^\.env(?:\.(?!example$|sample$|template$|dist$|defaults$).+)?$/;
const maxFiles = 100_000;

export interface PackedFolder {
	/** The folder as a gzipped tar, read as it is sent. */
	body: ReadableStream<Uint8Array>;
	files: number;
	/** Paths that were left out although no rule says so, with the reason. */
	leftOut: string[];
}

interface Found {
	/** Relative to the folder, with forward slashes. */
	path: string;
	size: number;
	mode: number;
	/** Where a link leads; null for a file. */
	target: string | null;
}

/** Packs the files of a folder as git would see them, without secrets and installed packages. Throws `UsageError`. */
export async function packFolder(root: string): Promise<PackedFolder> {
	const leftOut: string[] = [];
	const found = await Array.fromAsync(walk(resolve(root), "", [], leftOut));
	if (found.length === 0) throw new UsageError(`There is no file to send in ${root}.`);
	const archive = pack();
	const gzip = createGzip();
	const packed = pipeline(archive as unknown as NodeJS.ReadableStream, gzip);
	packed.catch(() => {});
	addAll(archive, root, found).then(
		() => archive.finalize(),
		(error: unknown) => archive.destroy(error as Error),
	);
	return { body: Readable.toWeb(gzip) as ReadableStream<Uint8Array>, files: found.length, leftOut };
}

async function* walk(root: string, folder: string, rules: readonly Rules[], leftOut: string[]): AsyncGenerator<Found> {
	const entries = await readdir(join(root, folder), { withFileTypes: true });
	const all = [
		...rules,
		...(await rulesOf(
			root,
			folder,
			entries.map(({ name }) => name),
		)),
	];
	let files = 0;
	for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
		const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
		if (alwaysLeftOut.has(entry.name) || secretFile.test(entry.name)) continue;
		if (all.some(({ base, rules: own }) => own.ignores(path.slice(base.length) + (entry.isDirectory() ? "/" : "")))) continue;
		if (entry.isDirectory()) {
			yield* walk(root, path, all, leftOut);
			continue;
		}
		const { size, mode } = await lstat(join(root, path));
		if (entry.isFile()) {
			if (++files > maxFiles) throw new UsageError(`There are more than ${maxFiles} files in ${folder || "the folder"}.`);
			yield { path, size, mode: mode & 0o777, target: null };
		} else if (entry.isSymbolicLink()) {
			const target = await readlink(join(root, path));
			if (staysInside(root, path, target)) yield { path, size: 0, mode: 0o777, target };
			else leftOut.push(`${path} is a link that leads out of the folder`);
		} else leftOut.push(`${path} is no regular file`);
	}
}

interface Rules {
	/** Path of the folder the rules stand in, with a slash at its end; "" for the root. */
	base: string;
	rules: Ignore;
}

async function rulesOf(root: string, folder: string, names: readonly string[]): Promise<Rules[]> {
	const texts = ignoreFiles.filter((name) => names.includes(name)).map((name) => readFile(join(root, folder, name), "utf8"));
	if (texts.length === 0) return [];
	return [{ base: folder === "" ? "" : `${folder}/`, rules: ignore().add((await Promise.all(texts)).join("\n")) }];
}

function staysInside(root: string, path: string, target: string): boolean {
	const way = relative(root, resolve(dirname(join(root, path)), target));
	return !target.startsWith("/") && way !== ".." && !way.startsWith(`..${sep}`);
}

async function addAll(archive: Pack, root: string, found: readonly Found[]): Promise<void> {
	for (const { path, size, mode, target } of found) {
		if (target !== null) {
			archive.entry({ name: path, type: "symlink", linkname: target });
			continue;
		}
		const entry = archive.entry({ name: path, size, mode });
		// Only as much as was announced: a log that grows meanwhile must not spoil the archive.
		const file = size === 0 ? Readable.from([]) : createReadStream(join(root, path), { end: size - 1 });
		await pipeline(file, entry as unknown as NodeJS.WritableStream);
	}
}
