import type { Degraded, Facts, StreamEvent } from "../protocol/event.ts";
import type { AgentName } from "../protocol/words.ts";
import { artifactOf } from "./fold.ts";
import type { ArtifactState } from "./state.ts";

/** Who speaks: an agent, the person who deploys, or the platform. */
export type Speaker = AgentName | "you" | "Quayside";

export type Tone = "plain" | "good" | "bad" | "warning";

export type Item =
	| { kind: "note"; id: string; text: string; tone: Tone; facts: Facts }
	| { kind: "message"; id: string; text: string; model: string | null; cached: boolean; degraded: Degraded | null }
	| { kind: "tool"; id: string; tool: string; input: string; ok: boolean; result: string; file: string | null; diff: string | null }
	| { kind: "tasks"; id: string; summary: string; names: readonly string[] }
	| { kind: "files"; id: string; files: readonly ArtifactState[] };

/** What one of them says without another one in between. */
export interface Turn {
	id: string;
	speaker: Speaker;
	/** ISO time of its first word. */
	at: string;
	items: Item[];
}

/** The events of a deployment as what was said, oldest first. Pure; events it has no words for are passed over. */
export function conversationOf(events: Iterable<StreamEvent>): Turn[] {
	const turns: Turn[] = [];
	for (const event of events) {
		const item = itemOf(event);
		if (!item) continue;
		const speaker = speakerOf(event);
		const last = turns.at(-1);
		const turn = last?.speaker === speaker ? last : { id: event.id, speaker, at: event.timestamp, items: [] };
		if (turn !== last) turns.push(turn);
		const before = turn.items.at(-1);
		if (item.kind === "files" && before?.kind === "files") {
			turn.items[turn.items.length - 1] = { ...before, files: [...before.files, ...item.files] };
			continue;
		}
		if (item.kind === "message") turn.items = turn.items.filter((said) => !saysTheSame(said, item.text));
		turn.items.push(item);
	}
	return turns;
}

function speakerOf({ type, agent_name }: StreamEvent): Speaker {
	if (type === "deployment_started") return "you";
	return type === "deployment_completed" || type === "system" ? "Quayside" : (agent_name ?? "Quayside");
}

/** An answer often repeats the sentence with which its stage ended. */
function saysTheSame(said: Item, text: string): boolean {
	return said.kind === "note" && text.replace(/\.$/, "") === said.text.replace(/\.$/, "");
}

function itemOf(event: StreamEvent): Item | null {
	const { id } = event;
	const note = (tone: Tone, facts: Facts = {}, text = event.content): Item | null =>
		text === "" ? null : { kind: "note", id, text, tone, facts };
	switch (event.type) {
		case "deployment_started":
			return note("plain", {}, requestOf(event.metadata));
		case "status":
		case "build_started":
		case "build_phase_started":
		case "deploy_started":
		case "approval_requested":
		case "approval_resolved":
			return note("plain");
		case "agent_status":
			return event.metadata.status === "skipped" ? note("plain") : null;
		case "stage_completed":
			return note("good", event.metadata.facts);
		case "stage_failed":
			return note(event.metadata.cancelled ? "plain" : event.metadata.will_retry ? "warning" : "bad");
		case "system":
			return note(event.metadata.message_type === "warning" ? "warning" : "plain");
		case "deployment_completed":
			return note(event.metadata.status === "succeeded" ? "good" : event.metadata.status === "failed" ? "bad" : "plain");
		case "plan_generated":
			return { kind: "tasks", id, summary: event.content, names: event.metadata.tasks.map(({ name }) => name) };
		case "artifact_created":
			return { kind: "files", id, files: [artifactOf(event.metadata)] };
		case "fix_applied":
			return note("good");
		case "fix_proposed": {
			const { title, reason, files, diff } = event.metadata.fix;
			return { kind: "tool", id, tool: "repair", input: title, ok: true, result: reason, file: files[0]?.path ?? null, diff };
		}
		case "tool_called": {
			const { tool, input, ok, result, file, diff } = event.metadata;
			return { kind: "tool", id, tool, input, ok, result, file, diff };
		}
		case "agent_response": {
			const { text, model = null, cached = false, degraded = null, final } = event.metadata;
			return final === false || text === "" ? null : { kind: "message", id, text, model, cached, degraded };
		}
		default:
			return null;
	}
}

function requestOf({ project, source, retry_of, from }: Extract<StreamEvent, { type: "deployment_started" }>["metadata"]): string {
	if (source.brief && retry_of === null) return source.brief.follow_up?.message ?? source.brief.text;
	if (retry_of !== null) return `Deploy ${project.name} again${from === null || from === "clone" ? "" : `, from ${from}`}.`;
	const where = [source.ref && `branch, tag or commit ${source.ref}`, source.directory && `directory ${source.directory}`].filter(Boolean);
	const what = source.type === "upload" ? `the folder ${project.name}` : source.url;
	return `Deploy ${what}${where.length > 0 ? `, ${where.join(", ")}` : ""}.`;
}
