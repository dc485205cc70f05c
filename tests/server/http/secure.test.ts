import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createRateLimit } from "#server/http/rate-limit.ts";
import { createSecurity, type SecurityOptions } from "#server/http/secure.ts";

const stops: (() => void)[] = [];
afterEach(() => {
	for (const stop of stops.splice(0)) stop();
});

interface Seen {
	status: number;
	headers: IncomingHttpHeaders;
	body: string;
	/** Headers as the platform's own code sees them; null when the request was refused. */
	inside: IncomingHttpHeaders | null;
}

/** Sends one request to a server that admits by these options. */
async function send(
	options: Partial<SecurityOptions>,
	sent: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<Seen> {
	const server = createServer().listen(0, "127.0.0.1");
	stops.push(() => server.close());
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	const publicUrl = options.publicUrl ?? `http://127.0.0.1:${port}`;
	const security = createSecurity({ publicUrl, allowedOrigins: [], previewDomain: "localhost", dev: false, ...options });
	let inside: IncomingHttpHeaders | null = null;
	server.on("request", (incoming, response) => {
		if (!security.admit(incoming, response)) return;
		inside = incoming.headers;
		response.end("in");
	});
	const headers = Object.fromEntries(Object.entries(sent.headers ?? {}).map(([name, value]) => [name, value.replace("SELF", publicUrl)]));
	const outgoing = request({ port, host: "127.0.0.1", method: sent.method, path: sent.path ?? "/", headers }).end();
	const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
	const chunks = await answer.toArray();
	return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString(), inside };
}

const refusalOf = ({ status, body }: Seen) => [status, JSON.parse(body).error.code];

describe("a shared deployment", () => {
	it.each(["/share/qsh_x", "/api/share/qsh_x/story"])("at %s tells its address to nobody and is kept by no search engine", async (path) => {
		const { headers } = await send({}, { path });
		expect(headers).toMatchObject({ "referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow, noarchive" });
		expect(headers["x-frame-options"]).toBe("DENY");
	});
});

describe("which host", () => {
	it.each(["evil.example", "127.0.0.1", "localhost:1"])("%j is refused", async (host) => {
		const seen = await send({}, { headers: { host } });
		expect(refusalOf(seen)).toEqual([421, "unknown_host"]);
		expect(seen.inside).toBeNull();
	});

	it("may be any for probes", async () => {
		expect((await send({}, { path: "/api/health?x=1", headers: { host: "10.0.0.7:3000" } })).status).toBe(200);
		expect((await send({}, { path: "/api/healthy", headers: { host: "10.0.0.7:3000" } })).status).toBe(421);
	});

	it("may leave out the port of the scheme, and be written in capitals", async () => {
		const publicUrl = "https://quay.example";
		for (const host of ["quay.example", "QUAY.example:443"]) expect((await send({ publicUrl }, { headers: { host } })).status).toBe(200);
		expect((await send({ publicUrl }, { headers: { host: "quay.example:80" } })).status).toBe(421);
		expect((await send({ publicUrl, allowedOrigins: ["http://inside:8080"] }, { headers: { host: "inside:8080" } })).status).toBe(200);
	});
});

describe("which origin", () => {
	it.each([
		["POST", { origin: "SELF" }, 200],
		["POST", { "sec-fetch-site": "same-origin" }, 200],
		["POST", {}, 200],
		["POST", { origin: "https://evil.example" }, 403],
		["POST", { origin: "null" }, 403],
		["POST", { "sec-fetch-site": "cross-site" }, 403],
		["DELETE", { "sec-fetch-site": "same-site" }, 403],
		["POST", { origin: "https://evil.example", authorization: "Bearer x" }, 200],
		["POST", { origin: "https://evil.example", authorization: "Basic x" }, 403],
		["GET", { origin: "https://evil.example" }, 200],
		["GET", { "sec-fetch-site": "cross-site" }, 200],
	] as [string, Record<string, string>, number][])("%s with %j answers %i", async (method, headers, status) => {
		expect((await send({}, { method, headers })).status).toBe(status);
	});

	it("is never told that it may read", async () => {
		const seen = await send(
			{},
			{ method: "OPTIONS", headers: { origin: "https://evil.example", "access-control-request-method": "POST" } },
		);
		expect(seen.headers["access-control-allow-origin"]).toBeUndefined();
	});
});

