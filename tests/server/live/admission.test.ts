import { connect as connectTcp } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { closeCodes, type ServerFrame } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, type LiveServerOptions, principalOf, startLiveServer } from "./live-server.ts";

let database: TestDatabase;
const servers: LiveServer[] = [];
beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	for (const server of servers.splice(0)) await server.stop();
});

async function start(options: Partial<LiveServerOptions> = {}): Promise<LiveServer> {
	const server = await startLiveServer({ streams: database.streams, ...options });
	servers.push(server);
	return server;
}

const ann = { authorization: "Bearer ann" };
const subs = JSON.stringify({ subs: [{ stream: "deployment/A", after: 0 }] });

/** Status of the upgrade: 101 when it succeeded. */
function upgrade({ port }: LiveServer, headers: Record<string, string>, path = "/live/ws"): Promise<number> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
		socket.once("open", () => {
			resolve(101);
			socket.terminate();
		});
		socket.once("unexpected-response", (_request, response) => {
			resolve(response.statusCode ?? 0);
			socket.terminate();
		});
		socket.on("error", reject);
	});
}

async function post({ origin }: LiveServer, path: string, headers: Record<string, string>, body = subs): Promise<number> {
	const response = await fetch(`${origin}${path}`, { method: "POST", headers, body });
	await response.body?.cancel();
	return response.status;
}

