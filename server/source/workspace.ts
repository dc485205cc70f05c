import { constants, type Dirent } from "node:fs";
import { open, opendir, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, normalize, relative, sep } from "node:path";
import { failed, type Outcome, succeeded } from "../../lib/protocol/index.ts";

/** One file of a repository, seen without following links. */
export interface WorkspaceFile {
	/** Relative to the workspace, with forward slashes. */
	path: string;
	bytes: number;
}

export interface WorkspaceEntry {
	name: string;
	kind: "file" | "directory" | "other";
}

/**
 * The only reader of people's files. Paths are relative to the app's folder; nothing outside the repository is ever read,
 * whatever its links say, and everything is bounded.
 */
export interface Workspace {
	/** Host path of the app's folder. */
	readonly path: string;
	/** The app's folder inside the repository, "" for its root. */
	readonly directory: string;
	/** The first `maxBytes` of a file as text, null when there is no such file. */
	read(path: string, maxBytes?: number): Promise<string | null>;
	isFile(path: string): Promise<boolean>;
	isDirectory(path: string): Promise<boolean>;
	/** At most 2000 entries of a folder by name; empty when there is no such folder. */
	list(path?: string): Promise<WorkspaceEntry[]>;
	/** Another folder of the same repository, by its path from the root ("" is the root itself); null when there is none. */
	at(directory: string): Promise<Workspace | null>;
	/** Files below the app's folder, shallow ones first, without `.git` and installed dependencies; links are passed over. */
	walk(maxFiles?: number): AsyncGenerator<WorkspaceFile>;
}

const defaultReadBytes = 256 * 1024;
const maxListed = 2000;
const defaultWalkFiles = 20_000;
const maxPendingFolders = 20_000;
const passedOver = new Set([".git", "node_modules", ".venv", "__pycache__"]);

/** Opens the folder `directory` of the repository at `root`. Throws when it is missing or lies outside. */
export async function openWorkspace(root: string, directory: string | null): Promise<Workspace> {
	const realRoot = await realpath(root);
	const inRepository = tidy(directory ?? "");
	const base = inRepository === null ? null : await resolveInside(realRoot, realRoot, inRepository);
	if (base === null || !(await stat(base)).isDirectory()) throw new Error("The directory of a workspace must lie in its repository.");
	return new LocalWorkspace(realRoot, base, inRepository ?? "");
}

/** Succeeds when the folder `directory` is there; `whole` is what it should be in. */
export async function requireDirectory(root: string, directory: string | null, whole: "repository" | "folder"): Promise<Outcome<null>> {
	if (directory === null || directory === "") return succeeded(null);
	const found = await openWorkspace(root, directory).catch(() => null);
	if (found !== null) return succeeded(null);
	return failed({ code: "directory_not_found", message: `There is no directory “${directory}” in this ${whole}.` });
}

class LocalWorkspace implements Workspace {
	readonly path: string;
	readonly directory: string;
	readonly #root: string;

	constructor(root: string, path: string, directory: string) {
		this.#root = root;
		this.path = path;
		this.directory = directory;
	}

	async read(path: string, maxBytes = defaultReadBytes): Promise<string | null> {
		const file = await this.#resolve(path);
		if (file === null) return null;
		// O_NONBLOCK: opening a named pipe must not wait for a writer.
		const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
		if (handle === null) return null;
		try {
			const info = await handle.stat();
			if (!info.isFile()) return null;
			const buffer = Buffer.alloc(Math.min(info.size, maxBytes));
			const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
			return buffer.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, "");
		} finally {
			await handle.close();
		}
	}

	async isFile(path: string): Promise<boolean> {
		return (await this.#stat(path))?.isFile() ?? false;
	}

	async isDirectory(path: string): Promise<boolean> {
		return (await this.#stat(path))?.isDirectory() ?? false;
	}

	async list(path = ""): Promise<WorkspaceEntry[]> {
		const folder = await this.#resolve(path);
		const entries: WorkspaceEntry[] = [];
		if (folder === null) return entries;
		for await (const entry of entriesOf(folder)) {
			entries.push({ name: entry.name, kind: kindOf(entry) });
			if (entries.length >= maxListed) break;
		}
		return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	}

	at(directory: string): Promise<Workspace | null> {
		return openWorkspace(this.#root, directory).catch(() => null);
	}

	async *walk(maxFiles = defaultWalkFiles): AsyncGenerator<WorkspaceFile> {
		const pending = [""];
		let seen = 0;
		for (let folder = pending.shift(); folder !== undefined; folder = pending.shift()) {
			for await (const entry of entriesOf(join(this.path, folder))) {
				const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
				if (entry.isDirectory() && !passedOver.has(entry.name) && pending.length < maxPendingFolders) pending.push(path);
				if (!entry.isFile()) continue;
				// A name that is no text, as Unix allows, leads to nothing under the name that it is read as.
				const stats = await stat(join(this.path, path)).catch(() => null);
				if (stats === null) continue;
				if (++seen > maxFiles) return;
				yield { path, bytes: stats.size };
			}
		}
	}

	async #stat(path: string) {
		const found = await this.#resolve(path);
		return found === null ? null : stat(found).catch(() => null);
	}

	async #resolve(path: string): Promise<string | null> {
		const inside = tidy(path);
		return inside === null ? null : resolveInside(this.#root, this.path, inside);
	}
}

/** Normalises a relative path; null when it would leave its folder by itself. */
function tidy(path: string): string | null {
	if (isAbsolute(path) || path.includes("\0")) return null;
	const plain = normalize(path === "" ? "." : path).replace(/\/+$/, "");
	if (plain === ".." || plain.startsWith(`..${sep}`)) return null;
	return plain === "." ? "" : plain;
}

/** The real path of `base/path`, or null when it is missing or a link leads out of `root`. */
async function resolveInside(root: string, base: string, path: string): Promise<string | null> {
	const real = await realpath(join(base, path)).catch(() => null);
	if (real === null) return null;
	const way = relative(root, real);
	return way === "" || (!isAbsolute(way) && way !== ".." && !way.startsWith(`..${sep}`)) ? real : null;
}

async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
	const dir = await opendir(folder).catch(() => null);
	if (dir !== null) yield* dir;
}

function kindOf(entry: Dirent): WorkspaceEntry["kind"] {
	if (entry.isFile()) return "file";
	return entry.isDirectory() ? "directory" : "other";
}
