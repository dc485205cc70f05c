import semver from "semver";
import type { Evidence, PackageManagerName, Tool } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { literalOf } from "./config-text.ts";
import type { PackageJson } from "./package-json.ts";

export interface PackageManager {
	name: PackageManagerName;
	/** A major, an exact version, or null for the one that comes with Node. */
	version: string | null;
	/** null where there is nothing to install. */
	install: string[] | null;
	/** Files that decide what is installed, relative to the folder of the installation. */
	lockfile: string | null;
	/** Variables its commands need. */
	env: Record<string, string>;
	tool: Tool;
	/** The command that runs a script of package.json, with arguments for the script. */
	run(script: string, ...args: string[]): string[];
	/** The command that runs a program of an installed package. */
	exec(program: string, ...args: string[]): string[];
	evidence: Evidence[];
	warnings: string[];
}

const lockfiles: readonly [string, PackageManagerName][] = [
	["bun.lock", "bun"],
	["bun.lockb", "bun"],
	["pnpm-lock.yaml", "pnpm"],
	["yarn.lock", "yarn"],
	["package-lock.json", "npm"],
	["npm-shrinkwrap.json", "npm"],
];

interface Declared {
	name: PackageManagerName;
	version: string | null;
	file: string;
	line: number | null;
}

interface Found {
	name: PackageManagerName;
	lockfile: string | null;
	version: string | null;
	evidence: Evidence[];
	warnings: string[];
}

/**
 * Which package manager a project uses, and in which version: what somebody wishes, `packageManager` of package.json, Volta, its
 * lockfile, then npm. The workspace is the folder of the installation.
 */
export async function choosePackageManager(
	workspace: Workspace,
	manifest: PackageJson,
	wish?: PackageManagerName,
): Promise<PackageManager> {
	const found = await find(workspace, manifest, wish);
	const { name, lockfile, version } = found;
	const needsInstall =
		lockfile !== null ||
		Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0 ||
		manifest.workspaces !== undefined ||
		(await workspace.isFile("pnpm-workspace.yaml"));
	if (needsInstall && lockfile === null)
		found.warnings.push("There is no lockfile: each build may get other versions of the dependencies.");
	const berry = name === "yarn" && !/^[01](?:\.|$)/.test(version ?? "1");
	const install = [name, ...installArguments(name, lockfile !== null, berry)];
	const linker = berry && needsInstall ? await nodeLinker(workspace, found) : {};
	return {
		...found,
		install: needsInstall ? install : null,
		env: linker,
		tool: { name, version },
		run: (script, ...args) => runCommand(name, script, args),
		exec: (program, ...args) => [...execPrefixes[name], program, ...args],
	};
}

const execPrefixes: Readonly<Record<PackageManagerName, string[]>> = {
	npm: ["npx"],
	pnpm: ["pnpm", "exec"],
	yarn: ["yarn", "run"],
	bun: ["bun", "x"],
};

function runCommand(name: PackageManagerName, script: string, args: string[]): string[] {
	const short = name === "npm" && (script === "test" || script === "start");
	// The others hand arguments on as they are, and some hand on the dashes too.
	const separator = name === "npm" && args.length > 0 ? ["--"] : [];
	return [name, ...(short ? [script] : ["run", script]), ...separator, ...args];
}

function installArguments(name: PackageManagerName, locked: boolean, berry: boolean): string[] {
	if (name === "npm") return [locked ? "ci" : "install"];
	if (!locked) return name === "pnpm" ? ["install", "--no-frozen-lockfile"] : berry ? ["install", "--no-immutable"] : ["install"];
	return ["install", berry ? "--immutable" : "--frozen-lockfile"];
}

async function find(workspace: Workspace, manifest: PackageJson, wish: PackageManagerName | undefined): Promise<Found> {
	const present: [string, PackageManagerName][] = [];
	for (const entry of lockfiles) if (await workspace.isFile(entry[0])) present.push(entry);
	const declared = await declaredBy(workspace, manifest);
	const named = wish ?? declared?.name ?? present[0]?.[1] ?? ((await workspace.isFile("pnpm-workspace.yaml")) ? "pnpm" : "npm");
	const lockfile = present.find(([, owner]) => owner === named)?.[0] ?? null;
	const evidence: Evidence[] = [];
	const warnings: string[] = [];
	const counts = declared?.name === named ? declared : null;
	if (counts !== null) {
		const version = counts.version === null ? "" : ` ${counts.version}`;
		evidence.push({ file: counts.file, line: counts.line, means: `${named}${version} is the package manager` });
	}
	if (lockfile !== null) evidence.push({ file: lockfile, line: null, means: `${named}, with exact versions` });
	const others = present.filter(([, owner]) => owner !== named);
	if (others.length > 0) {
		for (const [file, owner] of others) evidence.push({ file, line: null, means: `A lockfile of ${owner}, which is not used` });
		const all = present.map(([file]) => file).join(" and ");
		warnings.push(
			lockfile === null
				? `${all} ${present.length === 1 ? "belongs" : "belong"} to another package manager than ${named}, so it is not used.`
				: `There is more than one lockfile (${all}); ${named} and ${lockfile} are used. Delete the other, or set packageManager in package.json.`,
		);
	}
	const version = counts?.version ?? fromEngines(manifest, named) ?? (await versionOfLockfile(workspace, named, lockfile));
	return { name: named, lockfile, version, evidence, warnings };
}

