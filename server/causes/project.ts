import { type PackageJson, readPackageJson } from "../plan/node/package-json.ts";
import type { Workspace } from "../source/workspace.ts";
import type { Circumstances } from "./cause.ts";

/** The project's package.json, null when there is none that can be read. */
export async function manifestOf(files: Workspace | null): Promise<PackageJson | null> {
	const manifest = files && (await readPackageJson(files));
	return manifest === "broken" ? null : manifest;
}

export type Declared = "dependency" | "development" | "nowhere" | "unknown";

/** Where package.json names a package. */
export async function declarationOf(name: string, files: Workspace | null): Promise<Declared> {
	const manifest = await manifestOf(files);
	if (!manifest) return "unknown";
	if (Object.hasOwn(manifest.dependencies, name)) return "dependency";
	return Object.hasOwn(manifest.devDependencies, name) ? "development" : "nowhere";
}

/** "@acme/ui/button" is a file of the package "@acme/ui". */
export function packageOf(specifier: string): string {
	return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

const lockfiles: Readonly<Record<string, string>> = {
	npm: "package-lock.json",
	pnpm: "pnpm-lock.yaml",
	yarn: "yarn.lock",
	bun: "bun.lock",
	bundle: "Gemfile.lock",
	cargo: "Cargo.lock",
	composer: "composer.lock",
};

/** The tool a command is run with, and the lockfile it keeps: `npm ci` is npm's. */
export function toolOf({ command, plan }: Circumstances): { tool: string; lockfile: string; install: string } {
	const first = command.split(" ", 1)[0] ?? "";
	const tool = Object.hasOwn(lockfiles, first) ? first : (plan.packageManager ?? "npm");
	const install = tool === "cargo" ? "cargo build" : `${tool} install`;
	return { tool, lockfile: lockfiles[tool] ?? "the lockfile", install };
}

/** Path of a file inside the app's folder, from an absolute path of the sandbox. */
export function pathInApp(path: string, { plan }: Circumstances): string {
	const workspace = path.replace(/^.*?\/workspace\//, "");
	const directory = plan.directory === "" ? "" : `${plan.directory}/`;
	return workspace.startsWith(directory) ? workspace.slice(directory.length) : workspace;
}
