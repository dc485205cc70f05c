import { shortSource } from "../format.ts";
import type { DeploymentSource, EventOf, Facts, Failure, StageOutput, StreamEvent } from "../protocol/event.ts";
import type { LogMark } from "../protocol/share.ts";
import type { AgentStatus, DeploymentStatus, EventType } from "../protocol/words.ts";
import { type AgentState, type DeploymentState, emptyState, type StageState } from "./state.ts";

/**
 * A deployment as strangers may see it who were given a link: how it went, and its log. Not whose it is, where its source lies,
 * where it runs, what it is made with, or how this machine is called. What is shown is listed here; what is new stays hidden.
 */
export interface SharedDeployment {
	state: DeploymentState;
	/** The log over time, evenly spread. */
	marks: LogMark[];
	expiresAt: string;
}

/** Hides in a text where the project comes from, where it runs, what was repaired, and with which models. */
export type Hide = (text: string) => string;

const hiddenMark = "[hidden]";
const shortestNeedle = 6;

/** `models` are those that thought for it, as "provider/model": sentences of older deployments name them. */
export function hiderOf(
	{ previewUrl, source, fixes }: Pick<DeploymentState, "previewUrl" | "source" | "fixes">,
	models: readonly string[] = [],
): Hide {
	const words = [
		...spellingsOf(previewUrl),
		...(source ? [source.url, source.url.replace(/\.git\/?$/, ""), shortSource(source.url)] : []),
		...fixes.map(({ title }) => title),
		...models,
	];
	const needles = [...new Set(words)].filter((needle) => needle.length >= shortestNeedle).sort((a, b) => b.length - a.length);
	return (text) => needles.reduce((hidden, needle) => hidden.replaceAll(needle, hiddenMark), text);
}

function spellingsOf(previewUrl: string | null): string[] {
	if (previewUrl === null || !URL.canParse(previewUrl)) return [];
	const { origin, host, hostname } = new URL(previewUrl);
	return [previewUrl, origin, host, hostname];
}

/** The state without what strangers must not see: what the events of `sharedEvent` fold to. */
export function sharedState(state: DeploymentState, hide: Hide): DeploymentState {
	const { number, target, from, status, stage, progress, error, stoppedProcesses, isolated, fence, logLines } = state;
	const { queuedAt, startedAt, finishedAt, lastEventAt, lastSeq } = state;
	return {
		...emptyState(""),
		...{ number, target, from, status, stage, progress, stoppedProcesses, isolated, fence, logLines },
		...{ queuedAt, startedAt, finishedAt, lastEventAt, lastSeq },
		project: { id: "", slug: "", name: state.project.name },
		source: state.source && sharedSource(state.source),
		stages: state.stages.map((one) => sharedStage(one, hide)),
		agents: state.agents.map((one) => sharedAgent(one, hide)),
		error: sharedFailure(error, hide),
	};
}

/** An event without what strangers must not see; null for one they are not shown at all. */
export function sharedEvent(event: StreamEvent, hide: Hide): StreamEvent | null {
	const share = sharers[event.type] as ((metadata: unknown, hide: Hide) => unknown) | undefined;
	// Of what an agent says in parts only the whole is shown.
	if (!share || (event.type === "agent_response" && event.metadata.final === false)) return null;
	const { source: _, ...shown } = event;
	return {
		...shown,
		id: "",
		stream: "",
		deployment_id: null,
		requires_ack: false,
		content: sharedContent(event, hide),
		metadata: share(event.metadata, hide),
	} as StreamEvent;
}

/**
 * Agents and the deployment say what was repaired, which model thinks and who is waited for; strangers read only how they stand. What
 * an agent does, its stages tell.
 */
const agentWords: Readonly<Record<AgentStatus, string>> = {
	idle: "",
	thinking: "Thinking.",
	working: "At work.",
	waiting: "Waiting.",
	done: "Done.",
	failed: "Could not finish.",
	skipped: "Skipped.",
};
const statusWords: Readonly<Partial<Record<DeploymentStatus, string>>> = {
	queued: "Waits for its turn.",
	running: "Goes on.",
	waiting: "Waits for a person.",
	paused: "Paused.",
};

