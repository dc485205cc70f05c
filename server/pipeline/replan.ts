import { outputOf } from "../../lib/deployment/selectors.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type Metadata, maxEventBytes, type PlanOverrides } from "../../lib/protocol/index.ts";
import { makePlan, needsContainers } from "../agents/architect.ts";
import { builtSourceOf } from "../agents/source-of.ts";
import { exists } from "../exec/tree-files.ts";
import type { ProjectSecrets } from "./worker.ts";

/** The plan of a deployment with what a person changes about it. Throws the sentence that says why it cannot be carried out. */
export type Replan = (state: DeploymentState, edit: PlanOverrides) => Promise<Metadata<"plan_generated">>;

interface ReplanOptions {
	/** Host folder of a stored source. */
	sourceDir(id: string): string;
	projects: Pick<ProjectSecrets, "settings" | "environment">;
}

/** Room for what surrounds a plan in its event. */
const envelopeBytes = 4096;

/** Plans again as the Architect does, while somebody waits for the answer: files are read and nothing is run. */
export function createReplan({ sourceDir, projects }: ReplanOptions): Replan {
	return async (state, edit) => {
		if (state.source?.type === "brief")
			throw new AppError("bad_request", {
				message: "The plan for a brief is not changed by hand.",
				action: "Approve or reject it; what should be different belongs into the brief or a message after it.",
			});
		// With the repairs that count: without them it would be the plan that failed.
		const root = outputOf(state, "clone").source === undefined ? null : sourceDir(builtSourceOf(state));
		if (root === null || !(await exists(root)))
			throw new AppError("result_missing", {
				message: "The files this plan was made from are not stored any more.",
				action: "Approve the plan as it is, or cancel and deploy again.",
			});
		const { id } = state.project;
		const [settings, { build, runtime }] = await Promise.all([projects.settings(id), projects.environment(id)]);
		const made = await makePlan({
			root,
			directory: state.source?.directory ?? null,
			settings: settings.plan ?? {},
			edit: { ...state.planEdit, ...edit },
			variables: [...Object.keys(build), ...Object.keys(runtime)],
		});
		const failure = made.ok ? (made.value.plan.kind === "image" ? needsContainers(made.value.plan) : null) : made.failure;
		if (failure) throw new AppError(failure.code, { message: failure.message, action: failure.action });
		if (!made.ok || Buffer.byteLength(JSON.stringify(made.value)) > maxEventBytes - envelopeBytes) throw new AppError("too_large");
		return made.value;
	};
}
