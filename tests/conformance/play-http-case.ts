import { once } from "node:events";
import { type IncomingMessage, request as sendRequest } from "node:http";
import { request as sendSecurely } from "node:https";
import { isDeepStrictEqual } from "node:util";
import { createParser } from "eventsource-parser";
import { type Bench, filled, inStreams, makeLogs, within } from "./bench.ts";
import type { HttpCase } from "./case.ts";

interface Answered {
	status: number;
	headers: IncomingMessage["headers"];
	/** Of a stream, its first frames. */
	frames: string[];
	error: string | null;
	tookMs: number;
}

/** Sends the request of a case; throws a sentence about what was answered otherwise. */
export async function playHttpCase({ logs, request, before = [], meanwhile = [], answer }: HttpCase, bench: Bench): Promise<void> {
	const made = await makeLogs(bench, logs);
	for (const deed of before) await bench.carryOut(inStreams(deed, made));
	const sent = send(bench, filled(request, made), answer.frames?.length ?? 0);
	for (const deed of meanwhile) await bench.carryOut(inStreams(deed, made));
	const got = await within(bench.patienceMs + (answer.withinMs ?? 0), sent, () => "an answer");
	const wrong = differences(got, answer);
	if (wrong.length > 0) throw new Error(wrong.join("; "));
}

function differences(got: Answered, { status, headers = {}, error, frames, heldMs = 0, withinMs }: HttpCase["answer"]): string[] {
	const wrong: string[] = [];
	if (got.status !== status) wrong.push(`expected status ${status}, got ${got.status}`);
	for (const [name, pattern] of Object.entries(headers)) {
		const value = got.headers[name];
		if (pattern === null ? value !== undefined : !new RegExp(pattern).test(String(value ?? "")))
			wrong.push(`header ${name} is ${value}, expected ${pattern ?? "none"}`);
	}
	if (error !== undefined && got.error !== error) wrong.push(`expected error ${error}, got ${got.error}`);
	if (frames && !isDeepStrictEqual(got.frames, frames))
		wrong.push(`expected the frames ${frames.join(", ")}, got ${got.frames.join(", ")}`);
	if (got.tookMs < heldMs) wrong.push(`expected to be held for ${heldMs} ms, was for ${Math.round(got.tookMs)}`);
	if (withinMs !== undefined && got.tookMs > withinMs)
		wrong.push(`expected an answer within ${withinMs} ms, took ${Math.round(got.tookMs)}`);
	return wrong;
}

async function send({ url, token }: Bench, request: HttpCase["request"], frames: number): Promise<Answered> {
	const began = performance.now();
	const own = Object.entries(request.headers ?? {}).map(([name, value]) => [name, value === "$origin" ? url : value]);
	const outgoing = (url.startsWith("https:") ? sendSecurely : sendRequest)(`${url}${request.path}`, {
		method: request.method,
		agent: false,
		headers: {
			...(request.token !== "none" && { authorization: `Bearer ${request.token === "wrong" ? "" : token}` }),
			...(request.token === "wrong" && { authorization: "Bearer qs_wrong" }),
			...(request.upgrade && {
				connection: "Upgrade",
				upgrade: "websocket",
				"sec-websocket-version": "13",
				"sec-websocket-key": Buffer.alloc(16).toString("base64"),
			}),
			...Object.fromEntries(own),
		},
	});
	try {
		const answered = Promise.race([once(outgoing, "response"), once(outgoing, "upgrade")]);
		outgoing.end(request.body === undefined ? undefined : typeof request.body === "string" ? request.body : JSON.stringify(request.body));
		const [response] = (await answered) as [IncomingMessage];
		const rest = response.statusCode === 101 ? { frames: [], error: null } : await read(response, frames);
		return { status: response.statusCode ?? 0, headers: response.headers, ...rest, tookMs: performance.now() - began };
	} finally {
		outgoing.on("error", () => {});
		outgoing.destroy();
	}
}

/** Kinds of the frames of an answer, of a stream the first `count`. */
async function read(response: IncomingMessage, count: number): Promise<Pick<Answered, "frames" | "error">> {
	response.setEncoding("utf8");
	if (/^text\/event-stream/.test(response.headers["content-type"] ?? "")) {
		const frames: string[] = [];
		const parser = createParser({ onEvent: ({ data }) => frames.push((JSON.parse(data) as { t: string }).t) });
		for await (const chunk of response) {
			parser.feed(chunk as string);
			if (frames.length >= count) break;
		}
		return { frames: frames.slice(0, count), error: null };
	}
	let text = "";
	for await (const chunk of response) text += chunk;
	const body = text === "" ? null : (JSON.parse(text) as unknown);
	if (Array.isArray(body)) return { frames: body.map(({ t }: { t: string }) => t), error: null };
	return { frames: [], error: (body as { error?: { code?: string } } | null)?.error?.code ?? null };
}
