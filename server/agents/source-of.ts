import { outputOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type Plan, planSchema } from "../../lib/protocol/index.ts";

/** Id and commit of the cloned source. Throws `result_missing` when clone has not recorded them. */
export function sourceOf(state: DeploymentState): { id: string; commit: string } {
	const { source, commit } = outputOf(state, "clone");
	if (!source || !commit) throw new AppError("result_missing");
	return { id: source, commit };
}

/** The recorded plan. Throws `result_missing` when there is none. */
export function planOf(state: DeploymentState): Plan {
	if (!state.plan) throw new AppError("result_missing");
	return planSchema.parse(state.plan);
}