/** A socket, everything it is told, and the code it is closed with. */
function talk(
	{ port }: LiveServer,
	messages: (string | Buffer)[] = [],
): { frames: ServerFrame[]; closed: Promise<number>; socket: WebSocket } {
	const socket = new WebSocket(`ws://127.0.0.1:${port}/live/ws`, { headers: ann });
	const frames: ServerFrame[] = [];
	socket.on("message", (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
	socket.once("open", () => {
		for (const message of messages) socket.send(message);
	});
	const closed = new Promise<number>((resolve) => socket.once("close", resolve));
	return { frames, closed, socket };
}

describe("nobody comes in", () => {
	test("from a foreign origin", async () => {
		const server = await start();
		const foreign = { ...ann, origin: "http://evil.example" };
		expect(await upgrade(server, foreign)).toBe(403);
		expect(await post(server, "/live/sse", foreign)).toBe(403);
		expect(await post(server, "/live/poll", foreign)).toBe(403);
		expect(await upgrade(server, { ...ann, origin: server.origin.replace("127.0.0.1", "localhost") })).toBe(403);
		expect(await upgrade(server, { ...ann, "sec-fetch-site": "cross-site" })).toBe(403);
	});

	test("without an account", async () => {
		const server = await start();
		expect(await upgrade(server, {})).toBe(401);
		expect(await post(server, "/live/sse", {})).toBe(401);
		expect(await post(server, "/live/poll", {})).toBe(401);
	});

	test("but its own pages and programs do", async () => {
		const server = await start();
		expect(await upgrade(server, { ...ann, origin: server.origin, "sec-fetch-site": "same-origin" })).toBe(101);
		expect(await upgrade(server, ann)).toBe(101);
		expect(await post(server, "/live/poll", { ...ann, origin: server.origin })).toBe(200);
	});

	test("faster than the handshake rate", async () => {
		const server = await start({ limits: { handshakeBurst: 3, handshakesPerS: 0.01 } });
		for (let count = 0; count < 3; count++) expect(await post(server, "/live/poll", ann)).toBe(200);
		expect(await post(server, "/live/poll", ann)).toBe(429);
		expect(await upgrade(server, ann)).toBe(429);
	});

	test("with more connections than a user may have", async () => {
		const server = await start({ limits: { maxConnectionsPerUser: 1 } });
		const first = talk(server);
		await new Promise((resolve) => first.socket.once("message", resolve));
		const second = talk(server);
		expect(await second.closed).toBe(closeCodes.tooMany);
		expect(second.frames).toEqual([]);
		const held = JSON.stringify({ ...JSON.parse(subs), wait: 20 });
		expect(await post(server, "/live/poll", ann, held)).toBe(429);
		expect(await post(server, "/live/sse", ann)).toBe(429);
		expect(await post(server, "/live/poll", ann)).toBe(200);
		expect(await post(server, "/live/sse", { authorization: "Bearer bob" })).toBe(200);
	});
});

test("a body that is wrong is refused", async () => {
	const server = await start();
	expect(await post(server, "/live/poll", ann, "{")).toBe(400);
	expect(await post(server, "/live/poll", ann, JSON.stringify({ subs: [] }))).toBe(400);
	expect(await post(server, "/live/sse", ann, "x".repeat(20_000))).toBe(413);
	expect((await fetch(`${server.origin}/live/sse`)).status).toBe(405);
});

describe("an upgrade", () => {
	test("for nobody is answered and closed", async () => {
		const server = await start();
		for (const path of ["/", "/live/sse", "/live/ws/", "/deployments/1", "/_next/hmr"]) expect(await upgrade(server, ann, path)).toBe(404);
	});

	test("of a preview host belongs to the preview, whatever its path", async () => {
		const server = await start();
		expect(await upgrade(server, { ...ann, host: "preview.localhost" })).toBe(418);
	});

	test("whose peer vanishes at once does no harm", async () => {
		const server = await start();
		for (let count = 0; count < 20; count++) {
			const socket = connectTcp(server.port, "127.0.0.1");
			await new Promise((resolve) => socket.once("connect", resolve));
			socket.write("GET /live/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
			socket.resetAndDestroy();
		}
		expect(await upgrade(server, ann)).toBe(101);
	});
});

describe("a connection ends", () => {
	const sub = (stream: string, id = 1) => JSON.stringify({ t: "sub", id, stream, after: 0 });

	test("with 4009 when it asks for nothing", async () => {
		const server = await start({ limits: { noSubscriptionMs: 50 } });
		expect(await talk(server).closed).toBe(closeCodes.noSubscription);
	});

	test("with 4505 when it speaks another language", async () => {
		const server = await start();
		expect(await talk(server, ["{"]).closed).toBe(closeCodes.protocol);
		expect(await talk(server, [JSON.stringify({ t: "init" })]).closed).toBe(closeCodes.protocol);
		expect(await talk(server, [Buffer.from([1, 2, 3])]).closed).toBe(closeCodes.protocol);
	});

	test("with 1009 when it says too much at once", async () => {
		const server = await start();
		expect(await talk(server, [JSON.stringify({ t: "ping", n: 1, pad: "x".repeat(20_000) })]).closed).toBe(closeCodes.tooBig);
	});

	test("with 4029 when it says too much", async () => {
		const server = await start({ limits: { maxMessagesPer10S: 20 } });
		const messages = Array.from({ length: 30 }, (_, n) => JSON.stringify({ t: "ping", n }));
		expect(await talk(server, messages).closed).toBe(closeCodes.rate);
	});

	test("with 4001 when its proof runs out, and not when it is renewed", async () => {
		let expiresAt = new Date(Date.now() + 60_000).toISOString();
		let known = true;
		const server = await start({ limits: { reauthenticateMs: 30 }, identify: (token) => (known ? principalOf(token, expiresAt) : null) });
		const connection = talk(server, [sub("deployment/A")]);
		await new Promise((resolve) => connection.socket.once("message", resolve));
		expiresAt = new Date(Date.now() + 120_000).toISOString();
		await expect.poll(() => connection.frames.filter(({ t }) => t === "hb").length).toBeGreaterThan(1);
		expect(connection.socket.readyState).toBe(WebSocket.OPEN);
		known = false;
		expect(await connection.closed).toBe(closeCodes.authExpired);
		expect(connection.frames.at(-1)).toMatchObject({ t: "bye", code: closeCodes.authExpired });
	});

	test("the 51st stream is refused, the others stay", async () => {
		const server = await start();
		const connection = talk(
			server,
			Array.from({ length: 51 }, (_, id) => sub(`deployment/M${id}`, id)),
		);
		await expect
			.poll(() => connection.frames.find(({ t }) => t === "err"))
			.toMatchObject({ id: 50, stream: "deployment/M50", code: "too_large" });
		expect(server.hub.clients()[0]?.subscriptions).toHaveLength(50);
		connection.socket.terminate();
	});

	test("with bye and 1012 when the server stops, and nobody is let in any more", async () => {
		const server = await start();
		const connection = talk(server, [sub("deployment/A")]);
		await expect.poll(() => connection.frames.some(({ t }) => t === "live")).toBe(true);
		const sse = await fetch(`${server.origin}/live/sse`, { method: "POST", headers: ann, body: subs });
		const held = fetch(`${server.origin}/live/poll`, {
			method: "POST",
			headers: ann,
			body: JSON.stringify({ ...JSON.parse(subs), wait: 20 }),
		});
		await expect.poll(() => server.hub.status().byTransport).toEqual({ ws: 1, sse: 1, poll: 1 });
		const draining = server.hub.drain(2000);
		expect(server.hub.status().status).toBe("draining");
		expect(await connection.closed).toBe(closeCodes.restart);
		expect(connection.frames.at(-1)).toEqual({ t: "bye", code: closeCodes.restart, after: [250, 1000] });
		expect(await sse.text()).toContain('"t":"bye"');
		expect(((await (await held).json()) as ServerFrame[]).at(-1)).toMatchObject({ t: "bye", code: closeCodes.restart });
		await draining;
		expect(server.hub.status().clients).toBe(0);
		expect(await post(server, "/live/poll", ann)).toBe(503);
		expect(await talk(server).closed).toBe(closeCodes.restart);
	});
});
