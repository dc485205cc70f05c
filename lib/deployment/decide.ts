import type { ErrorCode } from "../errors.ts";
import type { EventDraft, Facts, Failure, Metadata, StageOutput } from "../protocol/event.ts";
import type { Fix, FixProposal } from "../protocol/fix.ts";
import type { PlanOverrides } from "../protocol/plan.ts";
import {
	type AgentName,
	type ApprovalDecision,
	agentOfStage,
	agents,
	isTerminal,
	type Stage,
	stageDeadlineMs,
	stages,
} from "../protocol/words.ts";
import { missingApproval, pendingApproval, requestApproval, sentenceOf } from "./approvals.ts";
import {
	agentIs,
	attemptOf,
	completed,
	countOf,
	elapsed,
	failedIn,
	firstWords,
	runningStage,
	settle,
	skipWaitingAgents,
	stageCancelled,
} from "./endings.ts";
import { applied, endOfFixes, fingerprintOf, fixOf, isRepairable, proposed, proposedFix, repair } from "./fixes.ts";
import { overallProgress } from "./fold.ts";
import { type ArtifactState, type DeploymentState, emptyState, type StageState } from "./state.ts";

/** What somebody wants, or what an attempt reports. The only things that can change a deployment. */
export type Input =
	| { type: "start"; metadata: Metadata<"deployment_started">; reuse: Reuse | null }
	| { type: "begin"; stage: Stage; fence: number; node: string; text: string; deadlineMs?: number; isolated?: boolean }
	| {
			type: "complete";
			fence: number;
			text: string;
			facts: Facts;
			output: StageOutput;
			skipped?: boolean;
			reused?: boolean;
			response?: string;
			answered?: Answered;
	  }
	/** `fix` is what a rule proposes where the project lets repairs be made; `ask` where a person has to allow it. */
	| { type: "fail"; fence: number; failure: Failure; fix?: FixProposal | null; ask?: boolean }
	/** The attempt was ended on demand and its processes are proven gone. */
	| { type: "stopped"; fence: number; processes: number; tookMs: number }
	/** The attempt's node went away; what it left running is proven gone. */
	| { type: "lose"; fence: number; processes: number; reference: string }
	| { type: "cancel"; by: string }
	| { type: "pause"; by: string }
	| { type: "resume"; by: string }
	/** A person's answer. `plan` is what came of their `edit`. */
	| {
			type: "answer";
			approval: string;
			decision: ApprovalDecision;
			by: { id: string; name: string; via: "session" | "token" };
			note: string | null;
			edit: PlanOverrides | null;
			plan: Metadata<"plan_generated"> | null;
	  };

/** How an agent's answer came about, where it is more than the text. */
export type Answered = Pick<Metadata<"agent_response">, "message" | "part" | "final" | "model" | "cached" | "degraded">;

/** Results of an earlier deployment that a retry goes on from. */
export interface Reuse {
	stages: readonly StageState[];
	plan: Metadata<"plan_generated"> | null;
	artifacts: readonly ArtifactState[];
	/** Repairs that the recorded results were made with. */
	fixes?: readonly Fix[];
}

export interface AttemptJob {
	stage: Stage;
	fence: number;
}

export interface Decision {
	events: EventDraft[];
	/** The attempt to schedule, if any. */
	job: AttemptJob | null;
	/** True when the stream ends with these events. */
	close: boolean;
}

export type Verdict = ({ ok: true } & Decision) | { ok: false; refused: ErrorCode };

/** A stage whose attempts were lost this often fails: something about it takes its node down. */
export const maxAttempts = 10;

/**
 * Decides what follows from an input: pure and total. Every input in every state gets events or a refusal; from every state
 * a cancel, followed by the end or loss of the running attempt, ends the deployment. No stage begins that still needs a person's
 * approval, whoever asks for it: `begin` alone starts stages, and refuses. `now` is ISO time.
 */
export function decide(state: DeploymentState, input: Input, now: string): Verdict {
	if (input.type === "start") return state.lastSeq === 0 ? start(input) : refuse("conflict");
	if (state.lastSeq === 0) return refuse("not_found");
	if (isTerminal(state.status)) return refuse(refusalOfEnded(state, input));
	switch (input.type) {
		case "begin":
			return begin(state, input);
		case "complete":
			return withRunning(state, input.fence, (stage) => complete(state, stage, input, now));
		case "fail":
			return withRunning(state, input.fence, (stage) => failOrRepair(stage, input, state, now));
		case "stopped":
			return withRunning(state, input.fence, (stage) => stop(state, stage, input.processes, input.tookMs, now));
		case "lose":
			return withRunning(state, input.fence, (stage) => lose(state, stage, input, now));
		case "cancel":
			return cancel(state, input.by, now);
		case "pause":
			return pause(state, input.by);
		case "resume":
			return resume(state);
		case "answer":
			return answer(state, input, now);
	}
}

