import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where the pipeline keeps what it needs on this node. Names are ids of ours, never a user's text. */
export interface Folders {
	source(id: string): string;
	build(id: string): string;
	/** Folder of a project's caches. */
	cache(projectId: string): string;
	/** Folder of all of them. */
	readonly caches: string;
	/** A folder that somebody sent. */
	upload(id: string): string;
	/** Folders whose entries are sources, build results and uploads. */
	readonly roots: readonly string[];
}

/** Makes the folders under the home, clears what a crash left half-made, and answers how to find things in them. */
export async function openFolders(home: string): Promise<Folders> {
	const roots = { source: join(home, "sources"), build: join(home, "builds"), cache: join(home, "caches") };
	const uploads = join(home, "uploads");
	for (const root of Object.values(roots)) await mkdir(root, { recursive: true, mode: 0o711 });
	// Nobody but the platform reads what was sent; stages work on copies.
	await mkdir(uploads, { recursive: true, mode: 0o700 });
	await Promise.all([roots.source, roots.build, uploads].map(removePartials));
	return {
		source: (id) => join(roots.source, id),
		build: (id) => join(roots.build, id),
		upload: (id) => join(uploads, id),
		roots: [roots.source, roots.build, uploads],
		cache: (projectId) => join(roots.cache, projectId),
		caches: roots.cache,
	};
}

async function removePartials(root: string): Promise<void> {
	const partial = (await readdir(root)).filter((name) => name.endsWith(".partial"));
	for (const name of partial) await rm(join(root, name), { recursive: true, force: true });
}
