import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, get, type IncomingMessage, type RequestListener, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createEdge, type Edge } from "#server/edge/edge.ts";
import type { PreviewRoute } from "#server/projects/preview-route.ts";

const routes = new Map<string, PreviewRoute | Error>();
const servers: Server[] = [];
let folder: string;
let edge: Edge;
let port: number;
let sockets = 0;
const silent: string[] = [];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "qs-edge-"));
	edge = createEdge({
		previewDomain: "localhost",
		platformHosts: ["deploy.localhost"],
		cookiePrefixes: ["quayside", "better-auth"],
		maxOpen: 6,
		maxOpenPerVisitor: 3,
		addressOf: ({ headers, socket }) => String(headers["x-test-visitor"] ?? socket.remoteAddress),
		onSilent: (slug) => silent.push(slug),
		answerTimeoutMs: 300,
		route(slug) {
			const route = routes.get(slug) ?? { kind: "unknown" };
			if (route instanceof Error) throw route;
			return route;
		},
		log: { warn() {} },
	});
	const front = createServer(edge.request);
	front.on("upgrade", edge.upgrade);
	front.listen(0, "127.0.0.1");
	await once(front, "listening");
	port = (front.address() as AddressInfo).port;
	servers.push(front);
});
afterEach(() => routes.clear());
afterAll(async () => {
	await edge.close();
	for (const server of servers) server.closeAllConnections();
	for (const server of servers) server.close();
	await rm(folder, { recursive: true });
});

/** An app at a Unix socket, as the project `app`. */
async function serve(listener: RequestListener): Promise<Server> {
	const socketPath = join(folder, `${++sockets}.sock`);
	const server = createServer(listener).listen(socketPath);
	await once(server, "listening");
	servers.push(server);
	routes.set("app", { kind: "app", socketPath });
	return server;
}

interface Visit {
	host?: string;
	path?: string;
	method?: string;
	headers?: Record<string, string | string[]>;
	body?: string;
}

