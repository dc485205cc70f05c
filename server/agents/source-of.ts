import { appliedFixes, commitOf, sourceIdOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState, FixState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type Plan, planSchema } from "../../lib/protocol/index.ts";

/** Id and commit of the source. Throws `result_missing` before they are recorded. */
export function sourceOf(state: DeploymentState): { id: string; commit: string } {
	const [id, commit] = [sourceIdOf(state), commitOf(state)];
	if (!id || !commit) throw new AppError("result_missing");
	return { id, commit };
}

/** Id of the source that is planned and built: the cloned one, or with repairs the copy that they are laid over. */
export function builtSourceOf(state: DeploymentState): string {
	return patchesOf(state).at(-1)?.id ?? sourceOf(state).id;
}

/** Repairs that change files, oldest first. */
export function patchesOf(state: DeploymentState): FixState[] {
	return appliedFixes(state).filter(({ files }) => files.length > 0);
}

/** The recorded plan. Throws `result_missing` when there is none. */
export function planOf(state: DeploymentState): Plan {
	if (!state.plan) throw new AppError("result_missing");
	return planSchema.parse(state.plan);
}
