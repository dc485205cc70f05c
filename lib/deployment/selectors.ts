import { isTerminal, type Stage, stages } from "../protocol/words.ts";
import type { DeploymentState, FixState, StageState } from "./state.ts";

/**
 * The stage a retry goes on from when nobody names one: the one that failed, else the first. For a preview that did not answer it
 * is the release before it, because a release keeps its environment and the usual cure is a variable that was missing.
 */
export function retryStage(state: DeploymentState): Stage {
	// The same plan would only be rejected again.
	if (state.approvals.some(({ kind, status }) => kind === "plan" && status === "rejected")) return "plan";
	const ended = state.stages.find(({ status }) => status === "failed" || status === "cancelled")?.stage ?? "clone";
	return ended === "verify" ? "deploy" : ended;
}

/** Stages before `from` whose recorded results a retry may reuse; empty when one of them has none. */
export function reusableStages(state: DeploymentState, from: Stage): StageState[] {
	const before = state.stages.filter(({ stage }) => stages.indexOf(stage) < stages.indexOf(from));
	return before.every(isDone) ? before : [];
}

/** Stages from which this deployment can be retried. */
export function retryChoices(state: DeploymentState): Stage[] {
	if (!isTerminal(state.status)) return [];
	// Not from verify: it would only ask the same release, with its old environment, once more.
	return stages.filter((stage) => stage === "clone" || (stage !== "verify" && reusableStages(state, stage).length > 0));
}

/** The commit that was cloned, or the hash of what the Developer wrote, once it is known. */
export function commitOf(state: DeploymentState): string | null {
	return outputOf(state, "clone").commit ?? outputOf(state, "write").commit ?? null;
}

/** Id of the stored source, once there is one. */
export function sourceIdOf(state: DeploymentState): string | null {
	return outputOf(state, "clone").source ?? outputOf(state, "write").source ?? null;
}

/** Paths of the files that a product is made of; empty where the source is a repository. */
export function productPaths(state: DeploymentState): string[] {
	return state.tasks.flatMap(({ files }) => files ?? []);
}

/** True where a follow-up can be asked for: a product that was written from a brief, in a deployment that has ended. */
export function canFollowUp(state: DeploymentState): boolean {
	return state.source?.type === "brief" && isTerminal(state.status);
}

/** Repairs that count, oldest first. */
export function appliedFixes(state: DeploymentState): FixState[] {
	return state.fixes.filter(({ status }) => status === "applied");
}

/** One output value of a finished stage. */
export function outputOf(state: DeploymentState, stage: Stage): StageState["output"] {
	return state.stages.find((candidate) => candidate.stage === stage)?.output ?? {};
}

/** What can be asked of a deployment now: `pause` takes effect after the stage that runs; null where neither makes sense. */
export function pauseChoice(state: DeploymentState): "pause" | "pausing" | "resume" | null {
	if (isTerminal(state.status) || state.cancelRequestedBy !== null) return null;
	if (state.status === "paused") return "resume";
	return state.pauseRequestedBy === null ? "pause" : "pausing";
}

/** True while the deployment may be cancelled. */
export function canCancel(state: DeploymentState): boolean {
	return !isTerminal(state.status) && state.cancelRequestedBy === null;
}

const isDone = ({ status }: StageState): boolean => status === "succeeded" || status === "skipped";
