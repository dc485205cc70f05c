import { type Plan, planSchema, type WorkFailure } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import type { Provider, Wishes } from "./provider.ts";
import { dockerfileProvider } from "./providers/dockerfile.ts";
import { languageProviders } from "./providers/languages.ts";
import { nodeProvider } from "./providers/node.ts";
import { procfileProvider } from "./providers/procfile.ts";
import { staticProvider } from "./providers/static.ts";

/** In the order in which they are asked. */
const providers: readonly Provider[] = [nodeProvider, ...languageProviders, procfileProvider, staticProvider, dockerfileProvider];

/** From this on a project's own framework speaks: a Django or Rails app stays one when a package.json builds its styles. */
const certain = 0.96;
/** Below this a plan is a guess, and comes after those that are none. */
const sure = 0.5;

/**
 * All plans for a workspace, the one to carry out first. A plan that needs containers comes after those that do not, since a
 * plan that can run here is worth more than one that cannot. Empty: nothing deployable.
 */
export async function detectPlans(workspace: Workspace, wishes: Wishes = {}): Promise<Plan[]> {
	const found: Plan[] = [];
	for (const provider of providers) {
		const drafts = await provider.detect(workspace, wishes);
		for (const draft of [drafts ?? []].flat()) {
			const plan = planSchema.parse(draft);
			if (!found.some((other) => isSame(other, plan))) found.push(plan);
		}
	}
	const images = found.filter((plan) => plan.kind === "image");
	const here = found.filter((plan) => plan.kind !== "image");
	const [best, ...others] = here.sort((a, b) => groupOf(a) - groupOf(b));
	if (best === undefined) return images;
	const unused = images.map(() => "There is a Dockerfile. It is not used: this target runs the project without containers.");
	return [{ ...best, warnings: [...best.warnings, ...unused].slice(-20) }, ...others, ...images];
}

/** Plans of one group stay in the order of their providers. */
function groupOf({ confidence }: Plan): number {
	return confidence >= certain ? 0 : confidence >= sure ? 1 : 2;
}

/** The provider that made a plan. */
export function providerOf(plan: Pick<Plan, "provider">): Provider | undefined {
	return providers.find(({ name }) => plan.provider === name || plan.provider.startsWith(`${name}:`));
}

/** True for a plan that would only be shown twice: the same program, started the same way. */
function isSame(a: Plan, b: Plan): boolean {
	return b.provider === "procfile" && a.start !== null && JSON.stringify(a.start) === JSON.stringify(b.start);
}

/** Why there is no plan, naming what was looked for and where a project seems to be instead. */
export async function explainNothing(workspace: Workspace): Promise<WorkFailure> {
	for (const provider of providers) {
		const reason = await provider.explain?.(workspace);
		if (reason) return reason;
	}
	const where = workspace.directory === "" ? "the repository's root" : `“${workspace.directory}”`;
	const looked = `Looked in ${where} for a package.json with a build or start script, a program in Python, Go, PHP, Ruby, Rust, Java, Deno or Bun that listens, a site for Hugo, Zola, Jekyll or MkDocs, a Procfile, an index.html (also in public, dist, docs), and a Dockerfile: none is there.`;
	const elsewhere = await findElsewhere(workspace);
	const named = elsewhere.map((folder) => `“${folder}”`).join(", ");
	const hint = `Something deployable seems to be in ${named}: set ${elsewhere.length === 1 ? "it" : "one of them"} as the directory and retry.`;
	return { code: "nothing_deployable", message: looked, ...(elsewhere.length > 0 && { action: hint }) };
}

const maxHints = 3;

const projectFile =
	/^(.+)\/(?:package\.json|index\.html|requirements\.txt|pyproject\.toml|manage\.py|go\.mod|composer\.json|index\.php|Gemfile|config\.ru|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|deno\.jsonc?|mkdocs\.yml|hugo\.toml)$/;

/** Folders below this one, nearest first, that hold a file with which projects begin. */
async function findElsewhere(workspace: Workspace): Promise<string[]> {
	const folders = new Set<string>();
	for await (const { path } of workspace.walk(5000)) {
		const folder = projectFile.exec(path)?.[1];
		if (folder !== undefined && folder.split("/").length <= 3)
			folders.add(workspace.directory === "" ? folder : `${workspace.directory}/${folder}`);
		if (folders.size >= maxHints) break;
	}
	return [...folders];
}
