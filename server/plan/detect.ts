import type { Plan, WorkFailure } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";
import type { Provider } from "./provider.ts";
import { dockerfileProvider } from "./providers/dockerfile.ts";
import { nodeProvider } from "./providers/node.ts";
import { staticProvider } from "./providers/static.ts";

const providers: readonly Provider[] = [dockerfileProvider, nodeProvider, staticProvider];

/**
 * All plans for a workspace, the one to carry out first. Providers are asked in order; a plan that needs containers comes
 * after those that do not, since a plan that can run here is worth more than one that cannot. Empty: nothing deployable.
 */
export async function detectPlans(workspace: Workspace): Promise<Plan[]> {
	const found: Plan[] = [];
	for (const provider of providers) {
		const plan = await provider.detect(workspace);
		if (plan !== null) found.push(plan);
	}
	const images = found.filter((plan) => plan.kind === "image");
	const [best, ...others] = found.filter((plan) => plan.kind !== "image");
	if (best === undefined) return images;
	const unused = images.map(() => "There is a Dockerfile. It is not used: this target runs the project without containers.");
	return [{ ...best, warnings: [...best.warnings, ...unused] }, ...others, ...images];
}

/** Why there is no plan, naming what was looked for and where a project seems to be instead. */
export async function explainNothing(workspace: Workspace): Promise<WorkFailure> {
	const where = workspace.directory === "" ? "the repository's root" : `“${workspace.directory}”`;
	const looked = `Looked in ${where} for a package.json with a build or start script, an index.html (also in public, dist, docs), and a Dockerfile: none is there.`;
	const elsewhere = await findElsewhere(workspace);
	const hint = `Something deployable seems to be in ${elsewhere.map((folder) => `“${folder}”`).join(", ")}: set it as the directory and retry.`;
	return { code: "nothing_deployable", message: looked, ...(elsewhere.length > 0 && { action: hint }) };
}

const maxHints = 3;

/** Folders below this one, nearest first, that hold a package.json or an index.html. */
async function findElsewhere(workspace: Workspace): Promise<string[]> {
	const folders = new Set<string>();
	for await (const { path } of workspace.walk(5000)) {
		const folder = /^(.+)\/(?:package\.json|index\.html)$/.exec(path)?.[1];
		if (folder !== undefined && folder.split("/").length <= 3)
			folders.add(workspace.directory === "" ? folder : `${workspace.directory}/${folder}`);
		if (folders.size >= maxHints) break;
	}
	return [...folders];
}
