import { cp, lstat, opendir, realpath, rename, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { failed, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { explainMissingOutput, type OutputProblem } from "./missing-output.ts";

export interface Collected {
	/** Of the site, or of the app without its dependencies. */
	files: number;
	bytes: number;
}

const maxFiles = 200_000;

export interface BuiltFolder {
	/** Holds the built `tree/`; the result is made beside it. */
	folder: string;
	/** The repository as it was before the build. */
	sourceDir: string;
}

/** Turns the built `tree/` into the result: `site/` or `app/`. */
export async function collect(plan: Plan, { folder, sourceDir }: BuiltFolder, reporter: Reporter): Promise<Outcome<Collected>> {
	const tree = join(folder, "tree");
	const app = await insideOf(tree, plan.directory);
	if (app === null) return failed({ code: "output_missing", message: `The folder “${plan.directory}” is gone after the build.` });
	// What a workspace's app uses lies beside it.
	if (plan.kind !== "static") return collectApp(folder, tree, plan.installDirectory === null ? app : await realpath(tree));
	const collected = await collectSite(plan, folder, app, reporter);
	if (typeof collected === "object") return succeeded(collected);
	return failed(await explainMissingOutput(plan, collected, { app, source: join(sourceDir, plan.directory) }));
}

/** Puts the site into `site/`, or says what is the matter with its output folder. */
async function collectSite(plan: Plan, folder: string, app: string, reporter: Reporter): Promise<Collected | OutputProblem> {
	const output = plan.output ?? ".";
	const from = await insideOf(app, output);
	if (from === null || !(await lstat(from)).isDirectory()) return "missing";
	const site = join(folder, "site");
	// Tests run in the tree after the build; what they change must not reach the site.
	if (plan.test !== null) await cp(from, site, { recursive: true, verbatimSymlinks: true, filter: isStorable });
	else await rename(from, site);
	const found = await tidySite(site, reporter);
	if (found.files === 0) return "empty";
	return found;
}

async function collectApp(folder: string, tree: string, app: string): Promise<Outcome<Collected>> {
	await rename(app, join(folder, "app"));
	await rm(tree, { recursive: true, force: true });
	let files = 0;
	let bytes = 0;
	for await (const file of filesOf(join(folder, "app"))) {
		files += 1;
		bytes += file.bytes;
	}
	return succeeded({ files, bytes });
}

/** Removes from a site what must not be served: version control, environment files, and links that lead out of it. */
async function tidySite(site: string, reporter: Reporter): Promise<Collected> {
	const root = await realpath(site);
	let files = 0;
	let bytes = 0;
	for await (const file of filesOf(root)) {
		const target = file.link ? await realpath(file.path).catch(() => null) : file.path;
		const escapes = target === null || !`${target}${sep}`.startsWith(`${root}${sep}`);
		if (escapes || file.odd || isPrivate(file.path)) {
			await rm(file.path, { force: true });
			reporter.output(
				`${relative(root, file.path)} is left out of the site${escapes ? ": it is a link to somewhere else" : ""}.\n`,
				"quayside",
			);
			continue;
		}
		files += 1;
		bytes += file.bytes;
	}
	return { files, bytes };
}

/** Sockets, pipes and devices can neither be copied nor served; nor can what has no name in UTF-8, which is not found again. */
async function isStorable(path: string): Promise<boolean> {
	const found = await lstat(path).catch(() => null);
	return found !== null && (found.isFile() || found.isDirectory() || found.isSymbolicLink());
}

const isPrivate = (path: string) => /[/\\]\.(?:env(?:\.[^/\\]*)?|npmrc|git|gitconfig|htpasswd)$/.test(path);

interface FoundFile {
	path: string;
	bytes: number;
	link: boolean;
	/** A socket, a pipe or a device. */
	odd: boolean;
}

/** Files and links below a folder, without dependencies and without what has no name in UTF-8; bounded. */
async function* filesOf(root: string): AsyncGenerator<FoundFile> {
	const pending = [root];
	let seen = 0;
	for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
		for await (const entry of (await opendir(folder).catch(() => null)) ?? []) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) {
				if (entry.name === ".git") await rm(path, { recursive: true, force: true });
				else if (entry.name !== "node_modules") pending.push(path);
				continue;
			}
			if (++seen > maxFiles) return;
			const found = await lstat(path).catch(() => null);
			if (found)
				yield {
					path,
					bytes: found.isFile() ? found.size : 0,
					link: found.isSymbolicLink(),
					odd: !found.isFile() && !found.isSymbolicLink(),
				};
		}
	}
}

/** The real path of a folder below `root`; null when it is missing or a link leads out. */
async function insideOf(root: string, path: string): Promise<string | null> {
	const base = await realpath(root);
	const real = await realpath(join(base, path)).catch(() => null);
	return real !== null && `${real}${sep}`.startsWith(`${base}${sep}`) ? real : null;
}
