import type { ErrorCode } from "../errors.ts";
import type { EventDraft, Facts, Failure, Metadata, StageOutput } from "../protocol/event.ts";
import { type AgentName, agentOfStage, agents, isTerminal, type Stage, stageDeadlineMs, stages } from "../protocol/words.ts";
import { overallProgress } from "./fold.ts";
import type { ArtifactState, DeploymentState, StageState } from "./state.ts";

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
	| { type: "fail"; fence: number; failure: Failure }
	/** The attempt was ended on demand and its processes are proven gone. */
	| { type: "stopped"; fence: number; processes: number; tookMs: number }
	/** The attempt's node went away; what it left running is proven gone. */
	| { type: "lose"; fence: number; processes: number; reference: string }
	| { type: "cancel"; by: string }
	| { type: "pause"; by: string }
	| { type: "resume"; by: string };

/** How an agent's answer came about, where it is more than the text. */
export type Answered = Pick<Metadata<"agent_response">, "message" | "part" | "final" | "model" | "cached" | "degraded">;

/** Results of an earlier deployment that a retry goes on from. */
export interface Reuse {
	stages: readonly StageState[];
	plan: Metadata<"plan_generated"> | null;
	artifacts: readonly ArtifactState[];
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
 * a cancel, followed by the end or loss of the running attempt, ends the deployment. `now` is ISO time.
 */
export function decide(state: DeploymentState, input: Input, now: string): Verdict {
	if (input.type === "start") return state.lastSeq === 0 ? start(input) : refuse("conflict");
	if (state.lastSeq === 0) return refuse("not_found");
	if (isTerminal(state.status)) return refuse("fence" in input ? "stale_attempt" : "already_finished");
	switch (input.type) {
		case "begin":
			return begin(state, input);
		case "complete":
			return withRunning(state, input.fence, (stage) => complete(state, stage, input, now));
		case "fail":
			return withRunning(state, input.fence, (stage) => fail(stage, input.failure, state, now));
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
	}
}

/** The stage that comes next, or null when all are done. */
export function nextStage(state: DeploymentState): Stage | null {
	return state.stages.find(({ status }) => status === "pending")?.stage ?? null;
}

function runningStage(state: DeploymentState): StageState | null {
	return state.stages.find(({ status }) => status === "running") ?? null;
}

function start({ metadata, reuse }: Extract<Input, { type: "start" }>): Verdict {
	const events: EventDraft[] = [
		{ type: "deployment_started", content: `Deployment #${metadata.number} of ${metadata.project.name} is queued.`, metadata },
	];
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
	return first ? decided(events, { stage: first, fence: 1 }) : refuse("bad_request");
}

function begin(state: DeploymentState, { stage, fence, node, text, deadlineMs, isolated }: Extract<Input, { type: "begin" }>): Verdict {
	const current = state.stages.find((candidate) => candidate.stage === stage);
	if (!current || fence !== state.fence + 1 || nextStage(state) !== stage || runningStage(state)) return refuse("stale_attempt");
	if (state.status === "paused") return refuse("conflict");
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
	const percent = overallProgress(state.stages.map((one) => (one === stage ? { ...one, status: "succeeded" } : one)));
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
	return decided(events, { stage: following.stage, fence: state.fence + 1 });
}

/** What lists show of an answer. */
function firstWords(text: string): string {
	return text.length <= 300 ? text : `${text.slice(0, 299).toWellFormed()}…`;
}

function fail(stage: StageState, failure: Failure, state: DeploymentState, now: string): Verdict {
	return closed([
		{
			type: "stage_failed",
			stage: stage.stage,
			agent_name: stage.agent,
			content: failure.message,
			metadata: { ...attemptOf(stage), duration_ms: elapsed(stage.startedAt, now), error: failure, will_retry: false, cancelled: false },
		},
		agentIs(stage.agent, "failed", failure.message),
		...skipWaitingAgents(state, stage.agent, `Skipped, because ${stage.agent} could not finish ${stage.stage}.`),
		{
			type: "error",
			stage: stage.stage,
			agent_name: stage.agent,
			content: failure.message,
			metadata: { error_type: failure.code, error: failure },
			requires_ack: true,
		},
		completed(state, "failed", failure, null, now),
	]);
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
	return decided(events, { stage: stage.stage, fence: state.fence + 1 });
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
	return decided([{ type: "status", content: `Resumed at ${stage}.`, metadata: status }], { stage, fence: state.fence + 1 });
}

function withRunning(state: DeploymentState, fence: number, then: (stage: StageState) => Verdict): Verdict {
	const stage = runningStage(state);
	return stage && stage.fence === fence ? then(stage) : refuse("stale_attempt");
}

function cancelled(state: DeploymentState, events: EventDraft[], processes: number, now: string): Verdict {
	return closed([
		...events,
		...skipWaitingAgents(state, null, "Skipped, because the deployment was cancelled."),
		completed(state, "cancelled", null, processes, now),
	]);
}

/** An agent that finished a stage but not its last one is not left at work when the deployment ends here. */
function settle(agent: AgentName, events: readonly EventDraft[]): EventDraft[] {
	return events.some(({ type }) => type === "agent_status")
		? []
		: [agentIs(agent, "skipped", "Skipped, because the deployment was cancelled.")];
}

function stageCancelled(stage: StageState, content: string, now: string): EventDraft {
	const error: Failure = {
		code: "cancelled",
		message: content,
		action: "Start it again when you are ready.",
		reference: "",
		command: null,
		exit_code: null,
		lines: [],
		first_line: null,
		decisive: null,
		cause: null,
	};
	return {
		type: "stage_failed",
		stage: stage.stage,
		agent_name: stage.agent,
		content,
		metadata: { ...attemptOf(stage), duration_ms: elapsed(stage.startedAt, now), error, will_retry: false, cancelled: true },
	};
}

function completed(
	state: DeploymentState,
	status: "succeeded" | "failed" | "cancelled",
	error: Failure | null,
	stopped: number | null,
	now: string,
): EventDraft {
	const name = state.project.name;
	const said = {
		succeeded: `${name} went live.`,
		failed: `${name} was not deployed: ${error?.message ?? ""}`,
		cancelled: stopped
			? `Cancelled. Stopped ${countOf(stopped)}.`
			: state.startedAt
				? "Cancelled."
				: "Cancelled before anything was running.",
	};
	return {
		type: "deployment_completed",
		content: said[status],
		metadata: { status, duration_ms: elapsed(state.startedAt ?? state.queuedAt, now), error, stopped_processes: stopped },
		requires_ack: true,
	};
}

/** Agents that have not ended yet, other than the one that failed, are skipped with a reason. */
function skipWaitingAgents(state: DeploymentState, except: AgentName | null, reason: string): EventDraft[] {
	const busy = runningStage(state)?.agent;
	return state.agents
		.filter(({ name, status }) => name !== except && name !== busy && (status === "idle" || status === "waiting" || status === "working"))
		.map(({ name }) => agentIs(name, "skipped", reason));
}

function agentIs(name: AgentName, status: Metadata<"agent_status">["status"], task: string): EventDraft {
	return { type: "agent_status", agent_name: name, content: task, metadata: { status, task, progress: status === "done" ? 100 : null } };
}

const stagesOf = (agent: AgentName): Stage[] => stages.filter((stage) => agentOfStage[stage] === agent);
const attemptOf = (stage: StageState) => ({ attempt: stage.attempts, fence: stage.fence ?? 1 });
const elapsed = (since: string | null, now: string): number => (since ? Math.max(0, Date.parse(now) - Date.parse(since)) : 0);
const countOf = (processes: number): string => `${processes} ${processes === 1 ? "process" : "processes"}`;

const decided = (events: EventDraft[], job: AttemptJob | null = null): Verdict => ({ ok: true, events, job, close: false });
const closed = (events: EventDraft[]): Verdict => ({ ok: true, events, job: null, close: true });
const refuse = (refused: ErrorCode): Verdict => ({ ok: false, refused });
