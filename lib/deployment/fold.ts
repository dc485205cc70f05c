import type { EventOf, Metadata, StreamEvent } from "../protocol/event.ts";
import { type AgentName, agentOfStage, type EventType, isTerminal, type Stage, stages } from "../protocol/words.ts";
import {
	type AgentState,
	type ApprovalState,
	type ArtifactState,
	type DeploymentState,
	emptyState,
	type FixState,
	type SpeakingState,
	type StageState,
} from "./state.ts";

/** Share of each stage in the overall progress; they add up to 100. */
const weights: Readonly<Record<Stage, number>> = { clone: 10, analyze: 5, plan: 5, write: 5, build: 45, test: 10, deploy: 10, verify: 10 };

/**
 * The state after one more event. Pure and total: an event that was already applied, and one of a type this version does not
 * know, changes nothing but the position.
 */
export function fold(state: DeploymentState, event: StreamEvent): DeploymentState {
	if (event.seq <= state.lastSeq) return state;
	const apply = appliers[event.type] as ((state: DeploymentState, event: StreamEvent) => DeploymentState) | undefined;
	const next = apply ? apply(state, event) : state;
	return withProgress({ ...next, lastSeq: event.seq, lastEventAt: event.timestamp });
}

/** The state of a whole stream from its first event. */
export function foldAll(id: string, events: Iterable<StreamEvent>): DeploymentState {
	let state = emptyState(id);
	for (const event of events) state = fold(state, event);
	return state;
}

/** True for a part of a message that is not whole yet; what it adds to is told again, as a whole. */
export function isPart(event: StreamEvent): boolean {
	return event.type === "agent_response" && event.metadata.final === false;
}

