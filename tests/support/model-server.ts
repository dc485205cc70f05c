import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** One request as the model got it. */
export interface AskedRequest {
	atMs: number;
	headers: IncomingHttpHeaders;
	body: { model: string; messages: { role: string; content: unknown }[]; tools?: unknown[]; response_format?: unknown; stream?: boolean };
	/** Settles when the other side ended the connection, or the answer. */
	closed: Promise<void>;
}

export type Reply = (response: ServerResponse, request: AskedRequest) => unknown;

/** An OpenAI-compatible server that does what no good one does: it is silent, stops in the middle, answers nonsense. */
export interface ModelServer {
	/** Base URL, on 127.0.0.1. */
	url: string;
	requests: AskedRequest[];
	/** Replies to the next requests, in order; the last one goes for all that follow. */
	reply(...replies: Reply[]): void;
	/** Waits until so many requests have come. */
	asked(count: number): Promise<void>;
	stop(): Promise<void>;
}

export async function startModelServer(): Promise<ModelServer> {
	const requests: AskedRequest[] = [];
	let replies: Reply[] = [says("OK")];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const { promise: closed, resolve } = Promise.withResolvers<void>();
			response.on("close", resolve);
			response.on("error", () => undefined);
			const asked = {
				atMs: performance.now(),
				headers: request.headers,
				body: JSON.parse(Buffer.concat(chunks).toString() || "{}"),
				closed,
			};
			requests.push(asked);
			const reply = replies.length > 1 ? replies.shift() : replies[0];
			reply?.(response, asked);
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
		requests,
		reply(...next) {
			replies = next;
		},
		async asked(count) {
			while (requests.length < count) await sleep(5);
		},
		async stop() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

/** Pieces of text, one event each, with what the provider says of tokens; `usage: null` says nothing. */
export function says(text: string | readonly string[], options: { usage?: object | null; everyMs?: number; finish?: string } = {}): Reply {
	return async (response) => {
		begin(response);
		for (const piece of typeof text === "string" ? [text] : text) {
			event(response, chunk({ content: piece }));
			if (options.everyMs) await sleep(options.everyMs);
		}
		event(response, chunk({}, options.finish ?? "stop"));
		if (options.usage !== null) event(response, { ...chunk({}), choices: [], usage: options.usage ?? usage });
		response.end("data: [DONE]\n\n");
	};
}

/** Asks for a tool. */
export function callsTool(name: string, input: object): Reply {
	return (response) => {
		begin(response);
		event(
			response,
			chunk({ tool_calls: [{ index: 0, id: `call_${name}`, type: "function", function: { name, arguments: JSON.stringify(input) } }] }),
		);
		event(response, chunk({}, "tool_calls"));
		event(response, { ...chunk({}), choices: [], usage });
		response.end("data: [DONE]\n\n");
	};
}

/** Takes the request and says nothing for ever. */
export const silent: Reply = () => undefined;

/** Ends the connection without an answer. */
export const drops: Reply = (response) => response.destroy();

/** Begins, and says nothing more. */
export function stalls(text: string): Reply {
	return (response) => {
		begin(response);
		event(response, chunk({ content: text }));
	};
}

/** Begins, and breaks the connection. */
export function cuts(text: string): Reply {
	return (response) => {
		begin(response);
		event(response, chunk({ content: text }));
		// After what was written has left.
		response.write(": \n\n", () => setImmediate(() => response.destroy()));
	};
}

/** Begins, and ends the answer properly without an end of the text. */
export function endsEarly(text: string): Reply {
	return (response) => {
		begin(response);
		event(response, chunk({ content: text }));
		response.end();
	};
}

/** Sends a byte now and then, and never an answer. */
export const drips: Reply = async (response, { closed }) => {
	begin(response);
	let open = true;
	closed.then(() => {
		open = false;
	});
	while (open) {
		response.write(": waiting\n\n");
		await sleep(100);
	}
};

export function refuses(status: number, headers: Record<string, string> = {}, message = "no"): Reply {
	return (response) => {
		response.writeHead(status, { "content-type": "application/json", ...headers });
		response.end(JSON.stringify({ error: { message, type: "test", code: null } }));
	};
}

export function answers(contentType: string, body: string, status = 200): Reply {
	return (response) => {
		response.writeHead(status, { "content-type": contentType });
		response.end(body);
	};
}

/** An error in the middle of the stream, followed by an end as if nothing were wrong. */
export function errsThenFinishes(text: string, message: string): Reply {
	return (response) => {
		begin(response);
		if (text !== "") event(response, chunk({ content: text }));
		event(response, { error: { message, type: "server_error", code: "500", param: null } });
		event(response, chunk({}, "stop"));
		response.end("data: [DONE]\n\n");
	};
}

/** Text without end, as fast as it is taken. */
export const floods: Reply = async (response, { closed }) => {
	begin(response);
	let open = true;
	closed.then(() => {
		open = false;
	});
	const piece = `data: ${JSON.stringify(chunk({ content: "x".repeat(64 * 1024) }))}\n\n`;
	while (open) if (!response.write(piece)) await Promise.race([closed, new Promise((resolve) => response.once("drain", resolve))]);
};

function begin(response: ServerResponse): void {
	response.writeHead(200, { "content-type": "text/event-stream" });
}

function event(response: ServerResponse, value: object): void {
	response.write(`data: ${JSON.stringify(value)}\n\n`);
}

function chunk(delta: object, finish: string | null = null): object {
	return { id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] };
}
