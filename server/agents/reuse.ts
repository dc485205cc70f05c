import { utimes } from "node:fs/promises";
import { outputOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState, StageState } from "../../lib/deployment/state.ts";
import type { Stage } from "../../lib/protocol/index.ts";
import type { Work } from "./agent.ts";

/** A finished stage of an earlier deployment whose result is used again. */
export interface Reused {
	deployment: DeploymentState;
	stage: StageState;
}

/** A retry is how a person asks for a stage to be done anew: it takes over nothing that was not handed to it. */
export function mayReuse({ retryOf }: DeploymentState): boolean {
	return retryOf === null;
}

/**
 * The newest earlier deployment of the project whose result of a stage fits and is still stored at `folder`; null when there is
 * none. A result that is used again counts as new for those who clear away old ones.
 */
export async function findReusable(
	work: Work,
	stage: Stage,
	fits: (deployment: DeploymentState, output: StageState["output"]) => string | null,
): Promise<Reused | null> {
	if (!mayReuse(work.state)) return null;
	const now = new Date();
	for (const deployment of await work.earlier()) {
		const found = deployment.stages.find((candidate) => candidate.stage === stage && candidate.status === "succeeded");
		const folder = found ? fits(deployment, outputOf(deployment, stage)) : null;
		if (!found || folder === null) continue;
		const stored = await utimes(folder, now, now).then(
			() => true,
			() => false,
		);
		if (stored) return { deployment, stage: found };
	}
	return null;
}
