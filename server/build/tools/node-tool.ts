import { constants } from "node:fs";
import { cp, link, mkdir, realpath, symlink } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { AppError } from "../../../lib/errors.ts";
import { exists } from "../../exec/tree-files.ts";
import type { ToolStore } from "./tool-store.ts";

export interface NodeAtHand {
	/** The Node that runs the platform, used where its version fits. */
	nodePath: string;
	nodeVersion: string;
	/** Where npm is looked for: npm's own word for its program (`npm_execpath`), then the folders of `PATH`. */
	npmExecPath: string | null;
	path: string;
}

/** Puts the Node at hand into its place, unless it is there. */
export async function adoptNode(store: ToolStore, atHand: NodeAtHand): Promise<void> {
	if ((await store.find("node", atHand.nodeVersion)) !== null) return;
	await putNode(store, atHand, atHand.nodeVersion, (file) => link(atHand.nodePath, file).catch(() => copyProgram(atHand.nodePath, file)));
}

/** Puts a Node into its place in the layout of its own distribution, with this machine's npm beside it. */
export async function putNode(
	store: ToolStore,
	atHand: NodeAtHand,
	version: string,
	place: (file: string) => Promise<void>,
): Promise<void> {
	const npm = await findNpm(atHand);
	await store.put("node", version, async (folder) => {
		await place(join(folder, "bin/node"));
		await mkdir(join(folder, "lib/node_modules"), { recursive: true });
		// Some 2000 small files: the system's own cp takes a tenth of the time.
		await execa("cp", ["-RL", "--", npm, join(folder, "lib/node_modules/npm")], { stdio: "ignore" });
		for (const name of ["npm", "npx"]) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, "bin", name));
	});
}

export async function copyProgram(from: string, to: string): Promise<void> {
	await cp(from, to, { mode: constants.COPYFILE_FICLONE, dereference: true });
}

/** Folder of the npm package. The Node at hand may have come without one, so it is looked for where programs are. */
async function findNpm({ npmExecPath, path, nodePath }: NodeAtHand): Promise<string> {
	const programs = [npmExecPath, join(dirname(nodePath), "npm"), ...path.split(delimiter).map((folder) => join(folder, "npm"))];
	for (const program of programs) {
		if (!program) continue;
		const real = await realpath(program).catch(() => null);
		const folder = real === null ? null : /^(.*[/\\]npm)[/\\]bin[/\\][^/\\]+$/.exec(real)?.[1];
		if (folder && (await exists(join(folder, "bin/npm-cli.js")))) return folder;
	}
	throw new AppError("install_failed", {
		message: "npm was not found on this machine.",
		action: "Install npm, restart Quayside and retry.",
	});
}
