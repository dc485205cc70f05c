import { cp, lstat, opendir, realpath, rename, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { failed, type Outcome, type Plan, type Reporter, succeeded } from "../../lib/protocol/index.ts";
import { discard } from "../exec/tree-files.ts";

export interface Collected {
	/** Of the site, or of the app without its dependencies. */
	files: number;
	bytes: number;
}

const maxFiles = 200_000;

/** Turns the built `tree/` in `folder` into the result: `site/` or `app/`. */
export async function collect(plan: Plan, folder: string, reporter: Reporter): Promise<Outcome<Collected>> {
	const tree = join(folder, "tree");
	const app = await insideOf(tree, plan.directory);
	if (app === null) return failed({ code: "output_missing", message: `The folder “${plan.directory}” is gone after the build.` });
	return plan.kind === "static" ? collectSite(plan, folder, app, reporter) : collectApp(folder, tree, app);
}

async function collectSite(plan: Plan, folder: string, app: string, reporter: Reporter): Promise<Outcome<Collected>> {
	const output = plan.output ?? ".";
	const from = await insideOf(app, output);
	if (from === null || !(await lstat(from)).isDirectory()) return missing(`The build finished, but there is no folder “${output}”.`);
	const site = join(folder, "site");
	// Tests run in the tree after the build; what they change must not reach the site.
	if (plan.test !== null) await cp(from, site, { recursive: true, verbatimSymlinks: true });
	else await rename(from, site);
	const found = await tidySite(site, reporter);
	if (found.files === 0) return missing(`The build finished, but its output folder “${output}” is empty.`);
	if (plan.test === null) await discard(join(folder, "tree"), folder);
	return succeeded(found);
}

async function collectApp(folder: string, tree: string, app: string): Promise<Outcome<Collected>> {
	await rename(app, join(folder, "app"));
	if (app !== tree) await rm(tree, { recursive: true, force: true });
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
		if (escapes || isPrivate(file.path)) {
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

const isPrivate = (path: string) => /[/\\]\.(?:env(?:\.[^/\\]*)?|npmrc|git|gitconfig|htpasswd)$/.test(path);

interface FoundFile {
	path: string;
	bytes: number;
	link: boolean;
}

/** Files and links below a folder, without dependencies; bounded. */
async function* filesOf(root: string): AsyncGenerator<FoundFile> {
	const pending = [root];
	let seen = 0;
	for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
		for await (const entry of await opendir(folder)) {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) {
				if (entry.name === ".git") await rm(path, { recursive: true, force: true });
				else if (entry.name !== "node_modules") pending.push(path);
				continue;
			}
			if (++seen > maxFiles) return;
			yield { path, bytes: entry.isFile() ? (await lstat(path)).size : 0, link: entry.isSymbolicLink() };
		}
	}
}

/** The real path of a folder below `root`; null when it is missing or a link leads out. */
async function insideOf(root: string, path: string): Promise<string | null> {
	const base = await realpath(root);
	const real = await realpath(join(base, path)).catch(() => null);
	return real !== null && `${real}${sep}`.startsWith(`${base}${sep}`) ? real : null;
}

function missing(message: string): Outcome<never> {
	return failed({ code: "output_missing", message });
}