async function declaredBy(workspace: Workspace, manifest: PackageJson): Promise<Declared | null> {
	const field = /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+(?:-[\w.-]+)?)(?:\+[\w.=/+-]*)?$/.exec(manifest.packageManager?.trim() ?? "");
	const line = (key: string) => ({ file: "package.json", line: manifest.lineOf(key) });
	if (field) return { name: field[1] as PackageManagerName, version: field[2] ?? null, ...line("packageManager") };
	const { name, version } = manifest.devEngines.packageManager;
	if (isManager(name)) return { name, version: fromRange(name, version ?? ""), ...line("devEngines") };
	for (const manager of ["pnpm", "yarn", "npm"] as const) {
		const pinned = semver.valid(manifest.volta[manager] ?? "");
		if (pinned !== null) return { name: manager, version: pinned, ...line("volta") };
	}
	const release = literalOf((await workspace.read(".yarnrc.yml", 4096))?.replace(/:\s*([^"'\s]+)\s*$/gm, ': "$1"') ?? "", "yarnPath");
	const yarn = /yarn-(\d+\.\d+\.\d+)\.c?js$/.exec(release ?? "")?.[1];
	if (yarn !== undefined) return { name: "yarn", version: yarn, file: ".yarnrc.yml", line: null };
	const tools = (await workspace.read(".tool-versions", 4096))?.split("\n") ?? [];
	for (const [index, text] of tools.entries()) {
		const [tool, wanted = ""] = text.trim().split(/\s+/);
		const exact = semver.valid(wanted);
		if (isManager(tool) && exact !== null) return { name: tool, version: exact, file: ".tool-versions", line: index + 1 };
	}
	return null;
}

function isManager(name: string | undefined): name is PackageManagerName {
	return name === "npm" || name === "pnpm" || name === "yarn" || name === "bun";
}

/** Majors of each package manager, the ones to prefer first. null: the one that comes with Node. */
const knownMajors: Readonly<Record<PackageManagerName, readonly number[]>> = {
	npm: [11, 10, 9, 8, 7],
	pnpm: [10, 9, 11, 12, 8, 7, 6],
	yarn: [1, 4, 3, 2],
	bun: [1],
};

function fromEngines(manifest: PackageJson, name: PackageManagerName): string | null {
	const range = manifest.engines[name];
	if (range === undefined) return null;
	// The npm of any Node fits a range without an upper end.
	return name === "npm" && semver.validRange(range) !== null && semver.satisfies("999.0.0", range) ? null : fromRange(name, range);
}

function fromRange(name: PackageManagerName, range: string): string | null {
	if (semver.valid(range) !== null) return semver.valid(range);
	if (range.trim() === "" || semver.validRange(range) === null) return null;
	const major = knownMajors[name].find((candidate) => semver.satisfies(`${candidate}.999.0`, range));
	return major === undefined ? (semver.minVersion(range)?.version ?? null) : String(major);
}

/** The major that wrote a lockfile of this format, or the usual one. */
async function versionOfLockfile(workspace: Workspace, name: PackageManagerName, lockfile: string | null): Promise<string | null> {
	if (name === "npm") return null;
	if (name === "bun") return "1";
	const head = lockfile === null ? "" : ((await workspace.read(lockfile, 4096)) ?? "");
	if (name === "pnpm") {
		const format = Number(/^lockfileVersion:\s*'?(\d+)/m.exec(head)?.[1] ?? 9);
		return format >= 9 ? "10" : format >= 6 ? "8" : "7";
	}
	const format = Number(/^__metadata:\s*\n\s+version:\s*(\d+)/m.exec(head)?.[1] ?? 0);
	if (format >= 8 || (format === 0 && lockfile === null && (await workspace.isFile(".yarnrc.yml")))) return "4";
	return format >= 5 ? "3" : format >= 4 ? "2" : "1";
}

/** Plug'n'Play would need Yarn and its cache beside the running app. */
async function nodeLinker(workspace: Workspace, { warnings }: Found): Promise<Record<string, string>> {
	const linker = /^nodeLinker:\s*["']?([\w-]+)/m.exec((await workspace.read(".yarnrc.yml", 16_384)) ?? "")?.[1] ?? "pnp";
	if (linker !== "pnp") return {};
	warnings.push("Yarn installs into node_modules here instead of Plug'n'Play, so that the app runs without Yarn's cache.");
	return { YARN_NODE_LINKER: "node-modules" };
}
