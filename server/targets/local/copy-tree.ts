import { constants, type Dirent } from "node:fs";
import { chown, copyFile, link, mkdir, readdir, readlink, realpath, stat, symlink } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { AppError } from "../../../lib/errors.ts";

export interface CopyOptions {
	from: string;
	to: string;
	/** `link`: the same bytes under another name, for what nobody writes to. `copy`: bytes of its own, shared until written where the disk can. */
	how: "link" | "copy";
	/** `keep` them as they are, or `resolve` them to what they lead to, leaving out what lies outside of `from`. */
	symlinks: "keep" | "resolve";
	/** Owner of what is made; the user of this process by default. */
	owner?: { uid: number; gid: number } | null;
	signal: AbortSignal;
}

export interface CopyResult {
	files: number;
	bytes: number;
	/** Files and folders that were made. */
	entries: number;
	/** What was left out, relative to `from`: symlinks that lead outside, and names that cannot be used. */
	leftOut: string[];
}

const parallel = 32;
const parallelFolders = 8;
/** Links to folders that hold links to folders multiply: a site is not larger than this once they are followed. */
const maxResolved = 500_000;

/**
 * Copies a folder. Sockets, pipes and devices are left out. Throws `disk_full`, `disk_limit` for one that its links make endless, and the signal's reason when it is aborted
 * (what was copied so far stays: it is the caller's to remove).
 */
export async function copyTree(options: CopyOptions): Promise<CopyResult> {
	const root = await realpath(options.from);
	const result: CopyResult = { files: 0, bytes: 0, entries: 0, leftOut: [] };
	try {
		await copyFolders({ ...options, from: root }, { from: root, to: options.to, above: [root] }, result);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOSPC" || code === "EDQUOT") throw new AppError("disk_full", { cause: error });
		throw error;
	}
	return result;
}

interface Folder {
	from: string;
	to: string;
	/** The real folders on the way down, so that a symlink to one of them ends instead of going round. */
	above: readonly string[];
}

/** Copies a folder with all below it, a few at a time, each after the one it lies in. Nothing is being written any more when it throws. */
async function copyFolders(options: CopyOptions, first: Folder, result: CopyResult): Promise<void> {
	const waiting = [first];
	const copying = new Set<Promise<void>>();
	const failures: unknown[] = [];
	while (copying.size > 0 || (waiting.length > 0 && failures.length === 0)) {
		for (let next = waiting.pop(); next && failures.length === 0; next = copying.size < parallelFolders ? waiting.pop() : undefined) {
			const one: Promise<void> = copyFolder(options, next, waiting, result)
				.catch((error: unknown) => void failures.push(error))
				.finally(() => copying.delete(one));
			copying.add(one);
		}
		await Promise.race(copying);
	}
	if (failures.length > 0) throw failures[0];
}

/** Copies what lies directly in a folder; the folders in it are left to wait. */
async function copyFolder(options: CopyOptions, { from, to, above }: Folder, waiting: Folder[], result: CopyResult): Promise<void> {
	options.signal.throwIfAborted();
	count(options, result);
	await mkdir(to, { mode: 0o755 });
	if (options.owner) await chown(to, options.owner.uid, options.owner.gid);
	const entries = await readdir(from, { withFileTypes: true }).catch(unusable);
	if (!entries) return void result.leftOut.push(relative(options.from, from));
	for (let index = 0; index < entries.length; index += parallel) {
		const some = entries.slice(index, index + parallel).filter((entry) => !entry.isDirectory());
		await Promise.all(
			some.map((entry) => copyEntry(options, entry, { from: join(from, entry.name), to: join(to, entry.name), above }, waiting, result)),
		);
	}
	for (const entry of entries) {
		if (!entry.isDirectory()) continue;
		const path = join(from, entry.name);
		waiting.push({ from: path, to: join(to, entry.name), above: [...above, path] });
	}
}

async function copyEntry(
	options: CopyOptions,
	entry: Dirent,
	{ from, to, above }: Folder,
	waiting: Folder[],
	result: CopyResult,
): Promise<void> {
	if (entry.isFile()) return copyOne(options, from, to, result);
	if (!entry.isSymbolicLink()) return;
	if (options.symlinks === "keep") return symlink(await readlink(from), to);
	const leadsTo = await realpath(from).catch(() => null);
	if (leadsTo === null || !isInside(leadsTo, options.from) || above.includes(leadsTo)) {
		result.leftOut.push(relative(options.from, from));
		return;
	}
	if ((await stat(leadsTo)).isDirectory()) return void waiting.push({ from: leadsTo, to, above: [...above, leadsTo] });
	return copyOne(options, leadsTo, to, result);
}

async function copyOne(options: CopyOptions, from: string, to: string, result: CopyResult): Promise<void> {
	const found = await stat(from).catch(unusable);
	if (!found?.isFile()) return void result.leftOut.push(relative(options.from, from));
	count(options, result);
	result.files++;
	result.bytes += found.size;
	if (options.how === "link" && (await tryLink(from, to))) return;
	await copyFile(from, to, constants.COPYFILE_FICLONE);
	if (options.owner) await chown(to, options.owner.uid, options.owner.gid);
}

function count({ symlinks }: CopyOptions, result: CopyResult): void {
	result.entries++;
	if (symlinks === "resolve" && result.entries > maxResolved)
		throw new AppError("disk_limit", { message: `The site has more than ${maxResolved} files once its links are followed.` });
}

/** A name that is not UTF-8, or too long together with the folders above it, cannot be asked for. */
function unusable(error: NodeJS.ErrnoException): null {
	if (error.code === "ENOENT" || error.code === "ENAMETOOLONG") return null;
	throw error;
}

/** False where a link cannot be made: another file system, or a file of another user. */
async function tryLink(from: string, to: string): Promise<boolean> {
	try {
		await link(from, to);
		return true;
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EXDEV" || code === "EPERM" || code === "EMLINK" || code === "ENOTSUP") return false;
		throw error;
	}
}

function isInside(path: string, folder: string): boolean {
	return path === folder || path.startsWith(folder + sep);
}
