import type { Workspace } from "../../source/workspace.ts";
import type { Wishes } from "../provider.ts";
import { findMonorepoAbove, internalDependencies, type Monorepo } from "./monorepo.ts";
import { chooseNodeVersion, type NodeVersion } from "./node-version.ts";
import { type PackageJson, readPackageJson } from "./package-json.ts";
import { choosePackageManager, type PackageManager } from "./package-manager.ts";

/** A Node project as far as it was read. */
export interface NodeApp {
	workspace: Workspace;
	manifest: PackageJson;
	/** What it is installed with, when it is a member of one. */
	monorepo: Monorepo | null;
	manager: PackageManager;
	node: NodeVersion;
	/** What stands before the files of evidence: the folder of the app, where others than its own count too. */
	prefix: string;
	/** Is it among the dependencies, or does a script call a program of the monorepo's? */
	uses(dependency: string, program?: string): boolean;
	/** The command for a script of package.json; what it needs of the monorepo is built before. */
	build(script: string, ...args: string[]): string[];
	/** The same for a command that is no script, or for no command at all. */
	buildWith(command: string[] | null): string[] | null;
}

/**
 * Reads what every plan of a Node project needs; null when there is no readable package.json. `within` is the monorepo it is a
 * member of, where that is known.
 */
export async function readNodeApp(workspace: Workspace, wishes: Wishes, within?: Monorepo): Promise<NodeApp | null> {
	const manifest = await readPackageJson(workspace);
	if (manifest === null || manifest === "broken") return null;
	const monorepo = within ?? (await findMonorepoAbove(workspace));
	const here = { workspace, manifest, prefix: monorepo === null ? "" : pathTo(workspace) };
	const above = monorepo && { workspace: monorepo.root, manifest: monorepo.manifest, prefix: pathTo(monorepo.root) };
	const node = await chooseNodeVersion(above ? [here, above] : [here], wishes.node);
	const chosen = await choosePackageManager(monorepo?.root ?? workspace, monorepo?.manifest ?? manifest, wishes.packageManager);
	const manager = above
		? { ...chosen, evidence: chosen.evidence.map((seen) => ({ ...seen, file: `${above.prefix}${seen.file}` })) }
		: chosen;
	const scripts = Object.values(manifest.scripts).join("\n");
	return {
		workspace,
		manifest,
		monorepo,
		manager,
		node,
		prefix: here.prefix,
		uses: (dependency, program = dependency) =>
			manifest.has(dependency) ||
			(monorepo?.manifest.has(dependency) === true && new RegExp(`(?:^|[\\s&;])${RegExp.escape(program)}(?:\\s|$)`, "m").test(scripts)),
		build: (script, ...args) =>
			byMonorepo(monorepo, manifest, manager, script, args) ??
			steps([...before(monorepo, manifest, manager), manager.run(script, ...args)]),
		buildWith: (command) =>
			command === null ? orNull(before(monorepo, manifest, manager)) : steps([...before(monorepo, manifest, manager), command]),
	};
}

/** What stands before a path in this folder to make it one in the repository. */
function pathTo({ directory }: Workspace): string {
	return directory === "" ? "" : `${directory}/`;
}

const packageName = /^(?:@[\w.-]+\/)?[\w][\w.-]*$/;

/** Commands that build the packages which this one uses, in their order. */
function before(monorepo: Monorepo | null, manifest: PackageJson, manager: PackageManager): string[][] {
	return built(monorepo, manifest).map((name) => runIn(manager, name));
}

/** Names of the packages that must be built before this one. */
function built(monorepo: Monorepo | null, manifest: PackageJson): string[] {
	const members = monorepo === null ? [] : internalDependencies(monorepo, manifest);
	return members.flatMap(({ manifest: { name, scripts } }) =>
		name !== undefined && packageName.test(name) && scripts.build !== undefined ? [name] : [],
	);
}

/** The monorepo's own tool builds a package with what it uses; null where there is none, or nothing to build before. */
function byMonorepo(
	monorepo: Monorepo | null,
	{ name, ...manifest }: PackageJson,
	manager: PackageManager,
	script: string,
	args: string[],
): string[] | null {
	if (monorepo === null || args.length > 0 || name === undefined || !packageName.test(name)) return null;
	if (built(monorepo, { name, ...manifest }).length === 0) return null;
	if (script === "build" && monorepo.manifest.has("turbo")) return manager.exec("turbo", "run", "build", `--filter=${name}`);
	if (script === "build" && monorepo.manifest.has("nx")) return manager.exec("nx", "run", `${name}:build`);
	return manager.name === "pnpm" ? ["pnpm", "--filter", `${name}...`, "run", script] : null;
}

/** One command, or a shell that carries out several: only words that mean nothing else to a shell come here. */
function steps(commands: string[][]): string[] {
	const [only, ...others] = commands;
	return only !== undefined && others.length === 0 ? only : ["sh", "-c", commands.map((step) => step.join(" ")).join(" && ")];
}

const orNull = (commands: string[][]) => (commands.length === 0 ? null : steps(commands));

function runIn({ name }: PackageManager, member: string): string[] {
	if (name === "npm") return ["npm", "run", "build", `--workspace=${member}`];
	if (name === "bun") return ["bun", "run", "--filter", member, "build"];
	return name === "yarn" ? ["yarn", "workspace", member, "run", "build"] : ["pnpm", "--filter", member, "run", "build"];
}