/** The stage that comes next, or null when all are done. */
export function nextStage(state: DeploymentState): Stage | null {
	return state.stages.find(({ status }) => status === "pending" || status === "waiting")?.stage ?? null;
}

function start({ metadata, reuse }: Extract<Input, { type: "start" }>): Verdict {
	const events: EventDraft[] = [
		{ type: "deployment_started", content: `Deployment #${metadata.number} of ${metadata.project.name} is queued.`, metadata },
	];
	for (const fix of reuse?.fixes ?? []) events.push(proposed(fix), ...applied(fix, null));
	const done = new Set<Stage>();
	for (const { stage, text, facts, output, status, attempts } of reuse?.stages ?? []) {
		done.add(stage);
		events.push({
			type: "stage_completed",
			stage,
			agent_name: agentOfStage[stage],
			content: text,
			metadata: { attempt: Math.max(1, attempts), fence: 1, duration_ms: 0, facts, output, reused: true, skipped: status === "skipped" },
		});
	}
	if (reuse?.plan)
		events.push({ type: "plan_generated", stage: "plan", agent_name: "Architect", content: reuse.plan.plan.summary, metadata: reuse.plan });
	for (const { id, name } of done.has("write") ? (reuse?.plan?.tasks ?? []) : []) {
		const metadata = { task_id: id, name, duration_ms: 0 };
		events.push({ type: "task_completed", stage: "write", agent_name: "Developer", content: `Kept: ${name}`, metadata });
	}
	for (const { name, mediaType, size, sha256 } of reuse?.artifacts ?? []) {
		events.push({
			type: "artifact_created",
			stage: "write",
			agent_name: "Developer",
			content: `Kept ${name}.`,
			metadata: { name, media_type: mediaType, size, sha256 },
		});
	}
	for (const name of agents) {
		if (stagesOf(name).every((stage) => done.has(stage))) events.push(agentIs(name, "done", "Kept the earlier result."));
	}
	const first = stages.find((stage) => !done.has(stage));
	if (!first) return refuse("bad_request");
	return proceed({ ...emptyState(""), approvalPolicy: metadata.approvals ?? "none" }, first, events);
}

function begin(state: DeploymentState, { stage, fence, node, text, deadlineMs, isolated }: Extract<Input, { type: "begin" }>): Verdict {
	const current = state.stages.find((candidate) => candidate.stage === stage);
	if (!current || fence !== state.fence + 1 || nextStage(state) !== stage || runningStage(state)) return refuse("stale_attempt");
	if (state.status === "paused" || pendingApproval(state) || missingApproval(state, stage)) return refuse("conflict");
	const attempt = current.attempts + 1;
	const agent = agentOfStage[stage];
	return decided([
		{
			type: "stage_started",
			stage,
			agent_name: agent,
			content: text,
			metadata: { attempt, fence, node, deadline_ms: deadlineMs ?? stageDeadlineMs[stage], isolated: isolated ?? true },
		},
		agentIs(agent, "working", text),
	]);
}

function complete(state: DeploymentState, stage: StageState, input: Extract<Input, { type: "complete" }>, now: string): Verdict {
	const agent = stage.agent;
	const events: EventDraft[] = [
		{
			type: "stage_completed",
			stage: stage.stage,
			agent_name: agent,
			content: input.text,
			metadata: {
				...attemptOf(stage),
				duration_ms: elapsed(stage.startedAt, now),
				facts: input.facts,
				output: input.output,
				reused: input.reused ?? false,
				skipped: input.skipped ?? false,
			},
		},
	];
	const reached = overallProgress(state.stages.map((one) => (one === stage ? { ...one, status: "succeeded" } : one)));
	// After a repair stages are done again: what was reached stays reached.
	const percent = Math.max(state.progress, reached);
	events.push({ type: "deployment_progress", stage: stage.stage, content: `${percent} % done.`, metadata: { percent } });
	if (stagesOf(agent).at(-1) === stage.stage) {
		events.push(
			{
				type: "agent_response",
				stage: stage.stage,
				agent_name: agent,
				content: firstWords(input.response ?? input.text),
				metadata: { text: input.response ?? input.text, facts: input.facts, ...input.answered },
			},
			agentIs(agent, "done", input.text),
		);
	}
	const following = state.stages.find((candidate) => candidate.status === "pending");
	if (!following) return closed([...events, completed(state, "succeeded", null, null, now)]);
	if (state.cancelRequestedBy) return cancelled(state, [...events, ...settle(agent, events)], 0, now);
	if (state.pauseRequestedBy)
		return decided([...events, { type: "status", content: `Paused before ${following.stage}.`, metadata: { status: "paused" } }]);
	return proceed(state, following.stage, events);
}

