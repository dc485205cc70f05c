import { createHash, randomBytes } from "node:crypto";
import { chmod, chown, lstat, mkdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AppError } from "#lib/errors.ts";
import type { RunAs } from "./run-as.ts";

/** Where an embedded database keeps its things, all below one folder of the home (the socket may have to live elsewhere). */
export interface Folders {
	root: string;
	data: string;
	/** Folder of the Unix socket; only the user that runs Postgres may enter it. */
	socket: string;
	log: string;
	passwordFile: string;
}

/** The name of a Unix socket ends at 107 bytes (103 on macOS), of which Postgres needs 15 for its own part. */
const maxSocketFolderBytes = 85;

export async function locateFolders(home: string): Promise<Folders> {
	await mkdir(home, { recursive: true });
	const root = join(await realpath(home), "postgres");
	const socket = join(root, "run");
	const short = join(tmpdir(), `quayside-${createHash("sha256").update(root).digest("hex").slice(0, 16)}`);
	return {
		root,
		data: join(root, "data"),
		socket: Buffer.byteLength(socket) <= maxSocketFolderBytes ? socket : short,
		log: join(root, "server.log"),
		passwordFile: join(root, "password"),
	};
}

/** Creates the folder of everything, and checks that `user` can get there. */
export async function prepareRoot(folders: Folders, user: RunAs | null): Promise<void> {
	await mkdir(folders.root, { recursive: true, mode: 0o711 });
	if (user) await letThrough(folders.root, user);
}

/** Creates the folder of the socket for `user` alone. */
export async function prepareSocketFolder(folders: Folders, user: RunAs | null): Promise<void> {
	await mkdir(folders.socket, { mode: 0o700 }).catch(ignoreExisting);
	await takeOver(folders.socket, user);
}

/** Leaves nothing behind in the system's temporary folder. A socket folder in the home stays. */
export async function removeSocketFolder(folders: Folders): Promise<void> {
	if (dirname(folders.socket) !== folders.root) await rmdir(folders.socket).catch(() => undefined);
}

/** A folder with a name that others could guess may be theirs: it must be a real folder, and ours, before it is used. */
async function takeOver(folder: string, user: RunAs | null): Promise<void> {
	const found = await lstat(folder);
	const owner = user?.uid ?? process.getuid?.();
	if (!found.isDirectory() || (found.uid !== owner && found.uid !== process.getuid?.())) {
		throw new AppError("database_unavailable", {
			message: `The folder ${folder} belongs to somebody else.`,
			action: "Remove it, or give Quayside a home with a shorter path by QUAYSIDE_HOME.",
		});
	}
	if (user) await chown(folder, user.uid, user.gid);
	await chmod(folder, 0o700);
}

/** Opens the two folders of ours (home and `root`) for passing through, never for listing, and checks those above. */
async function letThrough(root: string, user: RunAs): Promise<void> {
	const ours = [root, dirname(root)];
	for (let folder = root; ; folder = dirname(folder)) {
		const found = await stat(folder);
		if (!mayPass(found, user)) {
			if (!ours.includes(folder) || found.uid !== process.getuid?.()) throw unreachable(folder, root);
			await chmod(folder, (found.mode & 0o7777) | 0o011);
		}
		if (folder === dirname(folder)) return;
	}
}

function mayPass(found: { uid: number; gid: number; mode: number }, user: RunAs): boolean {
	if (found.uid === user.uid) return (found.mode & 0o100) !== 0;
	if (found.gid === user.gid) return (found.mode & 0o010) !== 0;
	return (found.mode & 0o001) !== 0;
}

function unreachable(folder: string, root: string): AppError {
	return new AppError("database_unavailable", {
		message: `The database cannot reach its own files in ${root}: started by root it runs as another user, and ${folder} is closed to that user.`,
		action: "Give Quayside a home that other users can reach, such as /var/lib/quayside, with QUAYSIDE_HOME.",
	});
}

/** The password of the database, generated on first use and kept in a file that only we can read. */
export async function loadPassword(folders: Folders): Promise<string> {
	const known = await readFile(folders.passwordFile, "utf8").catch(ignoreMissing);
	if (known?.trim()) return known.trim();
	const password = randomBytes(24).toString("base64url");
	const draft = `${folders.passwordFile}.${process.pid}`;
	await writeFile(draft, `${password}\n`, { mode: 0o600, flush: true });
	await rename(draft, folders.passwordFile);
	return password;
}

/** Writes a file for `user` alone, for as long as `work` takes. */
export async function withSecretFile<T>(path: string, content: string, user: RunAs | null, work: () => Promise<T>): Promise<T> {
	await writeFile(path, content, { mode: 0o600 });
	try {
		if (user) await chown(path, user.uid, user.gid);
		return await work();
	} finally {
		await rm(path, { force: true });
	}
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
	if (error.code !== "EEXIST") throw error;
}

function ignoreMissing(error: NodeJS.ErrnoException): null {
	if (error.code === "ENOENT") return null;
	throw error;
}
