import { commitOf, sourceIdOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type Plan, planSchema } from "../../lib/protocol/index.ts";

/** Id and commit of the source. Throws `result_missing` before they are recorded. */
export function sourceOf(state: DeploymentState): { id: string; commit: string } {
	const [id, commit] = [sourceIdOf(state), commitOf(state)];
	if (!id || !commit) throw new AppError("result_missing");
	return { id, commit };
}

/** The recorded plan. Throws `result_missing` when there is none. */
export function planOf(state: DeploymentState): Plan {
	if (!state.plan) throw new AppError("result_missing");
	return planSchema.parse(state.plan);
}
