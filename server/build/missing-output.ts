import { lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { commandText, type Plan, type WorkFailure } from "../../lib/protocol/index.ts";

/** Folders that are looked into: enough for `dist/shop/browser`, too few to matter. */
const maxDepth = 3;
const maxFolders = 400;
const passedOver = new Set(["node_modules", ".git", ".cache", ".vite", "src", "test", "tests", "coverage"]);

export type OutputProblem = "missing" | "empty";

interface BuiltApp {
	/** Host folder of the app after the build. */
	app: string;
	/** The same before it. */
	source: string;
}

/** Says what is wrong with the output folder of a build that succeeded, and names the folder that looks right. */
export async function explainMissingOutput(plan: Plan, what: OutputProblem, { app, source }: BuiltApp): Promise<WorkFailure> {
	const output = plan.output ?? ".";
	const command = plan.build === null ? undefined : commandText(plan.build);
	const problem = what === "empty" ? `its output folder “${output}” is empty` : `there is no folder “${output}”`;
	const failure: WorkFailure = { code: "output_missing", ...(command && { command, exitCode: 0 }), cause: "output_missing" };
	const elsewhere = await findSites({ app, source }, output);
	if (elsewhere[0] !== undefined)
		return {
			...failure,
			cause: "output_elsewhere",
			message: `The build finished, but ${problem}. A folder with an index.html is “${elsewhere.slice(0, 3).join("” and “")}”.`,
			action: `Set the output folder to “${elsewhere[0]}” in the project's settings, or as “output” in quayside.json, and retry.`,
			seen: { output: elsewhere[0] },
		};
	const server = await findServer(app);
	if (server !== null)
		return {
			...failure,
			cause: "output_is_server",
			message: `The build finished, but ${problem}: it made a server, in “${server}”, and no site of files.`,
			action: "Give the project a start command that runs it, or let the build export files, and retry.",
		};
	return {
		...failure,
		message: `The build finished, but ${problem}, and no other folder has an index.html.`,
		action: "Look where the build writes its files, set that as the output folder in the project's settings, and retry.",
	};
}

/** Folders with an index.html, those the build made first, then the shallow ones. Paths relative to the app. */
async function findSites({ app, source }: BuiltApp, output: string): Promise<string[]> {
	const found: { path: string; made: boolean }[] = [];
	const pending = [{ path: "", depth: 0 }];
	let seen = 0;
	for (let next = pending.shift(); next !== undefined && ++seen <= maxFolders; next = pending.shift()) {
		const names = await foldersAndIndex(join(app, next.path));
		if (names.hasIndex && next.path !== "" && next.path !== output)
			found.push({ path: next.path, made: !(await isFolder(join(source, next.path))) });
		if (next.depth === maxDepth) continue;
		for (const name of names.folders) pending.push({ path: next.path === "" ? name : `${next.path}/${name}`, depth: next.depth + 1 });
	}
	const made = found.filter((folder) => folder.made);
	const best = made.length > 0 ? made : found;
	return best.filter(({ path }) => !best.some((other) => path.startsWith(`${other.path}/`))).map(({ path }) => path);
}

async function foldersAndIndex(folder: string): Promise<{ folders: string[]; hasIndex: boolean }> {
	const folders: string[] = [];
	let hasIndex = false;
	const dir = await opendir(folder).catch(() => null);
	for await (const entry of dir ?? []) {
		if (entry.isDirectory() && !passedOver.has(entry.name) && folders.length < maxFolders) folders.push(entry.name);
		if (entry.isFile() && entry.name === "index.html") hasIndex = true;
	}
	return { folders: folders.sort(), hasIndex };
}

async function findServer(app: string): Promise<string | null> {
	for (const path of [".next/server", ".output/server", "build/server", "dist/server", ".svelte-kit/output/server"])
		if (await isFolder(join(app, path))) return path;
	return null;
}

async function isFolder(path: string): Promise<boolean> {
	return (await lstat(path).catch(() => null))?.isDirectory() ?? false;
}
