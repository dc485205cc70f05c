import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ulid } from "ulid";
import { AppError, toPublicError } from "../../lib/errors.ts";
import { clientAddressHeader, requestIdHeader } from "../../lib/protocol/index.ts";
import { changesSomething, createOriginCheck } from "../auth/origin.ts";
import { clientAddressOf } from "./client-address.ts";
import { createHostCheck } from "./hosts.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import { dataPolicy, pagePolicy, type SecurityHeaderOptions, securityHeaders } from "./security-headers.ts";

export interface SecurityOptions extends SecurityHeaderOptions {
	/** Every origin of pages of ours. */
	allowedOrigins: readonly string[];
	/** Addresses of reverse proxies whose `X-Forwarded-For` is believed; none by default. */
	trustedProxies?: readonly string[];
	/** Requests an address may make; 400 a second and 2000 at once by default: a whole office may sit behind one. */
	rateLimit?: RateLimit;
}

export interface Security {
	/**
	 * Prepares a request to the platform (not to a preview) before anything else sees it: checks host, origin and rate, gives it
	 * a request id, the client's address and a nonce, and puts the security headers on the answer. False when it was refused and
	 * answered.
	 */
	admit(request: IncomingMessage, response: ServerResponse): boolean;
	/** Checks host and origin of a WebSocket handshake and gives it the same headers; answers the reason to refuse it, or null. */
	refuseUpgrade(request: IncomingMessage): AppError | null;
}

/** Probes of load balancers address a node by whatever name they have for it, and learn nothing. */
const probes = new Set(["/api/health", "/api/ready"]);

export function createSecurity(options: SecurityOptions): Security {
	const origins = [options.publicUrl, ...options.allowedOrigins];
	const isOwnHost = createHostCheck(origins);
	const isOwnOrigin = createOriginCheck(origins);
	const trustedProxies = new Set(options.trustedProxies ?? []);
	const rateLimit = options.rateLimit ?? createRateLimit({ perSecond: 400, burst: 2000 });
	const headers = securityHeaders(options);
	const sharedHeaders = { ...headers, ...shareHeaders };

	/** The reason to refuse a request, or null. */
	function refuse(request: IncomingMessage, path: string, address: string): AppError | null {
		const waitS = rateLimit.take(address);
		if (waitS > 0) return new AppError("rate_limited", { data: { retryAfterS: Math.ceil(waitS) } });
		if (!probes.has(path) && !isOwnHost(request.headers.host)) return new AppError("unknown_host");
		const isUpgrade = request.headers.upgrade !== undefined;
		if (!isUpgrade && !changesSomething(request.method ?? "GET")) return null;
		// No site can make a browser send a token of somebody's; and what is no browser says nothing of an origin.
		if (/^bearer /i.test(request.headers.authorization ?? "")) return null;
		if (request.headers.origin === undefined && request.headers["sec-fetch-site"] === undefined) return null;
		return isOwnOrigin(headersOf(request)) ? null : new AppError("foreign_origin");
	}

	/** What a client says about itself under our own names is replaced by what we know. */
	function mark(request: IncomingMessage, address: string): string {
		const given = request.headers[requestIdHeader];
		const requestId = typeof given === "string" && /^[\w.-]{1,100}$/.test(given) ? given : ulid();
		request.headers[requestIdHeader] = requestId;
		request.headers[clientAddressHeader] = address;
		return requestId;
	}

	return {
		admit(request, response) {
			const path = pathOf(request);
			const address = clientAddressOf(request, trustedProxies);
			const requestId = mark(request, address);
			response.setHeader(requestIdHeader, requestId);
			for (const [name, value] of Object.entries(isShared(path) ? sharedHeaders : headers)) response.setHeader(name, value);
			const refused = refuse(request, path, address);
			if (refused) {
				answer(response, refused, requestId);
				return false;
			}
			const policy = isPage(path) ? pagePolicy(options, randomBytes(16).toString("base64")) : dataPolicy;
			request.headers["content-security-policy"] = policy;
			response.setHeader("content-security-policy", policy);
			return true;
		},
		refuseUpgrade(request) {
			const address = clientAddressOf(request, trustedProxies);
			mark(request, address);
			return refuse(request, pathOf(request), address);
		},
	};
}

/** The address itself is the key: it is told to nobody, and no search engine keeps it. */
const shareHeaders = { "referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow, noarchive" };

function isShared(path: string): boolean {
	return path.startsWith("/share/") || path.startsWith("/api/share/");
}

function pathOf(request: IncomingMessage): string {
	return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

function isPage(path: string): boolean {
	return !path.startsWith("/api/") && !path.startsWith("/live/");
}

function headersOf({ headers }: IncomingMessage): Headers {
	const origin = headers.origin;
	const site = headers["sec-fetch-site"];
	return new Headers({ ...(origin !== undefined && { origin }), ...(typeof site === "string" && { "sec-fetch-site": site }) });
}

function answer(response: ServerResponse, error: AppError, requestId: string): void {
	const retryAfterS = error.data?.retryAfterS;
	if (typeof retryAfterS === "number") response.setHeader("retry-after", retryAfterS);
	response.setHeader("content-security-policy", dataPolicy);
	// The body is not read, so the connection cannot be used for another request.
	response.setHeader("connection", "close");
	response.writeHead(error.status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
	response.end(JSON.stringify({ error: toPublicError(error, requestId) }));
}
