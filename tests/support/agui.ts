import { type AgentSubscriber, type BaseEvent, HttpAgent, type Message } from "@ag-ui/client";
import { EventSchema } from "@ag-ui/core/schemas";

const terminal = new Set(["RUN_FINISHED", "RUN_ERROR"]);

/** What is wrong with the events of one run. AG-UI's own client takes a run without an end for a good one; this does not. */
export function problemsOf(events: readonly { type: string }[]): string[] {
	const ends = events.filter(({ type }) => terminal.has(type)).length;
	const last = events.at(-1)?.type ?? "nothing";
	return [
		...events.flatMap((event) => (EventSchema.safeParse(event).success ? [] : [`${event.type} is not as AG-UI has it`])),
		...(["RUN_STARTED", "RUN_ERROR"].includes(events[0]?.type ?? "") ? [] : [`begins with ${events[0]?.type ?? "nothing"}`]),
		...(events.filter(({ type }) => type === "RUN_STARTED").length > 1 ? ["begins twice"] : []),
		...(ends === 1 && terminal.has(last) ? [] : [`${ends} ends, the last event is ${last}`]),
	];
}

export interface Watched {
	events: BaseEvent[];
	messages: Message[];
	state: unknown;
	/** Why the client ended the run. */
	error: Error | null;
}

/** Runs the real client and keeps what it took in. Ends with the stream, whatever the stream says. */
export async function watch(
	agent: HttpAgent,
	parameters: Parameters<HttpAgent["runAgent"]>[0] = {},
	also: AgentSubscriber = {},
): Promise<Watched> {
	const events: BaseEvent[] = [];
	let error: Error | null = null;
	const subscriber: AgentSubscriber = {
		...also,
		onEvent: (params) => {
			events.push(params.event);
			return also.onEvent?.(params);
		},
		onRunFailed: (params) => {
			error = params.error;
		},
	};
	await agent.runAgent(parameters, subscriber).catch((cause: Error) => {
		error ??= cause;
	});
	return { events, messages: agent.messages, state: agent.state, error };
}

/** The real client over a stream that is given. */
export function agentOf(events: readonly object[], messages: Message[] = []): HttpAgent {
	const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
	return new HttpAgent({
		url: "http://agui.invalid/",
		threadId: "thread",
		initialMessages: messages,
		fetch: async () => new Response(body, { headers: { "content-type": "text/event-stream" } }),
	});
}
