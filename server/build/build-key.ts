import { createHash } from "node:crypto";
import type { Plan } from "../../lib/protocol/index.ts";
import type { Toolchain } from "./toolchains.ts";

/** The commands and folders of a plan that decide what its build makes, and what its tests test. */
const builtWith = ["kind", "directory", "installDirectory", "install", "build", "test", "output", "env"] as const;
/** What else decides how the result runs. */
const runsWith = ["start", "port", "healthPath", "spaFallback", "tools", "nodeVersion"] as const;

/**
 * Two builds with the same key make the same: the same commit, plan, exact tools and environment on the same kind of machine.
 * `environment` stands for the build's variables: a keyed hash of them.
 */
export function buildKey(inputs: {
	commit: string;
	/** What repairs made of files of the commit, in their order. */
	patches?: readonly string[];
	plan: Plan;
	versions: Toolchain["versions"];
	environment: string;
}): string {
	const { commit, patches = [], plan, versions, environment } = inputs;
	const source = patches.length === 0 ? commit : [commit, ...patches];
	const parts = ["build/1", process.platform, process.arch, source, part(plan, builtWith), Object.entries(versions).sort(), environment];
	return digest(parts);
}

/** Two releases with the same key are the same: the same build, started in the same way with the same runtime environment. */
export function releaseKey(inputs: { build: string; plan: Plan; environment: string }): string {
	return digest(["release/1", inputs.build, part(inputs.plan, runsWith), inputs.environment]);
}

function part(plan: Plan, names: readonly (keyof Plan)[]): unknown[] {
	return names.map((name) => (name === "env" ? Object.entries(plan.env).sort() : plan[name]));
}

function digest(parts: readonly unknown[]): string {
	return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
