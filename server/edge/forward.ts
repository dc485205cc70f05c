import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createProxyServer } from "httpxy";
import { confineResponse, dropHopByHop, hidePlatformCookies, setForwarded } from "./headers.ts";
import { notices, sendNotice } from "./pages.ts";

export interface ForwardOptions {
	/** Cookies of the platform: names that begin with one of these never pass, in either direction. */
	cookiePrefixes: readonly string[];
	/** How visitors reach the edge. */
	protocol: "http" | "https";
	/** The visitor's address as far as this side can tell. */
	addressOf: (request: IncomingMessage) => string;
	/** How long an app may take from the end of a request to the head of its answer. */
	answerTimeoutMs: number;
	/** Told of every request an app did not answer. */
	onBroken: (error: Error, request: IncomingMessage) => void;
}

export interface Forward {
	request(request: IncomingMessage, response: ServerResponse, socketPath: string): Promise<void>;
	upgrade(request: IncomingMessage, socket: Socket, head: Buffer, socketPath: string): Promise<void>;
}

class AnswerTimeout extends Error {}

/** Passes requests and WebSockets to the Unix socket of an app, streaming both ways. */
export function createForward({ cookiePrefixes, protocol, addressOf, answerTimeoutMs, onBroken }: ForwardOptions): Forward {
	// No kept-alive connections to apps: one that an app closes as we write to it would be a failed request.
	const proxy = createProxyServer({ agent: false, upgradeTimeout: answerTimeoutMs });

	proxy.on("proxyReq", (proxied: ClientRequest) => limitAnswerTime(proxied, answerTimeoutMs));
	proxy.on("proxyRes", (answer, _request, response) => {
		// The connection to the visitor is ours to keep or close.
		dropHopByHop(answer.headers);
		delete answer.headers.connection;
		confineResponse(answer.headers, cookiePrefixes);
		// The head of a stream that has nothing to say yet is worth something by itself.
		setImmediate(() => {
			if (!response.headersSent && !response.destroyed) response.flushHeaders();
		});
	});
	proxy.on("proxyReqWs", (proxied: ClientRequest) => {
		proxied.prependListener("upgrade", (answer: IncomingMessage) => confineResponse(answer.headers, cookiePrefixes));
		proxied.prependListener("response", (answer: IncomingMessage) => confineResponse(answer.headers, cookiePrefixes));
	});

	const prepare = (request: IncomingMessage): void => {
		const { headers } = request;
		dropHopByHop(headers);
		hidePlatformCookies(headers, cookiePrefixes);
		setForwarded(headers, { address: addressOf(request), protocol, host: request.headers.host ?? "" });
	};

	return {
		async request(request, response, socketPath) {
			prepare(request);
			delete request.headers.upgrade;
			request.headers.connection = /(^|,)\s*close\s*(,|$)/i.test(request.headers.connection ?? "") ? "close" : "keep-alive";
			try {
				await proxy.web(request, response, { target: { socketPath } });
			} catch (error) {
				if (response.destroyed || request.socket.destroyed) return;
				onBroken(error as Error, request);
				if (response.headersSent) response.destroy();
				else sendNotice(request, response, error instanceof AnswerTimeout ? notices.slow : notices.broken);
			}
		},
		async upgrade(request, socket, head, socketPath) {
			prepare(request);
			try {
				await proxy.ws(request, socket, { target: { socketPath } }, head);
			} catch (error) {
				onBroken(error as Error, request);
				socket.destroy();
			}
		},
	};
}

function limitAnswerTime(proxied: ClientRequest, answerTimeoutMs: number): void {
	let timer: NodeJS.Timeout | undefined;
	proxied.once("finish", () => {
		timer = setTimeout(() => proxied.destroy(new AnswerTimeout(`no answer within ${answerTimeoutMs} ms`)), answerTimeoutMs);
	});
	proxied.once("response", () => clearTimeout(timer));
	proxied.once("close", () => clearTimeout(timer));
}
