import type { Evidence, Plan } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import type { PackageJson } from "./package-json.ts";

type Name = NonNullable<Plan["packageManager"]>;

export interface PackageManager {
	name: Name;
	/** null where there is nothing to install. */
	install: string[] | null;
	/** The command that runs a script of package.json. */
	run(script: string): string[];
	evidence: Evidence[];
	warnings: string[];
}

const lockfiles: [string, Name][] = [
	["package-lock.json", "npm"],
	["npm-shrinkwrap.json", "npm"],
	["pnpm-lock.yaml", "pnpm"],
	["yarn.lock", "yarn"],
	["bun.lock", "bun"],
	["bun.lockb", "bun"],
];
const defaultVersions: Record<Name, string> = { npm: "", pnpm: "10", yarn: "1", bun: "1" };

/** Which package manager a project uses: its `packageManager` field, then its lockfile, then npm. */
export async function choosePackageManager(workspace: Workspace, manifest: PackageJson): Promise<PackageManager> {
	const declared = /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+)/.exec(manifest.packageManager ?? "");
	const present: [string, Name][] = [];
	for (const entry of lockfiles) if (await workspace.isFile(entry[0])) present.push(entry);
	const name = (declared?.[1] as Name | undefined) ?? present[0]?.[1] ?? "npm";
	const lockfile = present.find(([, owner]) => owner === name)?.[0] ?? null;
	const needsInstall =
		lockfile !== null ||
		Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0 ||
		manifest.workspaces !== undefined;

	const evidence: Evidence[] = [];
	if (declared) evidence.push({ file: "package.json", line: manifest.lineOf("packageManager"), means: `${name} is the package manager` });
	if (lockfile !== null) evidence.push({ file: lockfile, line: null, means: `${name}, with exact versions` });
	const warnings: string[] = [];
	if (needsInstall && lockfile === null) warnings.push("There is no lockfile: each build may get other versions of the dependencies.");
	if (name !== "npm") warnings.push(`${name} is fetched with npm for each build; npm projects build faster.`);

	const command = commandOf(name, declared?.[2] ?? defaultVersions[name]);
	const install =
		name === "npm" ? [lockfile === null ? "install" : "ci"] : ["install", ...(lockfile === null ? [] : ["--frozen-lockfile"])];
	return {
		name,
		install: needsInstall ? [...command, ...install] : null,
		run: (script) => [...command, ...(name === "npm" && script === "test" ? [script] : ["run", script])],
		evidence,
		warnings,
	};
}

function commandOf(name: Name, version: string): string[] {
	if (name === "npm") return ["npm"];
	// The package named yarn ends at version 1.
	const spec = name === "yarn" && !version.startsWith("1") ? `@yarnpkg/cli-dist@${version}` : `${name}@${version}`;
	return name === "yarn" ? ["npx", "--yes", "--package", spec, "yarn"] : ["npx", "--yes", spec];
}
