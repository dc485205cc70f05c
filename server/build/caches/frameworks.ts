import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Plan, ToolName } from "../../../lib/protocol/index.ts";
import { type Snapshot, takeSnapshot } from "./kept-tree.ts";

/** What build tools keep for their next run, relative to the app's folder. Only what they can also do without. */
const cacheFolders = [
	".next/cache",
	"node_modules/.cache",
	"node_modules/.vite",
	"node_modules/.astro",
	".astro",
	".angular/cache",
	".parcel-cache",
	".turbo",
	".docusaurus",
];

/** A failure that names one of these may be the fault of what was kept. */
export const namesFrameworkCache =
	/\.next\/cache|node_modules\/\.(?:cache|vite|astro)|\.angular\/cache|\.parcel-cache|\.turbo\b|\.docusaurus\b/;

/** One entry for an app of the repository and the tools it is built with. */
export function frameworkKey({ framework, directory }: Plan, versions: Readonly<Partial<Record<ToolName, string>>>): string {
	const inputs = ["frameworks/1", process.platform, process.arch, framework, directory, Object.entries(versions).sort()];
	return createHash("sha256").update(JSON.stringify(inputs)).digest("hex").slice(0, 40);
}

/** A snapshot of what the build tools left behind in a tree nobody writes to any more; null when there is nothing. */
export async function snapshotFrameworkCaches(tree: string, directory: string, place: string, mark: string): Promise<Snapshot | null> {
	const paths: string[] = [];
	for (const folder of cacheFolders) {
		const path = directory === "" ? folder : `${directory}/${folder}`;
		if ((await lstat(join(tree, path)).catch(() => null))?.isDirectory()) paths.push(path);
	}
	return paths.length === 0 ? null : takeSnapshot(tree, paths, place, mark);
}
