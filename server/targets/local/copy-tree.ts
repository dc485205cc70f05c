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
	/** Symlinks that lead outside and were left out, relative to `from`. */
	leftOut: string[];
}

const parallel = 32;

/**
 * Copies a folder. Sockets, pipes and devices are left out. Throws `disk_full`, and the signal's reason when it is aborted
 * (what was copied so far stays: it is the caller's to remove).
 */
export async function copyTree(options: CopyOptions): Promise<CopyResult> {
	const root = await realpath(options.from);
	const result: CopyResult = { files: 0, bytes: 0, leftOut: [] };
	try {
		await copyFolder({ ...options, from: root }, root, options.to, [root], result);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOSPC" || code === "EDQUOT") throw new AppError("disk_full", { cause: error });
		throw error;
	}
	return result;
}

/** `above` holds the real folders on the way down, so that a symlink to one of them ends instead of going round. */
async function copyFolder(options: CopyOptions, from: string, to: string, above: readonly string[], result: CopyResult): Promise<void> {
	options.signal.throwIfAborted();
	await mkdir(to, { mode: 0o755 });
	if (options.owner) await chown(to, options.owner.uid, options.owner.gid);
	const entries = await readdir(from, { withFileTypes: true });
	for (let index = 0; index < entries.length; index += parallel) {
		const some = entries.slice(index, index + parallel).filter((entry) => !entry.isDirectory());
		await Promise.all(some.map((entry) => copyEntry(options, entry, join(from, entry.name), join(to, entry.name), above, result)));
	}
	for (const entry of entries) {
		if (!entry.isDirectory()) continue;
		const path = join(from, entry.name);
		await copyFolder(options, path, join(to, entry.name), [...above, path], result);
	}
}

async function copyEntry(
	options: CopyOptions,
	entry: Dirent,
	from: string,
	to: string,
	above: readonly string[],
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
	if ((await stat(leadsTo)).isDirectory()) return copyFolder(options, leadsTo, to, [...above, leadsTo], result);
	return copyOne(options, leadsTo, to, result);
}

async function copyOne(options: CopyOptions, from: string, to: string, result: CopyResult): Promise<void> {
	const { size } = await stat(from);
	result.files++;
	result.bytes += size;
	if (options.how === "link" && (await tryLink(from, to))) return;
	await copyFile(from, to, constants.COPYFILE_FICLONE);
	if (options.owner) await chown(to, options.owner.uid, options.owner.gid);
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
