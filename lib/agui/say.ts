import { type Event as AguiEvent, EventType, type Message } from "@ag-ui/core";
import type { EventOf, StreamEvent } from "../protocol/event.ts";

/** What was said in a deployment. */
export interface Said {
	readonly messages: readonly Message[];
	/** Id of the message that still grows; null when none does. */
	readonly growing: string | null;
}

export interface Saying {
	said: Said;
	events: AguiEvent[];
}

/** What agents and their tools say in an event, as AG-UI's messages and tool calls. */
export function say(said: Said, event: StreamEvent): Saying {
	switch (event.type) {
		case "agent_response":
			return event.metadata.final === false ? grow(said, event) : finish(said, event);
		case "tool_called":
			return callTool(said, event);
		// What an attempt did not finish saying ends with it.
		case "stage_started":
		case "stage_failed":
		case "deployment_completed":
			return stop(said);
		default:
			return { said, events: [] };
	}
}

/** Ends the message that grows, where it stands. */
export function stop(said: Said): Saying {
	const { growing } = said;
	return growing === null ? { said, events: [] } : { said: { ...said, growing: null }, events: [ended(growing)] };
}

/** One more part of a message. */
function grow(said: Said, event: EventOf<"agent_response">): Saying {
	const id = event.metadata.message ?? event.id;
	const opened = said.growing === id ? { said, events: [] } : open(said, id, event);
	return then(opened, (before) => add(before, id, event.metadata.text));
}

/** A whole message, or the end of one whose parts were told already: those are the whole text by then. */
function finish(said: Said, event: EventOf<"agent_response">): Saying {
	const { text, message } = event.metadata;
	const told = said.growing !== null && said.growing === message ? textOf(said, said.growing) : null;
	if (told !== null && text.startsWith(told)) {
		return then(add(said, message as string, text.slice(told.length)), stop);
	}
	if (text === "") return stop(said);
	return then(
		then(open(said, event.id, event), (before) => add(before, event.id, text)),
		stop,
	);
}

function open(said: Said, messageId: string, { agent_name }: EventOf<"agent_response">): Saying {
	const from = { role: "assistant" as const, ...(agent_name && { name: agent_name }) };
	return then(stop(said), ({ messages }) => ({
		said: { messages: [...messages, { id: messageId, ...from, content: "" }], growing: messageId },
		events: [{ type: EventType.TEXT_MESSAGE_START, messageId, ...from }],
	}));
}

function add(said: Said, messageId: string, delta: string): Saying {
	if (delta === "") return { said, events: [] };
	const messages = said.messages.map((message) =>
		message.id === messageId && message.role === "assistant" ? { ...message, content: `${message.content ?? ""}${delta}` } : message,
	);
	return { said: { ...said, messages }, events: [{ type: EventType.TEXT_MESSAGE_CONTENT, messageId, delta }] };
}

/** A tool was used: it is told with what came of it. */
function callTool(said: Said, { id, metadata }: EventOf<"tool_called">): Saying {
	const { tool, input, ok, result, file, diff } = metadata;
	const call = JSON.stringify({ input, file });
	const answer = JSON.stringify({ ok, result, diff });
	const messageId = `${id}-result`;
	return {
		said: {
			...said,
			messages: [
				...said.messages,
				{ id, role: "assistant", toolCalls: [{ id, type: "function", function: { name: tool, arguments: call } }] },
				{ id: messageId, role: "tool", toolCallId: id, content: answer },
			],
		},
		events: [
			{ type: EventType.TOOL_CALL_START, toolCallId: id, toolCallName: tool },
			{ type: EventType.TOOL_CALL_ARGS, toolCallId: id, delta: call },
			{ type: EventType.TOOL_CALL_END, toolCallId: id },
			{ type: EventType.TOOL_CALL_RESULT, messageId, toolCallId: id, role: "tool", content: answer },
		],
	};
}

function then({ said, events }: Saying, next: (said: Said) => Saying): Saying {
	const following = next(said);
	return { said: following.said, events: [...events, ...following.events] };
}

function textOf({ messages }: Said, id: string): string | null {
	const content = messages.find((message) => message.id === id)?.content;
	return typeof content === "string" ? content : null;
}

function ended(messageId: string): AguiEvent {
	return { type: EventType.TEXT_MESSAGE_END, messageId };
}