describe("what a request is given", () => {
	it("is an id, the client's address and no names that a client claimed", async () => {
		const { inside, headers } = await send(
			{},
			{ headers: { "x-quayside-address": "6.6.6.6", "x-forwarded-for": "6.6.6.6", "x-request-id": "bad id" } },
		);
		expect(inside?.["x-quayside-address"]).toBe("127.0.0.1");
		expect(inside?.["x-request-id"]).toMatch(/^[0-9A-Z]{26}$/);
		expect(headers["x-request-id"]).toBe(inside?.["x-request-id"]);
	});

	it("is the address a trusted proxy saw, and not what was said to that proxy", async () => {
		const { inside } = await send(
			{ trustedProxies: ["127.0.0.1", "10.0.0.2"] },
			{ headers: { "x-forwarded-for": "6.6.6.6, 192.0.2.9, 10.0.0.2" } },
		);
		expect(inside?.["x-quayside-address"]).toBe("192.0.2.9");
	});

	it("is a nonce of its own, the same in the answer and for Next", async () => {
		const nonces = await Promise.all(
			[1, 2].map(async () => {
				const { inside, headers } = await send({});
				expect(inside?.["content-security-policy"]).toBe(headers["content-security-policy"]);
				return /script-src 'self' 'nonce-([^']{20,})' 'strict-dynamic';/.exec(String(headers["content-security-policy"]))?.[1];
			}),
		);
		expect(nonces[0]).toBeTypeOf("string");
		expect(nonces[0]).not.toBe(nonces[1]);
	});
});

describe("headers", () => {
	it("keep pages from being framed, guessed and leaked", async () => {
		const { headers } = await send(
			{ previewDomain: "apps.example", publicUrl: "http://quay.example:8080" },
			{ headers: { host: "quay.example:8080" } },
		);
		expect(headers).toMatchObject({
			"x-content-type-options": "nosniff",
			"x-frame-options": "DENY",
			"referrer-policy": "same-origin",
			"cross-origin-opener-policy": "same-origin",
		});
		const policy = String(headers["content-security-policy"]);
		expect(policy).toContain("frame-ancestors 'none'");
		expect(policy).toContain("frame-src http://*.apps.example:8080");
		expect(policy).toContain("connect-src 'self' ws://quay.example:8080");
		expect(policy.match(/script-src[^;]*/)?.[0]).not.toMatch(/unsafe/);
		expect(headers["strict-transport-security"]).toBeUndefined();
	});

	it("ask for https where the platform has it", async () => {
		const { headers } = await send({ publicUrl: "https://quay.example" }, { headers: { host: "quay.example" } });
		expect(headers["strict-transport-security"]).toBe("max-age=31536000");
	});

	it("let data do nothing at all", async () => {
		const { headers } = await send({}, { path: "/api/deployments" });
		expect(headers["content-security-policy"]).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
	});
});

describe("how often", () => {
	it("an address may ask is bounded, and it is told when to come back", async () => {
		const rateLimit = createRateLimit({ perSecond: 1, burst: 2, now: () => 0 });
		expect((await send({ rateLimit })).status).toBe(200);
		expect((await send({ rateLimit })).status).toBe(200);
		const refused = await send({ rateLimit });
		expect(refusalOf(refused)).toEqual([429, "rate_limited"]);
		expect(refused.headers["retry-after"]).toBe("1");
	});
});

describe("a rate limit", () => {
	it("lets a burst through, then one a step, for each key", () => {
		let nowMs = 0;
		const limit = createRateLimit({ perSecond: 10, burst: 3, now: () => nowMs });
		expect([1, 2, 3].map(() => limit.take("a"))).toEqual([0, 0, 0]);
		expect(limit.take("a")).toBeCloseTo(0.1);
		expect(limit.take("b")).toBe(0);
		nowMs = 100;
		expect([limit.take("a"), limit.take("a") > 0]).toEqual([0, true]);
		nowMs = 60_000;
		expect([1, 2, 3].map(() => limit.take("a"))).toEqual([0, 0, 0]);
	});

	it("remembers a bounded number of keys, the latest", () => {
		const limit = createRateLimit({ perSecond: 1, burst: 1, maxKeys: 2, now: () => 0 });
		for (const key of ["a", "b", "c"]) limit.take(key);
		expect(["c", "b"].map((key) => limit.take(key) > 0)).toEqual([true, true]);
		expect(limit.take("a")).toBe(0);
	});
});
