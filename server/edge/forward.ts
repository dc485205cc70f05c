import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { type Dispatcher, errors } from "undici";
import { openAppPools } from "./app-pools.ts";
import { headersForApp, headersForVisitor } from "./headers.ts";
import { notices, sendNotice } from "./pages.ts";
import { forwardUpgrade } from "./upgrade.ts";

export interface ForwardOptions {
	/** Cookies of the platform: names that begin with one of these never pass, in either direction. */
	cookiePrefixes: readonly string[];
	/** How visitors reach the edge. */
	protocol: "http" | "https";
	/** How long an app may take from the end of a request to the head of its answer. */
	answerTimeoutMs: number;
	/** Told of every request an app answered, however. */
	onAnswer: (slug: string) => void;
	/** Told of every request an app did not answer; `late` when it took too long. */
	onBroken: (slug: string, error: Error, late: boolean) => void;
}

/** A visit of an app. */
export interface AppVisit {
	slug: string;
	/** Of the app. */
	socketPath: string;
	/** The visitor's address as far as this side can tell. */
	address: string;
}

export interface Forward {
	request(request: IncomingMessage, response: ServerResponse, visit: AppVisit): void;
	upgrade(request: IncomingMessage, socket: Socket, head: Buffer, visit: AppVisit): void;
	close(): Promise<void>;
}

/** A first part of an answer up to this size leaves together with its head. */
const joinedBytes = 16 * 1024;

/** Passes requests and WebSockets to the Unix socket of an app, streaming both ways. */
export function createForward({ cookiePrefixes, protocol, answerTimeoutMs, onAnswer, onBroken }: ForwardOptions): Forward {
	const pools = openAppPools(answerTimeoutMs);

	function headersOf({ headers }: IncomingMessage, { address }: AppVisit): IncomingHttpHeaders {
		return headersForApp(headers, { address, protocol, host: headers.host ?? "" }, cookiePrefixes);
	}

	function send(request: IncomingMessage, response: ServerResponse, visit: AppVisit, over: "kept" | "new"): void {
		const { method = "GET", url: path = "/" } = request;
		const body = hasBody(request) ? bodyOf(request) : null;
		pools.dispatch(
			visit.socketPath,
			{ path, method, headers: headersOf(request, visit), body },
			answerTo(response, onHead, onFailure),
			over,
		);

		function onHead(answer: IncomingHttpHeaders): IncomingHttpHeaders {
			onAnswer(visit.slug);
			return headersForVisitor(answer, cookiePrefixes);
		}

		function onFailure(error: Error): void {
			if (response.destroyed) return;
			const late = error instanceof errors.HeadersTimeoutError;
			if (over === "kept" && !late && !response.headersSent) {
				send(request, response, visit, "new");
				return;
			}
			onBroken(visit.slug, error, late);
			if (response.headersSent) response.destroy();
			else sendNotice(request, response, late ? notices.slow : notices.broken);
		}
	}

	return {
		request: (request, response, visit) => send(request, response, visit, isRepeatable(request) ? "kept" : "new"),
		upgrade: (request, socket, head, visit) =>
			forwardUpgrade(request, socket, head, {
				socketPath: visit.socketPath,
				headers: headersOf(request, visit),
				answerTimeoutMs,
				forVisitor: (headers) => headersForVisitor(headers, cookiePrefixes),
				onBroken: (error) => onBroken(visit.slug, error, false),
			}),
		close: pools.close,
	};
}

/** RFC 9110, section 9.2.2: a request that means the same when it is sent twice; without a body it can be. */
function isRepeatable(request: IncomingMessage): boolean {
	const { method } = request;
	return (method === "GET" || method === "HEAD" || method === "OPTIONS") && !hasBody(request);
}

function hasBody({ headers }: IncomingMessage): boolean {
	return headers["transfer-encoding"] !== undefined || (headers["content-length"] !== undefined && headers["content-length"] !== "0");
}

/** The body as a stream of its own: one that an app refuses must not take the connection to the visitor with it. */
function bodyOf(request: IncomingMessage): Readable {
	return Readable.from(request.iterator({ destroyOnReturn: false }), { objectMode: false });
}

/** Writes what an app answers to the visitor, no faster than the visitor reads. A visitor who leaves ends the request. */
function answerTo(
	response: ServerResponse,
	onHead: (headers: IncomingHttpHeaders) => IncomingHttpHeaders,
	onFailure: (error: Error) => void,
): Dispatcher.DispatchHandler {
	let left: () => void = () => {};
	let isFirst = true;
	let whole: string | string[] | undefined;
	return {
		onRequestStart(controller) {
			left = () => {
				if (!response.writableFinished) controller.abort(new Error("the visitor left"));
			};
			if (response.destroyed) left();
			else response.once("close", left);
		},
		onResponseStart(_controller, status, headers, statusMessage) {
			// What comes before the answer (103 Early Hints) is not passed on.
			if (status < 200) return;
			whole = headers["content-length"];
			response.writeHead(status, statusMessage || undefined, onHead(headers));
			// The head of a stream that has nothing to say yet is worth something by itself.
			process.nextTick(flushHead, response);
		},
		onResponseData(controller, chunk) {
			// Node sends head and text in one piece, head and bytes in two: every byte is a character of latin1.
			const joined = isFirst && chunk.length <= joinedBytes;
			isFirst = false;
			if (joined && whole === String(chunk.length)) return writeAtOnce(response, chunk);
			if (joined ? response.write(chunk.toString("latin1"), "latin1") : response.write(chunk)) return;
			controller.pause();
			response.once("drain", () => controller.resume());
		},
		onResponseEnd() {
			response.end();
		},
		onResponseError(_controller, error) {
			response.off("close", left);
			onFailure(error);
		},
	};
}

/** The whole answer in one plain write: when its end is told nothing is left to be sent. */
function writeAtOnce(response: ServerResponse, chunk: Buffer): void {
	response.cork();
	response.write(chunk.toString("latin1"), "latin1");
	response.uncork();
}

function flushHead(response: ServerResponse): void {
	if (!response.writableEnded && !response.destroyed) response.flushHeaders();
}