/** The sentence of an event as strangers read it; "" for one that has none for them. */
function sharedContent(event: StreamEvent, hide: Hide): string {
	if (event.type === "fix_applied") return "Repaired.";
	if (event.type === "agent_status") return agentWords[event.metadata.status];
	if (event.type === "status") return (event.metadata.status && statusWords[event.metadata.status]) ?? "";
	return isRejection(event) ? "It was not approved." : hide(event.content);
}

/** Who did not approve it, and why, is between those who work on it. */
function isRejection({ type, content, metadata }: StreamEvent): boolean {
	return type === "deployment_completed" && metadata.status === "cancelled" && !content.startsWith("Cancelled");
}

type Sharers = { [T in EventType]?: (metadata: EventOf<T>["metadata"], hide: Hide) => EventOf<T>["metadata"] };

const sharers: Sharers = {
	deployment_started: ({ project, number, source, target, from }) => ({
		project: { id: "", slug: "", name: project.name },
		owner_id: "",
		number,
		source: sharedSource(source),
		target,
		retry_of: null,
		from,
		correlation_id: "",
	}),
	status: ({ status }) => ({ status }),
	// That stages are done anew, and not what was changed for it.
	fix_applied: () => ({ fix_id: "", by: null }),
	stage_started: ({ attempt, fence, deadline_ms, isolated }) => ({ attempt, fence, deadline_ms, isolated, node: "" }),
	stage_progress: ({ attempt, fence, progress }) => ({ attempt, fence, progress }),
	stage_completed: ({ attempt, fence, duration_ms, facts, output, reused, skipped }, hide) => ({
		...{ attempt, fence, duration_ms, reused, skipped },
		facts: sharedFacts(facts, hide),
		output: sharedOutput(output, hide),
	}),
	stage_failed: ({ attempt, fence, duration_ms, error, will_retry, cancelled }, hide) => ({
		...{ attempt, fence, duration_ms, will_retry, cancelled },
		error: shareFailure(error, hide),
	}),
	deployment_completed: ({ status, duration_ms, error, stopped_processes }, hide) => ({
		...{ status, duration_ms, stopped_processes },
		error: sharedFailure(error, hide),
	}),
	agent_status: ({ status, progress }) => ({ status, task: agentWords[status], progress }),
	agent_response: ({ text, facts }, hide) => ({ text: hide(text), facts: sharedFacts(facts, hide) }),
	log: ({ first, last, lines }, hide) => ({ first, last, lines: lines.map((line) => ({ ...line, text: hide(line.text) })) }),
};

/** Types of the events that strangers are shown, the log aside. */
export const storyTypes = (Object.keys(sharers) as EventType[]).filter((type) => type !== "log");

function sharedStage(one: StageState, hide: Hide): StageState {
	const { stage, agent, status, attempts, fence, startedAt, finishedAt, durationMs, progress, reused } = one;
	return {
		...{ stage, agent, status, attempts, fence, startedAt, finishedAt, durationMs, progress, reused },
		node: one.node && "",
		text: hide(one.text),
		facts: sharedFacts(one.facts, hide),
		output: sharedOutput(one.output, hide),
		error: sharedFailure(one.error, hide),
	};
}

function sharedAgent({ name, status, progress, response, startedAt, finishedAt }: AgentState, hide: Hide): AgentState {
	return {
		...{ name, status, progress, startedAt, finishedAt },
		task: agentWords[status],
		response: response && hide(response),
		degraded: null,
	};
}

/** A branch tells what was deployed; the address would tell whose it is. */
const sharedSource = ({ type, ref }: DeploymentSource): DeploymentSource => ({ type, url: "", ref, directory: null, private: false });

function sharedOutput({ commit, commit_subject }: StageOutput, hide: Hide): StageOutput {
	return { ...(commit !== undefined && { commit }), ...(commit_subject !== undefined && { commit_subject: hide(commit_subject) }) };
}

function sharedFacts(facts: Facts, hide: Hide): Facts {
	return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, typeof value === "string" ? hide(value) : value]));
}

const sharedFailure = (failure: Failure | null, hide: Hide): Failure | null => failure && shareFailure(failure, hide);

function shareFailure(failure: Failure, hide: Hide): Failure {
	const { code, exit_code, first_line, decisive, cause } = failure;
	return {
		...{ code, exit_code, first_line, decisive, cause },
		message: hide(failure.message),
		action: hide(failure.action),
		reference: "",
		command: failure.command && hide(failure.command),
		// What a model's provider says names the model.
		lines: code.startsWith("model_") ? [] : failure.lines.map(hide),
	};
}
