import { rm, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { type Remembered, remember } from "./kept-tree.ts";

const quiet = { stdin: "ignore", maxBuffer: 1024 * 1024 } as const;
const maxFolders = 1000;
/** What an install of Yarn writes beside `node_modules`, and needs again to run a script. */
const beside = [".yarn/install-state.gz", ".yarn/build-state.yml", ".yarn/cache", ".yarn/unplugged", ".pnp.cjs", ".pnp.loader.mjs"];

/** Watches an install, to tell afterwards what it has made. `marker` is a host path that nothing else uses. */
export interface InstallWatch {
	/** Remembers what was installed; null when the install has also changed files of the project. */
	remember(): Promise<Remembered | null>;
}

export async function watchInstall(tree: string, marker: string): Promise<InstallWatch | null> {
	// Dependencies that came with the repository are the repository's business.
	if ((await foldersOf(tree)).length > 0) return null;
	await writeFile(marker, "");
	return {
		async remember() {
			const [own, folders] = await Promise.all([changedFiles(tree, marker), foldersOf(tree)]);
			await rm(marker);
			const known = own.filter((path) => beside.some((one) => path === one || path.startsWith(`${one}/`)));
			if (known.length < own.length) return null;
			const others = beside.filter((one) => known.some((path) => path === one || path.startsWith(`${one}/`)));
			const paths = [...folders, ...others];
			if (paths.length === 0 || paths.length > maxFolders) return null;
			return remember(tree, paths);
		},
	};
}

/** Every `node_modules` that is not inside another one, relative to the tree. */
async function foldersOf(tree: string): Promise<string[]> {
	const { stdout } = await execa("find", [tree, "-name", "node_modules", "-type", "d", "-prune", "-printf", "%P\\n"], quiet);
	return stdout.split("\n").filter(Boolean);
}

/** Files outside of `node_modules` that were made or changed since the marker. */
async function changedFiles(tree: string, marker: string): Promise<string[]> {
	const args = [tree, "-name", "node_modules", "-prune", "-o", "!", "-type", "d", "-newercm", marker, "-printf", "%P\\n"];
	const { stdout } = await execa("find", args, quiet);
	return stdout.split("\n").filter(Boolean);
}