const appliers: { [T in EventType]?: (state: DeploymentState, event: EventOf<T>) => DeploymentState } = {
	deployment_started: (state, { metadata, timestamp }) => ({
		...state,
		project: metadata.project,
		ownerId: metadata.owner_id,
		number: metadata.number,
		source: metadata.source,
		target: metadata.target,
		retryOf: metadata.retry_of,
		from: metadata.from,
		correlationId: metadata.correlation_id,
		approvalPolicy: metadata.approvals ?? "none",
		queuedAt: timestamp,
	}),

	status: (state, { metadata }) => ({
		...state,
		status: metadata.status ?? state.status,
		cancelRequestedBy: metadata.cancel_requested_by ?? state.cancelRequestedBy,
		pauseRequestedBy: metadata.status ? null : (metadata.pause_requested_by ?? state.pauseRequestedBy),
	}),

	stage_started: (state, { stage, metadata, content, timestamp }) => ({
		...onStage(state, stage, (current) => ({
			...current,
			status: "running",
			attempts: metadata.attempt,
			fence: metadata.fence,
			node: metadata.node,
			startedAt: timestamp,
			finishedAt: null,
			durationMs: null,
			progress: null,
			text: content,
			error: null,
		})),
		status: "running",
		stage,
		// What the attempt before this one did not finish saying is not said.
		speaking: null,
		fence: metadata.fence,
		isolated: state.isolated && metadata.isolated,
		startedAt: state.startedAt ?? timestamp,
		approvals: state.approvals.map((approval) => (isOvertaken(approval, stage) ? { ...approval, status: "superseded" } : approval)),
	}),

	stage_progress: (state, { stage, agent_name, metadata, content }) =>
		onAgent(
			onStage(state, stage, (current) => ({ ...current, progress: rising(current.progress, metadata.progress), text: content })),
			agent_name,
			(agent) => ({ ...agent, task: content, progress: metadata.progress ?? agent.progress }),
		),

	stage_completed: (state, { stage, metadata, content, timestamp }) => ({
		...onStage(state, stage, (current) => ({
			...current,
			status: metadata.skipped ? "skipped" : "succeeded",
			attempts: Math.max(current.attempts, metadata.attempt),
			fence: null,
			node: null,
			finishedAt: timestamp,
			durationMs: metadata.duration_ms,
			progress: 100,
			text: content,
			facts: metadata.facts,
			output: metadata.output,
			reused: metadata.reused,
			error: null,
		})),
		stage: metadata.reused ? state.stage : stage,
	}),

	stage_failed: (state, { stage, metadata, content, timestamp }) =>
		onStage({ ...state, speaking: null }, stage, (current) => ({
			...current,
			status: metadata.cancelled ? "cancelled" : metadata.will_retry ? "pending" : "failed",
			fence: null,
			node: null,
			finishedAt: timestamp,
			durationMs: metadata.duration_ms,
			text: content,
			error: metadata.cancelled ? null : metadata.error,
		})),

	deployment_completed: (state, { metadata, timestamp }) => ({
		...state,
		status: metadata.status,
		error: metadata.error,
		stoppedProcesses: metadata.stopped_processes,
		finishedAt: timestamp,
		speaking: null,
		stages: state.stages.map((stage) => (isAhead(stage) ? { ...stage, status: unreached[metadata.status] } : stage)),
		approvals: state.approvals.map((approval) => (approval.status === "pending" ? { ...approval, status: "withdrawn" } : approval)),
	}),

	approval_requested: (state, { stage, metadata, content, timestamp }) => ({
		...onStage(state, stage, (current) => ({ ...current, status: "waiting", text: content })),
		status: "waiting",
		approvals: [
			...state.approvals,
			{
				id: metadata.approval_id,
				kind: metadata.kind,
				stage: stage ?? "plan",
				status: "pending",
				text: content,
				requestedAt: timestamp,
				answeredAt: null,
				by: null,
				note: null,
				edited: false,
			},
		],
	}),

	approval_resolved: (state, { stage, metadata, timestamp }) => ({
		...onStage(state, stage, (current) => (current.status === "waiting" ? { ...current, status: "pending" } : current)),
		status: state.status === "waiting" ? (state.startedAt ? "running" : "queued") : state.status,
		planEdit: metadata.edit ? { ...state.planEdit, ...metadata.edit } : state.planEdit,
		fixes: metadata.kind === "fix" && metadata.decision === "reject" ? state.fixes.map(declined) : state.fixes,
		approvals: state.approvals.map((approval) =>
			approval.id === metadata.approval_id
				? {
						...approval,
						status: metadata.decision === "approve" ? "approved" : "rejected",
						answeredAt: timestamp,
						by: metadata.by,
						note: metadata.note,
						edited: Boolean(metadata.edit),
					}
				: approval,
		),
	}),

	agent_status: (state, { agent_name, metadata, timestamp }) =>
		onAgent(state, agent_name, (agent) => ({
			...agent,
			status: metadata.status,
			task: metadata.task,
			progress: metadata.progress ?? (metadata.status === "done" ? 100 : agent.progress),
			degraded: metadata.degraded ?? agent.degraded,
			startedAt: agent.startedAt ?? (metadata.status === "skipped" ? null : timestamp),
			finishedAt: settled.has(metadata.status) ? timestamp : null,
		})),

	agent_response: (state, { agent_name, metadata }) =>
		metadata.final === false
			? { ...state, speaking: grown(state.speaking, agent_name, metadata) }
			: onAgent({ ...state, speaking: null }, agent_name, (agent) => ({
					...agent,
					response: beginningOf(metadata.text),
					degraded: metadata.degraded ?? null,
				})),

	plan_generated: (state, { metadata }) => ({
		...state,
		plan: metadata.plan,
		alternatives: metadata.alternatives,
		tasks: metadata.tasks.map((task) => ({ ...task, status: "pending", durationMs: null })),
	}),

	task_started: (state, { metadata }) => onTask(state, metadata.task_id, { status: "running", durationMs: null }),
	task_completed: (state, { metadata }) => onTask(state, metadata.task_id, { status: "done", durationMs: metadata.duration_ms }),

	artifact_created: (state, { metadata }) => ({
		...state,
		artifacts: [...state.artifacts.filter(({ name }) => name !== metadata.name), artifactOf(metadata)],
	}),

	fix_proposed: (state, { metadata: { fix } }) => ({
		...state,
		fixes: [...state.fixes.filter(({ id }) => id !== fix.id), { ...fix, status: "proposed" }],
	}),

	fix_applied: (state, { metadata }) =>
		doneAnew({
			...state,
			fixes: state.fixes.map((fix) => (fix.id === metadata.fix_id ? { ...fix, status: "applied" } : fix)),
		}),

	preview_ready: (state, { metadata }) => ({ ...state, previewUrl: metadata.url, release: metadata.release }),
	log: (state, { metadata }) => ({ ...state, logLines: Math.max(state.logLines, metadata.last) }),
};

