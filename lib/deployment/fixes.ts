import type { EventDraft, Failure } from "../protocol/event.ts";
import type { Fix, FixProposal } from "../protocol/fix.ts";
import { type Stage, stages } from "../protocol/words.ts";
import { requestApproval } from "./approvals.ts";
import { agentIs, attemptOf, elapsed } from "./endings.ts";
import { appliedFixes } from "./selectors.ts";
import type { DeploymentState, StageState } from "./state.ts";

/** Repairs that one deployment gets, at most. */
export const maxFixes = 3;

const maxLine = 300;

/** Stands for a failure: its stage, what is known of it, and the line that decided without its figures. */
export function fingerprintOf(stage: Stage, { code, cause, command, message, lines, decisive }: Failure): string {
	const line = (decisive === null ? (cause === null ? message : "") : (lines[decisive] ?? "")).slice(0, maxLine);
	const plain = [command ?? "", line].map((text) => text.replaceAll(/\d+/g, "#").replaceAll(/\s+/g, " ").trim().slice(0, maxLine));
	return [stage, code, cause ?? "", ...plain].join(" | ").slice(0, 600);
}

/** True for a stage whose failure can be repaired: one that works with the plan. */
export function isRepairable(stage: Stage): boolean {
	return stages.indexOf(stage) > stages.indexOf("plan");
}

/**
 * Why a failure is not repaired any more, as a sentence for people; null where it may be. The same failure after a repair says that
 * the repair did not help.
 */
export function endOfFixes(state: DeploymentState, fingerprint: string): string | null {
	const applied = appliedFixes(state);
	const same = applied.findLast((fix) => fix.kept_from === null && fix.fingerprint === fingerprint);
	if (same) return `The repair “${same.title}” did not help: the same error came again.`;
	const own = applied.filter((fix) => fix.kept_from === null);
	if (own.length >= maxFixes) return `${own.length} repairs were tried, and it failed again.`;
	return null;
}

/** The repair a rule proposes, as it is recorded. */
export function fixOf(state: DeploymentState, stage: Stage, failure: Failure, proposal: FixProposal): Fix {
	return {
		...proposal,
		number: state.fixes.length + 1,
		stage,
		cause: failure.cause ?? failure.code,
		fingerprint: fingerprintOf(stage, failure),
		reason: failure.message,
		kept_from: null,
	};
}

/** What is said when a stage failed and a rule knows the repair: it counts at once, or a person is asked. */
export function repair(
	state: DeploymentState,
	stage: StageState,
	{ fix, failure, ask }: { fix: Fix; failure: Failure; ask: boolean },
	now: string,
): EventDraft[] {
	return [
		{
			type: "stage_failed",
			stage: stage.stage,
			agent_name: stage.agent,
			content: failure.message,
			metadata: { ...attemptOf(stage), duration_ms: elapsed(stage.startedAt, now), error: failure, will_retry: true, cancelled: false },
		},
		agentIs(stage.agent, "waiting", `Waits for the Developer's repair: ${failure.message}`),
		proposed(fix),
		...(ask
			? [agentIs("Developer", "waiting", `Proposes a repair: ${fix.title}.`), ...requestApproval(state, stage.stage, "fix")]
			: applied(fix, null)),
	];
}

export function proposed(fix: Fix): EventDraft {
	const { stage, title } = fix;
	return { type: "fix_proposed", stage, agent_name: "Developer", content: `This can be repaired: ${title}.`, metadata: { fix } };
}

/** A repair counts from here on. `by` is who allowed it, null where nobody was asked. */
export function applied(fix: Fix, by: string | null): EventDraft[] {
	const { stage, title } = fix;
	const content = fix.kept_from === null ? `Repaired: ${title}.` : `Repaired again, as in deployment ${fix.kept_from}: ${title}.`;
	return [
		{ type: "fix_applied", stage, agent_name: "Developer", content, metadata: { fix_id: fix.id, by } },
		...(fix.kept_from === null ? [agentIs("Developer", "waiting", `${content} Trying again from the plan.`)] : []),
	];
}

/** The repair that waits for a person's answer. */
export function proposedFix(state: DeploymentState): Fix | null {
	return state.fixes.find(({ status }) => status === "proposed") ?? null;
}

/** Memory the build has with the repairs that count, in MB; null where none of them says so. */
export function fixedMemoryMb(state: DeploymentState): number | null {
	const raised = appliedFixes(state).flatMap((fix) => fix.build_memory_mb ?? []);
	return raised.length === 0 ? null : Math.max(...raised);
}

/** The file for people that holds a repair. */
export const fixArtifact = (number: number): string => `fix-${number}.diff`;