async function visit({ host = "app.localhost", path = "/", method = "GET", headers = {}, body }: Visit = {}) {
	const asked = request({ port, host: "127.0.0.1", path, method, agent: false, headers: { host, ...headers } });
	asked.end(body);
	const [response] = (await once(asked, "response")) as [IncomingMessage];
	return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

test.each([
	["shop.localhost", true],
	["shop.localhost:3000", true],
	["SHOP.LocalHost.:3000", true],
	["a.b.localhost", true],
	["-bad-.localhost", true],
	["localhost", false],
	["localhost:3000", false],
	["127.0.0.1:3000", false],
	["notlocalhost", false],
	["localhost.example.com", false],
	["deploy.localhost:3000", false],
	["", false],
	[undefined, false],
])("the host %s is a preview's: %s", (host, expected) => {
	expect(edge.handles(host)).toBe(expected);
});

test("what cannot answer says so, as a page to browsers and as text to programs", async () => {
	routes.set("new", { kind: "empty" });
	for (const status of ["starting", "crashed", "stopped", "lost"] as const) routes.set(status, { kind: "down", status });
	routes.set("odd", new Error("the database is away"));
	const said = async (host: string) => {
		const { status, body } = await visit({ host, headers: { accept: "text/html" } });
		return `${status} ${/<h1>(.*)<\/h1>/.exec(body)?.[1]}`;
	};
	expect(await said("nobody.localhost")).toBe("404 No project here");
	expect(await said("a.b.localhost")).toBe("404 No project here");
	expect(await said("new.localhost")).toBe("404 Not deployed yet");
	expect(await said("starting.localhost")).toBe("503 Starting");
	expect(await said("crashed.localhost")).toBe("503 The app has crashed");
	expect(await said("stopped.localhost")).toBe("503 The app is stopped");
	expect(await said("lost.localhost")).toBe("503 The app is gone");
	expect(await said("odd.localhost")).toBe("503 Not available right now");

	const plain = await visit({ host: "starting.localhost" });
	expect(plain).toMatchObject({
		status: 503,
		body: expect.stringMatching(/^Starting\. /),
		headers: { "retry-after": "2", "cache-control": "no-store" },
	});
	const page = await visit({ host: "crashed.localhost", headers: { accept: "text/html" } });
	expect(page.headers["content-security-policy"]).toContain("default-src 'none'");
	expect(page.body).not.toMatch(/(src|href)=/);
	expect((await visit({ host: "crashed.localhost", method: "HEAD" })).body).toBe("");
});

test("a request passes whole: method, path, query, body, host", async () => {
	await serve(async (incoming, response) => {
		const body = await text(incoming);
		response.statusCode = 201;
		response.end(JSON.stringify({ method: incoming.method, url: incoming.url, host: incoming.headers.host, body }));
	});
	const answer = await visit({ method: "POST", path: "/a%20b?c=d&c=%2F", body: "x".repeat(300_000), host: "app.localhost:3000" });
	expect(answer.status).toBe(201);
	expect(JSON.parse(answer.body)).toEqual({
		method: "POST",
		url: "/a%20b?c=d&c=%2F",
		host: "app.localhost:3000",
		body: "x".repeat(300_000),
	});
});

test("a body stays a body, whatever the Connection header says of it", async () => {
	const seen: (string | undefined)[] = [];
	await serve(async (incoming, response) => {
		seen.push(incoming.url);
		response.end(await text(incoming));
	});
	const hidden = "GET /smuggled HTTP/1.1\r\nHost: app.localhost\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n";
	const headers = { connection: "transfer-encoding, close", "transfer-encoding": "chunked" };
	expect((await visit({ path: "/real", headers, body: hidden })).body).toBe(hidden);
	expect(seen).toEqual(["/real"]);
});

test("the app is told who asks, and a visitor cannot say otherwise", async () => {
	await serve((incoming, response) => void response.end(JSON.stringify(incoming.headers)));
	const headers = {
		"x-forwarded-for": "8.8.8.8",
		"x-forwarded-host": "evil",
		forwarded: "for=8.8.8.8",
		"x-real-ip": "8.8.8.8",
		te: "trailers",
		"x-hop": "1",
		connection: "x-hop",
	};
	const seen = JSON.parse((await visit({ host: "app.localhost:3000", headers })).body);
	expect(seen).toMatchObject({
		"x-forwarded-for": "127.0.0.1",
		"x-forwarded-host": "app.localhost:3000",
		"x-forwarded-proto": "http",
		"x-forwarded-port": "3000",
	});
	for (const name of ["forwarded", "x-real-ip", "te", "x-hop"]) expect(seen).not.toHaveProperty(name);
});

test("cookies of the platform never reach an app", async () => {
	await serve((incoming, response) => void response.end(incoming.headers.cookie ?? "none"));
	const cookie = "theme=dark; quayside.session_token=a; __Secure-better-auth.session_data=b; __Host-quayside=c; lang=en";
	expect((await visit({ headers: { cookie } })).body).toBe("theme=dark; lang=en");
	expect((await visit({ headers: { cookie: "quayside.session_token=a" } })).body).toBe("none");
});

test("an app sets cookies for its own host only, and none of the platform's", async () => {
	await serve((_incoming, response) => {
		response.setHeader("set-cookie", [
			"a=1; Domain=localhost; Path=/; HttpOnly",
			"b=2;domain = .localhost",
			"quayside.session_token=evil; Path=/",
			"__Secure-better-auth.x=evil",
			"c=3; Path=/",
		]);
		response.setHeader("clear-site-data", '"cookies"');
		response.end();
	});
	const { headers } = await visit();
	expect(headers["set-cookie"]).toEqual(["a=1; Path=/; HttpOnly", "b=2", "c=3; Path=/"]);
	expect(headers).not.toHaveProperty("clear-site-data");
});

test("server-sent events arrive as they are sent", async () => {
	let send: (data: string) => void = () => {};
	const left = Promise.withResolvers<void>();
	await serve((_incoming, response) => {
		response.writeHead(200, { "content-type": "text/event-stream" });
		response.flushHeaders();
		response.on("close", left.resolve);
		send = (data) => response.write(`data: ${data}\n\n`);
	});
	const asked = get({ port, host: "127.0.0.1", headers: { host: "app.localhost" }, agent: false });
	const [response] = (await once(asked, "response")) as [IncomingMessage];
	for (const data of ["one", "two"]) {
		send(data);
		const [chunk] = (await once(response, "data")) as [Buffer];
		expect(chunk.toString()).toBe(`data: ${data}\n\n`);
	}
	asked.destroy();
	await left.promise;
});

test("WebSockets pass both ways, without the platform's cookies", async () => {
	const server = await serve((_incoming, response) => void response.end());
	const upstream = new WebSocketServer({ server });
	upstream.on("headers", (headers) => headers.push("Set-Cookie: quayside.session_token=evil", "Set-Cookie: own=1; Domain=localhost"));
	upstream.on("connection", (socket, incoming) => {
		socket.send(incoming.headers.cookie ?? "none");
		socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
	});
	const client = new WebSocket(`ws://127.0.0.1:${port}/chat`, {
		headers: { host: "app.localhost", cookie: "quayside.session_token=a; b=2" },
	});
	const upgraded = once(client, "upgrade") as Promise<[IncomingMessage]>;
	expect(String((await once(client, "message"))[0])).toBe("b=2");
	expect((await upgraded)[0].headers["set-cookie"]).toEqual(["own=1"]);
	const bytes = Buffer.alloc(100_000, 7);
	client.send(bytes);
	const [echoed] = (await once(client, "message")) as [Buffer];
	expect(echoed.equals(bytes)).toBe(true);
	client.close();
	await once(client, "close");
	upstream.close();
});

test("a WebSocket to nowhere is refused with the reason's status", async () => {
	routes.set("asleep", { kind: "down", status: "stopped" });
	const statusOf = async (host: string) => {
		const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
		client.on("error", () => {});
		const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
		return response.statusCode;
	};
	expect(await statusOf("asleep.localhost")).toBe(503);
	expect(await statusOf("nobody.localhost")).toBe(404);
});

test("an app that is not there, hangs up or never answers is said so", async () => {
	routes.set("app", { kind: "app", socketPath: join(folder, "nothing.sock") });
	expect(await visit()).toMatchObject({ status: 502, body: expect.stringContaining("The app did not answer") });
	await serve((incoming) => void incoming.socket.destroy());
	expect((await visit()).status).toBe(502);
	await serve(() => {});
	expect(await visit({ method: "POST", body: "x" })).toMatchObject({ status: 504, body: expect.stringContaining("takes too long") });
});

test("an answer that breaks off in the middle is not made to look whole", async () => {
	await serve((_incoming, response) => {
		response.writeHead(200, { "content-length": 100 });
		response.write("half");
		setImmediate(() => response.destroy());
	});
	await expect(visit()).rejects.toThrow();
});

test("a project, and each of its visitors, has a bounded number of requests open", async () => {
	let arrived = 0;
	await serve((_incoming, response) => {
		arrived++;
		response.writeHead(200).flushHeaders();
	});
	const ask = (visitor: string) =>
		get({ port, host: "127.0.0.1", headers: { host: "app.localhost", "x-test-visitor": visitor }, agent: false });
	const statusOf = async (visitor: string) => {
		const asked = ask(visitor);
		const [response] = (await once(asked, "response")) as [IncomingMessage];
		asked.destroy();
		return response.statusCode;
	};
	const held = ["ada", "ada", "ada", "bob", "bob", "bob"].map(ask);
	await Promise.all(held.map((asked) => once(asked, "response")));
	expect(arrived).toBe(6);
	expect(await visit()).toMatchObject({ status: 503, body: expect.stringContaining("Too many visitors") });
	held[5]?.destroy();
	// There is room for one more, but not of somebody who has as many open as one visitor may.
	await expect.poll(() => statusOf("eve")).toBe(200);
	expect(await statusOf("ada")).toBe(429);
	for (const asked of held) asked.destroy();
	await expect.poll(() => statusOf("ada")).toBe(200);
});

test("a kept connection that the app closes as it is used costs no answer", async () => {
	let connections = 0;
	const server = await serve((incoming, response) => {
		// Says nothing about how long it keeps connections, and closes them at once.
		response.end(incoming.method);
		setImmediate(() => incoming.socket.destroy());
	});
	server.on("connection", () => connections++);
	for (let n = 0; n < 50; n++) expect((await visit()).body).toBe("GET");
	expect((await visit({ method: "POST", body: "x" })).body).toBe("POST");
	expect(connections).toBeGreaterThan(1);
});

test("connections to an app are kept, but a request that may not be sent twice gets a new one", async () => {
	const used: unknown[] = [];
	const server = await serve((incoming, response) => {
		used.push(incoming.socket);
		response.end("ok");
	});
	server.keepAliveTimeout = 60_000;
	for (let n = 0; n < 5; n++) await visit();
	expect(new Set(used).size).toBe(1);
	await visit({ method: "POST", body: "x" });
	await visit({ method: "DELETE" });
	expect(new Set(used).size).toBe(3);
});

test("an app that leaves several requests in a row unanswered is told of once, until it answers again", async () => {
	let answers = false;
	await serve((_incoming, response) => void (answers && response.end("ok")));
	for (let n = 0; n < 4; n++) expect((await visit()).status).toBe(504);
	expect(silent).toEqual(["app"]);
	answers = true;
	expect((await visit()).status).toBe(200);
	answers = false;
	for (let n = 0; n < 2; n++) await visit();
	expect(silent).toEqual(["app"]);
	await visit();
	expect(silent).toEqual(["app", "app"]);
});

test("a visitor who leaves ends the request to the app", async () => {
	const left = Promise.withResolvers<void>();
	const arrived = Promise.withResolvers<void>();
	await serve((incoming) => {
		incoming.socket.once("close", left.resolve);
		arrived.resolve();
	});
	const asked = get({ port, host: "127.0.0.1", headers: { host: "app.localhost" }, agent: false });
	asked.on("error", () => {});
	await arrived.promise;
	asked.destroy();
	await left.promise;
});

test("an answer is sent no faster than the visitor reads, and arrives whole", async () => {
	const chunk = Buffer.alloc(1024 * 1024, 1);
	let written = 0;
	await serve((_incoming, response) => {
		const more = (): void => {
			while (written < 64 && response.write(chunk, () => {})) written++;
			if (written >= 64) response.end();
			else {
				written++;
				response.once("drain", more);
			}
		};
		more();
	});
	const asked = get({ port, host: "127.0.0.1", headers: { host: "app.localhost" }, agent: false });
	const [response] = (await once(asked, "response")) as [IncomingMessage];
	let before = -1;
	await expect
		.poll(() => {
			const rests = written === before;
			before = written;
			return rests;
		})
		.toBe(true);
	expect(written).toBeLessThan(40);
	let bytes = 0;
	for await (const part of response) bytes += (part as Buffer).length;
	expect(bytes).toBeGreaterThanOrEqual(64 * chunk.length);
});

test("a WebSocket whose visitor ended is not held open by an app that does not notice", async () => {
	const server = await serve((_incoming, response) => void response.end());
	server.on("upgrade", (_incoming, socket) => {
		socket.on("error", () => {});
		socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
	});
	const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
	client.write("GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
	await once(client, "data");
	client.end();
	await once(client, "close");
});

test("a visitor's connection is kept for the next request", async () => {
	await serve((_incoming, response) => void response.setHeader("connection", "close").end("ok"));
	const socket = connect(port, "127.0.0.1");
	const ask = async () => {
		socket.write("GET / HTTP/1.1\r\nHost: app.localhost\r\n\r\n");
		return String((await once(socket, "data"))[0]);
	};
	expect(await ask()).toMatch(/^HTTP\/1.1 200/);
	expect(await ask()).toMatch(/^HTTP\/1.1 200/);
	socket.destroy();
});