/** What the state keeps of an answer; the whole is in its event. */
const keptResponse = 1000;
/** What it keeps of one that grows: as much as any message may have. */
const keptSpeech = 24 * 1024;

function beginningOf(text: string): string {
	return text.length <= keptResponse ? text : `${text.slice(0, keptResponse).toWellFormed()}…`;
}

function grown(
	before: SpeakingState | null,
	agent: AgentName | null,
	{ message = "", part = 1, text }: Metadata<"agent_response">,
): SpeakingState | null {
	if (agent === null) return before;
	const said = before?.message === message ? before.text : "";
	return { message, agent, part, text: said.length < keptSpeech ? said + text : said };
}

/** An artifact as its event tells of it. */
export function artifactOf({ name, media_type, size, sha256 }: Metadata<"artifact_created">): ArtifactState {
	return { name, mediaType: media_type, size, sha256 };
}

function declined(fix: FixState): FixState {
	return fix.status === "proposed" ? { ...fix, status: "declined" } : fix;
}

/** Stages that stand before the first one that sees a repaired source. */
const untouched: ReadonlySet<Stage> = new Set(["clone", "analyze"]);

/** What a repair changes is planned, written, built and started anew; how often a stage was tried stays known. */
function doneAnew(state: DeploymentState): DeploymentState {
	const fresh = emptyState(state.id).stages;
	return {
		...state,
		stages: state.stages.map((stage, index) =>
			untouched.has(stage.stage) ? stage : { ...stage, ...fresh[index], attempts: stage.attempts },
		),
		agents: state.agents.map((agent) => (agent.name === agentOfStage.analyze ? agent : awaitingItsTurn(agent))),
	};
}

/** An agent whose work is done anew; nobody is at work before their stage begins, which may be after a pause. */
function awaitingItsTurn(agent: AgentState): AgentState {
	const anew = { ...agent, progress: null, response: null, degraded: null };
	return agent.status === "idle" ? anew : { ...anew, status: "waiting", finishedAt: null };
}

/** What a stage that was never reached is called once the deployment has ended. */
const unreached = { succeeded: "skipped", failed: "skipped", cancelled: "cancelled" } as const;
const isAhead = ({ status }: StageState): boolean => status === "pending" || status === "waiting";

/** True once an earlier stage runs anew: what was approved is not what will be done. */
function isOvertaken({ status, stage }: ApprovalState, running: Stage | null): boolean {
	return status === "approved" && running !== null && stages.indexOf(running) < stages.indexOf(stage);
}
const settled: ReadonlySet<string> = new Set(["done", "failed", "skipped"]);

function onStage(state: DeploymentState, stage: Stage | null, change: (stage: StageState) => StageState): DeploymentState {
	return { ...state, stages: state.stages.map((current) => (current.stage === stage ? change(current) : current)) };
}

function onAgent(state: DeploymentState, name: AgentName | null, change: (agent: AgentState) => AgentState): DeploymentState {
	return { ...state, agents: state.agents.map((agent) => (agent.name === name ? change(agent) : agent)) };
}

function onTask(state: DeploymentState, id: string, change: { status: "running" | "done"; durationMs: number | null }): DeploymentState {
	return { ...state, tasks: state.tasks.map((task) => (task.id === id ? { ...task, ...change } : task)) };
}

function rising(before: number | null, after: number | null): number | null {
	return after === null ? before : Math.max(before ?? 0, after);
}

/** Overall progress from the stages; it never goes down, and 100 is kept for a deployment that succeeded. */
function withProgress(state: DeploymentState): DeploymentState {
	if (state.status === "succeeded") return state.progress === 100 ? state : { ...state, progress: 100 };
	if (isTerminal(state.status)) return state;
	const progress = Math.max(state.progress, overallProgress(state.stages));
	return progress === state.progress ? state : { ...state, progress };
}

/** Overall progress of unfinished stages, in whole percent, below 100. */
export function overallProgress(stages: readonly StageState[]): number {
	const done = stages.reduce((sum, stage) => sum + (weights[stage.stage] * shareOf(stage)) / 100, 0);
	return Math.min(99, Math.floor(done));
}

function shareOf(stage: StageState): number {
	return stage.status === "succeeded" || stage.status === "skipped" ? 100 : (stage.progress ?? 0);
}
