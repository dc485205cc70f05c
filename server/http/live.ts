import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { AppError, type ErrorCode, isAppError, toPublicError } from "#lib/errors.ts";
import { clientAddressHeader, closeCodes, liveRequestSchema, readTransportReason, viaParameter } from "#lib/protocol/index.ts";
import type { AccountService, Principal } from "#lib/services.ts";
import type { LiveHub } from "../live/hub.ts";
import { connectPoll } from "../live/transports/poll.ts";
import { connectSse } from "../live/transports/sse.ts";
import { connectWebSocket, refuseWebSocket } from "../live/transports/websocket.ts";
import { readBody } from "./body.ts";
import { createRateLimit } from "./rate-limit.ts";
import { refuseUpgrade } from "./upgrade.ts";

export const liveSocketPath = "/live/ws";
const ssePath = "/live/sse";
const pollPath = "/live/poll";

export interface LiveRoutesOptions {
	hub: LiveHub;
	authenticate: AccountService["authenticate"];
	/** Exact origins a browser may come from. */
	allowedOrigins: ReadonlySet<string>;
	/** Records an error for the log and answers the reference people are shown. */
	reportError(error: unknown, context: Record<string, string>): string;
}

export interface LiveRoutes {
	/** Answers `POST /live/sse` and `POST /live/poll`; false when the request is for somebody else. */
	handle(request: IncomingMessage, response: ServerResponse): boolean;
	/** Takes over an upgrade request for `/live/ws`. */
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The three doors to the live hub. Each checks origin, rate and identity before anything else is done. */
export function createLiveRoutes({ hub, authenticate, allowedOrigins, reportError }: LiveRoutesOptions): LiveRoutes {
	const { limits } = hub;
	const handshakes = createRateLimit({ perSecond: limits.handshakesPerS, burst: limits.handshakeBurst });
	const sockets = new WebSocketServer({
		noServer: true,
		clientTracking: false,
		perMessageDeflate: false,
		maxPayload: limits.maxMessageBytes,
	});

	async function admit(request: IncomingMessage): Promise<Principal> {
		if (!comesFromHome(request, allowedOrigins)) throw new AppError("foreign_origin");
		const waitS = handshakes.take(addressOf(request));
		if (waitS > 0) throw new AppError("rate_limited", { data: { retryAfterS: Math.ceil(waitS) } });
		const principal = await identify(request);
		if (!principal) throw new AppError("unauthenticated");
		return principal;
	}

	const identify = (request: IncomingMessage) => authenticate({ method: request.method ?? "GET", headers: toHeaders(request) });

	/** Proves the identity again. It holds no more than that takes: the request would be kept for as long as the connection. */
	const proofOf =
		({ authorization, cookie }: IncomingHttpHeaders) =>
		() =>
			authenticate({ method: "GET", headers: toHeaders({ headers: { authorization, cookie } }) });

	async function answer(request: IncomingMessage, response: ServerResponse, kind: "sse" | "poll"): Promise<void> {
		const principal = await admit(request);
		const { subs, wait, unknown } = await readLiveRequest(request, limits.maxMessageBytes);
		if (unknown) hub.passedOver(kind, unknown);
		const refusal = hub.refusal(principal.user.id);
		// A poll that is not held is no connection: who finds no room for one still learns what is new.
		const isHeld = kind === "sse" || wait > 0;
		if (refusal && (isHeld || refusal === "draining")) throw new AppError(refusal === "draining" ? "shutting_down" : "rate_limited");
		hub.open({
			principal,
			userAgent: userAgentOf(request),
			via: viaOf(request),
			reauthenticate: () => identify(request),
			connect: kind === "sse" ? connectSse(response) : connectPoll(request, response),
			cursors: subs,
			holdMs: kind === "poll" ? wait * 1000 : null,
		});
	}

	async function openSocket(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
		const principal = await admit(request);
		const refusal = hub.refusal(principal.user.id);
		const about = { principal, userAgent: userAgentOf(request), via: viaOf(request), reauthenticate: proofOf(request.headers) };
		sockets.handleUpgrade(request, socket, head, (webSocket) => {
			if (refusal) {
				hub.refused(refusal === "draining" ? "shutting_down" : "rate_limited");
				return refuseWebSocket(webSocket, refusal === "draining" ? closeCodes.restart : closeCodes.tooMany);
			}
			hub.open({ ...about, connect: connectWebSocket(webSocket, socket, limits), cursors: [], holdMs: null });
		});
	}

	return {
		handle(request, response) {
			const path = pathOf(request);
			if (path !== ssePath && path !== pollPath) return false;
			if (request.method !== "POST") {
				response.writeHead(405, { allow: "POST" }).end();
				return true;
			}
			answer(request, response, path === ssePath ? "sse" : "poll").catch((error: unknown) => {
				hub.refused(isAppError(error) ? error.code : "internal");
				answerError(response, error, reportError(error, { path }));
			});
			return true;
		},
		upgrade(request, socket, head) {
			openSocket(request, socket, head).catch((error: unknown) => {
				const status = isAppError(error) ? error.status : 500;
				hub.refused(isAppError(error) ? error.code : "internal");
				if (status === 500) reportError(error, { path: liveSocketPath });
				refuseUpgrade(socket, status);
			});
		},
	};
}

/** True unless a page of another site sent this request. Programs send no `Origin`, browsers always do. */
function comesFromHome({ headers }: IncomingMessage, allowedOrigins: ReadonlySet<string>): boolean {
	if (headers.origin !== undefined) return allowedOrigins.has(headers.origin);
	const site = headers["sec-fetch-site"];
	return site === undefined || site === "same-origin" || site === "none";
}

async function readLiveRequest(request: IncomingMessage, maxBytes: number) {
	const body = await readBody(request, maxBytes);
	try {
		return liveRequestSchema.parse(JSON.parse(body));
	} catch (cause) {
		throw new AppError("bad_request", { cause });
	}
}

const retryAfterS: Partial<Record<ErrorCode, number>> = { rate_limited: 5, shutting_down: 2 };

function answerError(response: ServerResponse, error: unknown, reference: string): void {
	if (response.headersSent) {
		response.destroy();
		return;
	}
	const shown = toPublicError(error, reference);
	const retryAfter = (isAppError(error) && error.data?.retryAfterS) || retryAfterS[shown.code];
	if (retryAfter) response.setHeader("retry-after", String(retryAfter));
	response.writeHead(isAppError(error) ? error.status : 500, {
		"content-type": "application/json; charset=utf-8",
		"cache-control": "no-store",
	});
	response.end(JSON.stringify({ error: shown }));
}

/** The client's address as the security checks before us found it out, which may be behind a proxy. */
function addressOf({ headers, socket }: IncomingMessage): string {
	const found = headers[clientAddressHeader];
	return typeof found === "string" ? found : (socket.remoteAddress ?? "");
}

/** As it says itself, and no longer than a log or a list can bear. */
function userAgentOf({ headers }: IncomingMessage): string {
	return (headers["user-agent"] ?? "").slice(0, 300);
}

function viaOf(request: IncomingMessage) {
	return readTransportReason(new URLSearchParams(request.url?.split("?", 2)[1]).get(viaParameter));
}

function pathOf(request: IncomingMessage): string {
	return (request.url ?? "").split("?", 1)[0] ?? "";
}

function toHeaders(request: Pick<IncomingMessage, "headers">): Headers {
	const headers = new Headers();
	for (const [name, value] of Object.entries(request.headers)) {
		for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) headers.append(name, one);
	}
	return headers;
}
