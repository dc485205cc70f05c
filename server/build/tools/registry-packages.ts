import { readdir, readFile } from "node:fs/promises";
import semver from "semver";
import type { ToolName } from "../../../lib/protocol/index.ts";
import type { SystemToolName } from "../system-programs.ts";

/** Tools that come from the npm registry. */
export type RegistryTool = Exclude<ToolName, SystemToolName>;

export interface RegistryPackage {
	/** Package of the registry. */
	name: string;
	/** Its programs, by the name they are called: the path of each inside the package. */
	programs: Readonly<Record<string, string>>;
}

/** What is fetched where a project does not say which version. */
const defaultVersions: Readonly<Record<RegistryTool, string>> = { node: "24", npm: "11", pnpm: "10", yarn: "1", bun: "1", deno: "2" };

export function isRegistryTool(name: ToolName): name is RegistryTool {
	return Object.hasOwn(defaultVersions, name);
}

/** True for tools that are JavaScript, which Node runs. */
export function runsOnNode(name: ToolName): boolean {
	return name === "npm" || name === "pnpm" || name === "yarn";
}

/** The version to look for: as it is asked for, or the usual one. Null when it is neither a version nor a range of them. */
export function wantedVersion(name: RegistryTool, version: string | null): string | null {
	return version === null ? defaultVersions[name] : semver.validRange(version) === null ? null : version;
}

/** Which package of the registry holds the tool for this machine. */
export async function packageOf(name: RegistryTool, wanted: string): Promise<RegistryPackage> {
	const { platform, arch } = process;
	switch (name) {
		case "node":
			return { name: `node-${platform}-${arch}`, programs: { node: "bin/node" } };
		case "npm":
			return { name: "npm", programs: { npm: "bin/npm-cli.js", npx: "bin/npx-cli.js" } };
		case "pnpm":
			return { name: "pnpm", programs: { pnpm: "bin/pnpm.cjs", pnpx: "bin/pnpx.cjs" } };
		case "yarn": {
			// The package named yarn ends at version 1.
			const classic = semver.intersects(wanted, "1");
			return { name: classic ? "yarn" : "@yarnpkg/cli-dist", programs: { yarn: "bin/yarn.js", yarnpkg: "bin/yarn.js" } };
		}
		case "bun": {
			const kind = [arch === "arm64" ? "aarch64" : arch, (await isMusl()) && "musl", (await isOldProcessor()) && "baseline"];
			return { name: `@oven/bun-${platform}-${kind.filter(Boolean).join("-")}`, programs: { bun: "bin/bun", bunx: "bin/bun" } };
		}
		case "deno": {
			const system = platform === "linux" ? `linux-${arch}-${(await isMusl()) ? "musl" : "glibc"}` : `${platform}-${arch}`;
			return { name: `@deno/${system}`, programs: { deno: "deno" } };
		}
	}
}

/** A Linux whose C library is musl (Alpine) has its loader under this name. */
async function isMusl(): Promise<boolean> {
	return (await readdir("/lib").catch(() => [])).some((name) => name.startsWith("ld-musl-"));
}

/** Bun's usual build needs instructions (AVX2) that older processors, and some virtual ones, do not have. */
async function isOldProcessor(): Promise<boolean> {
	if (process.platform !== "linux" || process.arch !== "x64") return false;
	return !/^flags\s*:.*\bavx2\b/m.test(await readFile("/proc/cpuinfo", "utf8").catch(() => ""));
}
