import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Outcome, succeeded } from "../../lib/protocol/index.ts";
import { copyTree, moveIntoPlace } from "../exec/tree-files.ts";
import type { CloneResult } from "./clone.ts";
import { requireDirectory } from "./workspace.ts";

export interface FolderCopy {
	/** Host folder to copy. */
	from: string;
	/** Folder that must exist in it; null for its root. */
	directory: string | null;
	/** Absolute host path that does not exist yet; its parent does. */
	into: string;
	/** Names this attempt. */
	mark: string;
	/** What stands for the message of a commit. */
	subject: string;
	signal: AbortSignal;
}

/** Puts a copy of a folder where a clone would put a repository. Its commit is the hash of its files. */
export async function copyFolder({ from, directory, into, mark, subject, signal }: FolderCopy): Promise<Outcome<CloneResult>> {
	const startedAt = performance.now();
	const found = await requireDirectory(from, directory, "folder");
	if (!found.ok) return found;
	const partial = `${into}.${mark}.partial`;
	try {
		await rm(partial, { recursive: true, force: true });
		await copyTree(from, partial, signal);
		const size = await measure(partial, signal);
		await moveIntoPlace(partial, into);
		return succeeded({ ...size, subject, branch: null, durationMs: Math.round(performance.now() - startedAt) });
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
}

/** Counts what is in a folder, and hashes it: the same files, the same hash. */
export async function measure(folder: string, signal: AbortSignal): Promise<Pick<CloneResult, "commit" | "files" | "bytes">> {
	const hash = createHash("sha1");
	let files = 0;
	let bytes = 0;
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
	for (const path of paths.sort()) {
		signal.throwIfAborted();
		const { size, mode } = await lstat(path);
		// With its size, so that no content can pass for the beginning of the next file.
		hash.update(`${path.slice(folder.length)}\0${mode.toString(8)}\0${size}\0`);
		files += 1;
		bytes += size;
		const link = await readlink(path).catch(() => null);
		if (link !== null) hash.update(link);
		else for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
	}
	return { commit: hash.digest("hex"), files, bytes };
}
