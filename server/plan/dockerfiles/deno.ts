import type { Plan } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { presentOf, versionOf } from "../language-plan.ts";
import { imageVersions } from "./base-images.ts";
import { addressOf, type Image } from "./image.ts";

/** The image of a Deno program; what it has fetched lies in /app/.deno and is taken along. */
export async function denoImage(plan: Plan, workspace: Workspace): Promise<Image> {
	const asked = versionOf(plan, "deno");
	const base = `denoland/deno:debian-${asked?.split(".").length === 3 ? asked : imageVersions.deno}`;
	const question = `const r = await fetch("${addressOf(plan)}"); if (r.status >= 500) Deno.exit(1)`;
	return {
		builder: base,
		runner: base,
		manifests: plan.install === null ? [] : await presentOf(workspace, ["deno.json", "deno.jsonc", "deno.lock", "package.json"]),
		env: { ...plan.env, DENO_DIR: "/app/.deno" },
		install: plan.install,
		build: plan.build,
		start: plan.start,
		health: ["deno", "eval", question],
	};
}

/** The image of a Bun program. */
export async function bunImage(plan: Plan, workspace: Workspace): Promise<Image> {
	const asked = versionOf(plan, "bun");
	const base = `oven/bun:${asked?.includes(".") ? asked : imageVersions.bun}-slim`;
	const question = `const r = await fetch("${addressOf(plan)}"); process.exit(r.status < 500 ? 0 : 1)`;
	return {
		builder: base,
		runner: base,
		manifests: plan.install === null ? [] : await presentOf(workspace, ["package.json", "bun.lock", "bun.lockb", "bunfig.toml"]),
		env: plan.env,
		install: plan.install,
		build: plan.build,
		start: plan.start,
		health: ["bun", "-e", question],
	};
}
