import { createHash } from "node:crypto";
import type { Plan, ToolName } from "../../../lib/protocol/index.ts";
import { openWorkspace, type Workspace } from "../../source/workspace.ts";

export interface DependencyInputs {
	plan: Pick<Plan, "install" | "directory" | "installDirectory">;
	/** Exact version of each tool. */
	versions: Readonly<Partial<Record<ToolName, string>>>;
	/** Stands for the build's environment. */
	environment: string;
}

const lockfiles = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];
/** Other files that package managers read when they install, or common packages that make their code then. */
const settings =
	/\.prisma$|(?:^|\/)binding\.gyp$|(?:^|\/)(?:\.npmrc|\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.cjs|\.pnpmfile\.mjs|pnpm-workspace\.yaml|bunfig\.toml|npm-shrinkwrap\.json)$|(?:^|\/)(?:patches|\.yarn\/(?:patches|plugins|releases))\//;
/** Parts of package.json that decide what is installed. */
const installParts = [
	...["name", "version", "workspaces", "packageManager", "engines", "os", "cpu", "bin", "directories", "pnpm", "overrides", "resolutions"],
	...["dependencies", "devDependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"],
	...["bundleDependencies", "bundledDependencies", "trustedDependencies", "dependenciesMeta"],
];
/** Scripts of the project itself that an install runs: what they do may depend on any file. */
const installScripts = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
/** Sets up git hooks, and does nothing in a copy without `.git`. */
const harmlessScript = /^(?:husky(?: install)?|is-ci \|\| husky(?: install)?|lefthook install|simple-git-hooks)$/;
const fromSources = /^(?:file|link|portal|patch):/;
const maxFileBytes = 32 * 1024 * 1024;
const maxFiles = 20_000;

/**
 * A hash of everything that decides what an install puts into `node_modules`. Null where these files alone do not decide it: without a
 * lockfile, with an install command or install scripts of the project itself, or with dependencies that are folders of the repository.
 */
export async function dependencyKey(tree: string, { plan, versions, environment }: DependencyInputs): Promise<string | null> {
	if (plan.install === null || !isPlainInstall(plan.install)) return null;
	const workspace = await openWorkspace(tree, plan.installDirectory ?? plan.directory).catch(() => null);
	if (workspace === null) return null;
	const hash = createHash("sha256");
	hash.update(JSON.stringify(["dependencies/1", process.platform, process.arch, plan.install, plan.installDirectory, plan.directory]));
	hash.update(JSON.stringify([Object.entries(versions).sort(), environment]));
	let locked = false;
	let seen = 0;
	const paths: string[] = [];
	for await (const { path, bytes } of workspace.walk(maxFiles)) {
		if (++seen === maxFiles) return null;
		if (!isManifest(path) && !lockfiles.includes(path) && !settings.test(path)) continue;
		if (bytes > maxFileBytes) return null;
		paths.push(path);
	}
	for (const path of paths.sort()) {
		const text = await readWhole(workspace, path);
		const part = text === null || !isManifest(path) ? text : partOfManifest(text);
		if (part === null) return null;
		locked ||= lockfiles.includes(path);
		hash.update(JSON.stringify([path, part]));
	}
	return locked ? hash.digest("hex").slice(0, 40) : null;
}

/** A package manager's own install; any other program may read whatever it likes. */
function isPlainInstall([program = "", command = ""]: readonly string[]): boolean {
	return ["npm", "pnpm", "yarn", "bun"].includes(program) && ["ci", "install", "i"].includes(command);
}

const isManifest = (path: string) => path === "package.json" || path.endsWith("/package.json");

async function readWhole(workspace: Workspace, path: string): Promise<string | null> {
	return workspace.read(path, maxFileBytes);
}

/** The part of a package.json that an install reads; null when the install would depend on more than that. */
function partOfManifest(text: string): string | null {
	const manifest = parse(text);
	if (manifest === null) return null;
	const scripts = recordOf(manifest.scripts);
	for (const name of installScripts) {
		const script = scripts[name];
		if (script !== undefined && !(typeof script === "string" && harmlessScript.test(script.trim()))) return null;
	}
	for (const name of ["dependencies", "devDependencies", "optionalDependencies"])
		for (const spec of Object.values(recordOf(manifest[name]))) if (typeof spec !== "string" || fromSources.test(spec)) return null;
	return JSON.stringify(installParts.map((name) => manifest[name] ?? null));
}

function parse(text: string): Record<string, unknown> | null {
	try {
		return recordOf(JSON.parse(text));
	} catch {
		return null;
	}
}

function recordOf(value: unknown): Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
