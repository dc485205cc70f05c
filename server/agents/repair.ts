import type { FixProposal, Stage, WorkFailure } from "../../lib/protocol/index.ts";
import { proposeFix } from "../fixes/propose.ts";
import { openWorkspace } from "../source/workspace.ts";
import type { Work } from "./agent.ts";
import { builtSourceOf } from "./source-of.ts";

/** Looks for a rule that repairs what made a stage fail. Reads the source as it was built, runs nothing. */
export async function repairByRule(
	stage: Stage,
	failure: WorkFailure,
	work: Work,
	{ mostMemoryMb }: { mostMemoryMb: number },
): Promise<FixProposal | null> {
	const { plan, source } = work.state;
	if (plan === null || failure.cause === undefined) return null;
	const project = await openWorkspace(work.sourceDir(builtSourceOf(work.state)), source?.directory ?? null).catch(() => null);
	const app = await project?.at(plan.directory);
	const installed = await project?.at(plan.installDirectory ?? plan.directory);
	if (!project || !app || !installed) return null;
	const variables = await Promise.all([work.environment("build"), work.environment("runtime")]);
	return proposeFix({
		stage,
		failure,
		plan,
		project,
		app,
		installed,
		settings: { ...work.planOverrides, ...work.state.planEdit },
		variables: new Set([...variables.flatMap(Object.keys), ...Object.keys(plan.env)]),
		memoryMb: work.memoryMb,
		mostMemoryMb,
	});
}
