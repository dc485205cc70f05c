import { constants, type Stats } from "node:fs";
import { chmod, copyFile, lchown, lstat, lutimes, mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * Small folders are handled here and not by a program: a process as large as the platform takes some 15 ms to start one, and answers
 * nobody meanwhile. For large ones a program is much quicker.
 */
const mostEntries = 200;
const mostBytes = 16 * 1024 * 1024;

/** Gives a folder with all it holds to a user, without following links; false, with nothing done, for one that is not small. */
export async function ownSmallTree(root: string, { uid, gid }: { uid: number; gid: number }): Promise<boolean> {
	const paths = await list(root);
	if (paths === null) return false;
	await Promise.all(paths.map((path) => lchown(join(root, path), uid, gid)));
	return true;
}

/** Copies a folder with owners, modes, times and links as they are; false, with nothing done, for one that is not small and plain. */
export async function copySmallTree(from: string, to: string): Promise<boolean> {
	const paths = await list(from);
	if (paths === null) return false;
	const entries = await Promise.all(paths.map(async (path) => ({ path, stats: await lstat(join(from, path)) })));
	if (!entries.every(({ stats }) => isPlain(stats)) || entries.reduce((sum, { stats }) => sum + stats.size, 0) > mostBytes) return false;
	const folders = entries.filter(({ stats }) => stats.isDirectory());
	// A folder comes before what lies in it, and is open to this process until all of that is there.
	for (const { path } of folders) await mkdir(join(to, path), { mode: 0o700 });
	await Promise.all(entries.filter(({ stats }) => !stats.isDirectory()).map((entry) => copyEntry(from, to, entry)));
	for (const { path, stats } of folders.reverse()) await likeBefore(join(to, path), stats);
	return true;
}

/** Paths of a folder and all below it, relative to it, each after the folder it lies in; null when there are many. */
async function list(root: string): Promise<string[] | null> {
	const paths = [""];
	const folders = [""];
	for (const folder of folders) {
		for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
			const path = join(folder, entry.name);
			paths.push(path);
			if (entry.isDirectory()) folders.push(path);
			if (paths.length > mostEntries) return null;
		}
	}
	return paths;
}

function isPlain(stats: Stats): boolean {
	return stats.isDirectory() || stats.isSymbolicLink() || (stats.isFile() && stats.nlink === 1);
}

async function copyEntry(from: string, to: string, { path, stats }: { path: string; stats: Stats }): Promise<void> {
	const target = join(to, path);
	if (stats.isSymbolicLink()) await symlink(await readlink(join(from, path)), target);
	else await copyFile(join(from, path), target, constants.COPYFILE_FICLONE);
	await likeBefore(target, stats);
}

async function likeBefore(path: string, stats: Stats): Promise<void> {
	if (process.getuid?.() === 0) await lchown(path, stats.uid, stats.gid);
	// After the owner, whose change takes set-user-id bits away.
	if (!stats.isSymbolicLink()) await chmod(path, stats.mode & 0o7777);
	await lutimes(path, stats.atimeMs / 1000, stats.mtimeMs / 1000);
}
