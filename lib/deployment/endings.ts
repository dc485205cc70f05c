import type { EventDraft, Failure, Metadata } from "../protocol/event.ts";
import type { AgentName } from "../protocol/words.ts";
import type { DeploymentState, StageState } from "./state.ts";

/** What a deployment says when it or one of its stages ends. */

/** The stage that runs, null while none does. */
export function runningStage(state: DeploymentState): StageState | null {
	return state.stages.find(({ status }) => status === "running") ?? null;
}

/** An agent that finished a stage but not its last one is not left at work when the deployment ends here. */
export function settle(agent: AgentName, events: readonly EventDraft[]): EventDraft[] {
	return events.some(({ type }) => type === "agent_status")
		? []
		: [agentIs(agent, "skipped", "Skipped, because the deployment was cancelled.")];
}

/** What is said when a stage failed and the deployment with it. */
export function failedIn(stage: StageState, failure: Failure, state: DeploymentState, now: string): EventDraft[] {
	return [
		{
			type: "stage_failed",
			stage: stage.stage,
			agent_name: stage.agent,
			content: failure.message,
			metadata: {
				...attemptOf(stage),
				duration_ms: stage.durationMs ?? elapsed(stage.startedAt, now),
				error: failure,
				will_retry: false,
				cancelled: false,
			},
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
	];
}

export function stageCancelled(stage: StageState, content: string, now: string): EventDraft {
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

export function completed(
	state: DeploymentState,
	status: "succeeded" | "failed" | "cancelled",
	error: Failure | null,
	stopped: number | null,
	now: string,
	why: string | null = null,
): EventDraft {
	const name = state.project.name;
	const said = {
		succeeded: `${name} went live.`,
		failed: `${name} was not deployed: ${error?.message ?? ""}`,
		cancelled: stopped
			? `Cancelled. Stopped ${countOf(stopped)}.`
			: why !== null
				? `${name} was not deployed: ${why}`
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
export function skipWaitingAgents(state: DeploymentState, except: AgentName | null, reason: string): EventDraft[] {
	const busy = runningStage(state)?.agent;
	return state.agents
		.filter(({ name, status }) => name !== except && name !== busy && (status === "idle" || status === "waiting" || status === "working"))
		.map(({ name }) => agentIs(name, "skipped", reason));
}

export function agentIs(name: AgentName, status: Metadata<"agent_status">["status"], task: string): EventDraft {
	return { type: "agent_status", agent_name: name, content: task, metadata: { status, task, progress: status === "done" ? 100 : null } };
}

export const attemptOf = (stage: StageState) => ({ attempt: stage.attempts, fence: stage.fence ?? 1 });
export const elapsed = (since: string | null, now: string): number => (since ? Math.max(0, Date.parse(now) - Date.parse(since)) : 0);
export const countOf = (processes: number): string => `${processes} ${processes === 1 ? "process" : "processes"}`;

/** What lists show of an answer. */
export function firstWords(text: string): string {
	return text.length <= 300 ? text : `${text.slice(0, 299).toWellFormed()}…`;
}