/** Goes on to a stage: with a job, or where a person has to allow it, with the question. */
function proceed(state: DeploymentState, stage: Stage, events: EventDraft[]): Verdict {
	const kind = missingApproval(state, stage);
	return kind === null ? decided(events, { stage, fence: state.fence + 1 }) : decided([...events, ...requestApproval(state, stage, kind)]);
}

/** A failure that a rule can repair does not end the deployment, unless repairs have come to their end. */
function failOrRepair(
	stage: StageState,
	{ failure, fix, ask = false }: Extract<Input, { type: "fail" }>,
	state: DeploymentState,
	now: string,
): Verdict {
	const end = endOfFixes(state, fingerprintOf(stage.stage, failure));
	if (!fix || !isRepairable(stage.stage) || end !== null || state.cancelRequestedBy)
		return fail(stage, end === null ? failure : { ...failure, message: `${failure.message} ${end}` }, state, now);
	const events = repair(state, stage, { fix: fixOf(state, stage.stage, failure, fix), failure, ask }, now);
	if (state.pauseRequestedBy)
		return decided([...events, { type: "status", content: "Paused: a repair is there.", metadata: { status: "paused" } }]);
	return decided(events, ask ? null : { stage: "plan", fence: state.fence + 1 });
}

function fail(stage: StageState, failure: Failure, state: DeploymentState, now: string): Verdict {
	return closed(failedIn(stage, failure, state, now));
}

function stop(state: DeploymentState, stage: StageState, processes: number, tookMs: number, now: string): Verdict {
	if (!state.cancelRequestedBy) return refuse("conflict");
	const content = `Stopped ${countOf(processes)} in ${(tookMs / 1000).toFixed(1)} s; nothing is left running.`;
	return cancelled(state, [stageCancelled(stage, content, now), agentIs(stage.agent, "skipped", content)], processes, now);
}

function lose(state: DeploymentState, stage: StageState, { processes, reference }: Extract<Input, { type: "lose" }>, now: string): Verdict {
	if (state.cancelRequestedBy) return stop(state, stage, processes, 0, now);
	const failure: Failure = {
		code: "attempts_exhausted",
		message: `The ${stage.stage} stage was interrupted ${stage.attempts} times.`,
		action: "Check the health of this machine, then retry.",
		reference,
		command: null,
		exit_code: null,
		lines: [],
		first_line: null,
		decisive: null,
		cause: null,
	};
	if (stage.attempts >= maxAttempts) return fail(stage, failure, state, now);
	const content = `The server was interrupted during ${stage.stage}. Starting this stage again.`;
	const events: EventDraft[] = [
		{
			type: "stage_failed",
			stage: stage.stage,
			agent_name: stage.agent,
			content,
			metadata: { ...attemptOf(stage), duration_ms: elapsed(stage.startedAt, now), error: failure, will_retry: true, cancelled: false },
		},
		agentIs(stage.agent, "waiting", content),
		{ type: "system", stage: stage.stage, content, metadata: { message_type: "warning" } },
	];
	if (state.pauseRequestedBy)
		return decided([...events, { type: "status", content: `Paused before ${stage.stage}.`, metadata: { status: "paused" } }]);
	return proceed(state, stage.stage, events);
}

function cancel(state: DeploymentState, by: string, now: string): Verdict {
	if (!runningStage(state)) return cancelled({ ...state, cancelRequestedBy: by }, [], 0, now);
	if (state.cancelRequestedBy) return decided([]);
	return decided([{ type: "status", content: "Cancelling: ending everything that runs.", metadata: { cancel_requested_by: by } }]);
}

