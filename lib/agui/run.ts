import { type Event as AguiEvent, EventType, type Message, PROTOCOL_VERSION } from "@ag-ui/core";
import { fold } from "../deployment/fold.ts";
import { type DeploymentState, emptyState } from "../deployment/state.ts";
import type { PublicError } from "../errors.ts";
import type { StreamEvent } from "../protocol/event.ts";
import { interruptsOf } from "./interrupts.ts";
import { patchOf } from "./patch.ts";
import { type Said, say, stop } from "./say.ts";

/**
 * A deployment as an AG-UI run. The stages are its steps, what the agents answer are its messages, and the fold is its state. Every event
 * of the deployment becomes exactly one STATE_DELTA, which carries the event itself as `rawEvent`: whoever reads a run has all of
 * the log. Pure: the same events make the same run, live or replayed.
 */
export interface Run {
	readonly threadId: string;
	readonly runId: string;
	/** The fold of the events so far. */
	readonly state: DeploymentState;
	/** What the agents said so far. */
	readonly said: Said;
	/** Steps that were begun in this run and have not ended. */
	readonly steps: readonly string[];
}

export type { AguiEvent };

/** A run of this deployment before its first event. */
export function newRun(threadId: string, runId: string, deploymentId: string): Run {
	return { threadId, runId, state: emptyState(deploymentId), said: { messages: [], growing: null }, steps: [] };
}

/**
 * How a run begins: with the state as of now and the messages as of now. `held` are the messages the client has: what is ours among
 * them is told again from the log, so a client that comes back shows nothing twice.
 */
export function begin({ threadId, runId, state, said, steps }: Run, held: readonly Message[]): AguiEvent[] {
	const ours = new Set(said.messages.map(({ id }) => id));
	const theirs = held.filter(({ id, role }) => asked.has(role) && !ours.has(id));
	return [
		{ type: EventType.RUN_STARTED, threadId, runId, protocolVersion: PROTOCOL_VERSION },
		{ type: EventType.STATE_SNAPSHOT, snapshot: state },
		{ type: EventType.MESSAGES_SNAPSHOT, messages: [...theirs, ...said.messages] },
		...steps.map((stepName) => ({ type: EventType.STEP_STARTED as const, stepName })),
		...(said.growing === null ? [] : [{ type: EventType.TEXT_MESSAGE_START as const, messageId: said.growing }]),
	];
}

/** Roles of messages that come from the client. */
const asked: ReadonlySet<Message["role"]> = new Set(["user", "system", "developer"]);

/** The run after one more event, and what is sent of it. */
export function advance(run: Run, event: StreamEvent): { run: Run; events: AguiEvent[] } {
	const state = fold(run.state, event);
	const { said, events: words } = say(run.said, event);
	const { steps, events: moves } = step(run.steps, event);
	const timestamp = Date.parse(event.timestamp);
	const delta: AguiEvent = { type: EventType.STATE_DELTA, delta: patchOf(run.state, state), timestamp, rawEvent: event };
	return { run: { ...run, state, said, steps }, events: [...words, ...moves, delta] };
}

/** Stages are steps. What was done in an earlier deployment has no beginning here, and no end. */
function step(steps: readonly string[], { type, stage }: StreamEvent): { steps: readonly string[]; events: AguiEvent[] } {
	if (stage === null) return { steps, events: [] };
	if (type === "stage_started") return { steps: [...steps, stage], events: [{ type: EventType.STEP_STARTED, stepName: stage }] };
	if ((type !== "stage_completed" && type !== "stage_failed") || !steps.includes(stage)) return { steps, events: [] };
	return { steps: steps.filter((open) => open !== stage), events: [{ type: EventType.STEP_FINISHED, stepName: stage }] };
}

/** How the run ends where the log stands now; null while the deployment goes on by itself. */
export function endOf(run: Run): AguiEvent[] | null {
	const { state, threadId, runId } = run;
	const finished = { type: EventType.RUN_FINISHED as const, threadId, runId };
	switch (state.status) {
		case "succeeded":
			return [...closing(run), { ...finished, outcome: { type: "success" }, result: resultOf(state) }];
		case "cancelled":
			return [...closing(run), { ...finished, outcome: { type: "cancelled" } }];
		case "failed":
			return [...closing(run), failure(state.error ?? unexplained)];
		case "paused":
		case "waiting": {
			const interrupts = interruptsOf(state);
			return interrupts.length > 0 ? [...closing(run), { ...finished, outcome: { type: "interrupt", interrupts } }] : null;
		}
		case "queued":
		case "running":
			return null;
	}
}

/** How a run ends that cannot go on, whatever the deployment does. */
export function breakOff(run: Run, error: PublicError): AguiEvent[] {
	return [...closing(run), failure(error)];
}

/** What has to be closed before a run may end. */
function closing({ steps, said }: Run): AguiEvent[] {
	return [...stop(said).events, ...steps.map((stepName) => ({ type: EventType.STEP_FINISHED as const, stepName }))];
}

function failure({
	code,
	message,
	action,
	reference,
}: Pick<PublicError, "message" | "action" | "reference"> & { code: string }): AguiEvent {
	const said = [message, action, reference && `Reference: ${reference}`].filter(Boolean).join(" ");
	return { type: EventType.RUN_ERROR, message: said, code };
}

const unexplained = { code: "internal", message: "The deployment failed.", action: "", reference: "" };

function resultOf({ id, project, previewUrl, release }: DeploymentState) {
	return { deployment: id, project: project.slug, previewUrl, release };
}