function pause(state: DeploymentState, by: string): Verdict {
	if (state.status === "paused" || state.pauseRequestedBy) return decided([]);
	if (state.cancelRequestedBy) return refuse("conflict");
	const running = runningStage(state);
	if (running) return decided([{ type: "status", content: `Pausing after ${running.stage}.`, metadata: { pause_requested_by: by } }]);
	return decided([{ type: "status", content: `Paused before ${nextStage(state)}.`, metadata: { status: "paused" } }]);
}

function resume(state: DeploymentState): Verdict {
	const status = { status: state.startedAt ? "running" : "queued" } as const;
	if (state.pauseRequestedBy) return decided([{ type: "status", content: "Going on without a pause.", metadata: status }]);
	const stage = nextStage(state);
	if (state.status !== "paused" || !stage) return refuse("conflict");
	if (pendingApproval(state))
		return decided([{ type: "status", content: "Resumed; it still waits for a person's approval.", metadata: { status: "waiting" } }]);
	return proceed(state, stage, [{ type: "status", content: `Resumed at ${stage}.`, metadata: status }]);
}

/** The first answer counts. One that was given while the deployment is paused is kept until it is resumed. */
function answer(state: DeploymentState, input: Extract<Input, { type: "answer" }>, now: string): Verdict {
	const approval = state.approvals.find(({ id }) => id === input.approval);
	if (!approval) return refuse("not_found");
	if (approval.status !== "pending") return refuse("already_answered");
	const { stage, kind } = approval;
	const { decision, by, note, edit, plan } = input;
	const approved = decision === "approve";
	if (edit !== null && (kind !== "plan" || !approved || plan === null)) return refuse("bad_request");
	const content = sentenceOf({ kind, approved, edited: edit !== null, name: by.name, note });
	const agent = agentOfStage[stage];
	const events: EventDraft[] = [
		{
			type: "approval_resolved",
			stage,
			agent_name: agent,
			content,
			metadata: { approval_id: approval.id, kind, decision, by, note, edit },
		},
	];
	if (kind === "fix") return answerFix(state, stage, { events, approved, by: by.id }, now);
	if (!approved) return cancelled(state, events, 0, now, content);
	if (edit !== null && plan !== null)
		events.push({ type: "plan_generated", stage: "plan", agent_name: "Architect", content: plan.plan.summary, metadata: plan });
	events.push(agentIs(agent, "waiting", "Approved; it begins next."));
	return decided(events, state.status === "paused" ? null : { stage, fence: state.fence + 1 });
}

/** A repair that is not wanted leaves the failure as it is. */
function answerFix(
	state: DeploymentState,
	stage: Stage,
	{ events, approved, by }: { events: EventDraft[]; approved: boolean; by: string },
	now: string,
): Verdict {
	const fix = proposedFix(state);
	const failing = state.stages.find((candidate) => candidate.stage === stage);
	if (!fix || !failing?.error) return refuse("conflict");
	if (approved) {
		const job = state.status === "paused" ? null : { stage: "plan" as const, fence: state.fence + 1 };
		return decided([...events, ...applied(fix, by)], job);
	}
	return closed([...events, ...failedIn(failing, failing.error, state, now)]);
}

function refusalOfEnded({ approvals }: DeploymentState, input: Input): ErrorCode {
	if ("fence" in input) return "stale_attempt";
	const answered = input.type === "answer" && approvals.some(({ id, by }) => id === input.approval && by !== null);
	return answered ? "already_answered" : "already_finished";
}

function withRunning(state: DeploymentState, fence: number, then: (stage: StageState) => Verdict): Verdict {
	const stage = runningStage(state);
	return stage && stage.fence === fence ? then(stage) : refuse("stale_attempt");
}

/** `why` is the sentence of the person who did not want it. */
function cancelled(state: DeploymentState, events: EventDraft[], processes: number, now: string, why: string | null = null): Verdict {
	return closed([
		...events,
		...skipWaitingAgents(
			state,
			null,
			why === null ? "Skipped, because the deployment was cancelled." : "Skipped, because it was not approved.",
		),
		completed(state, "cancelled", null, processes, now, why),
	]);
}

const stagesOf = (agent: AgentName): Stage[] => stages.filter((stage) => agentOfStage[stage] === agent);

const decided = (events: EventDraft[], job: AttemptJob | null = null): Verdict => ({ ok: true, events, job, close: false });
const closed = (events: EventDraft[]): Verdict => ({ ok: true, events, job: null, close: true });
const refuse = (refused: ErrorCode): Verdict => ({ ok: false, refused });
