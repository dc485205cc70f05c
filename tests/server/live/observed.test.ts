import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { closeCodes, type EventDraft, type ServerFrame } from "#lib/protocol/index.ts";
import { createMetrics } from "#server/metrics/metrics.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type LiveServer, type LiveServerOptions, startLiveServer } from "./live-server.ts";

let database: TestDatabase;
const ends: (() => unknown)[] = [];
beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	for (const end of ends.splice(0).reverse()) await end();
});

async function start(options: Partial<LiveServerOptions> = {}) {
	const metrics = createMetrics();
	const server = await startLiveServer({ streams: database.streams, metrics: metrics.live, ...options });
	ends.push(() => server.stop());
	/** The value of one series, 0 where it was never counted. */
	const counted = async (series: string): Promise<number> =>
		Number(
			(await metrics.text())
				.split("\n")
				.find((line) => line.startsWith(`${series} `))
				?.slice(series.length) ?? 0,
		);
	return { server, counted };
}

const draft: EventDraft = { type: "system", content: "x".repeat(20_000), metadata: { message_type: "info" } };
const append = (stream: string, count = 1) =>
	database.streams.write((writer) => writer.append(stream, Array<EventDraft>(count).fill(draft)));

async function socketTo({ port }: LiveServer, { user = "ann", via = "", agent = "a browser" } = {}): Promise<WebSocket> {
	const headers = { authorization: `Bearer ${user}`, "user-agent": agent };
	const socket = new WebSocket(`ws://127.0.0.1:${port}/live/ws${via && `?via=${via}`}`, { headers });
	ends.push(() => socket.terminate());
	await once(socket, "open");
	return socket;
}

async function subscribe(socket: WebSocket, sub: object): Promise<void> {
	const live = new Promise<void>((resolve) => {
		socket.on("message", (data) => {
			if ((JSON.parse(String(data)) as ServerFrame).t === "live") resolve();
		});
	});
	socket.send(JSON.stringify({ t: "sub", id: 1, after: 0, ...sub }));
	await live;
}

async function poll({ origin }: LiveServer, via: string, subs: object[] = [{ stream: "deployment/A" }], wait = 0): Promise<ServerFrame[]> {
	const response = await fetch(`${origin}/live/poll${via}`, {
		method: "POST",
		headers: { authorization: "Bearer ann" },
		body: JSON.stringify({ subs, wait }),
	});
	return (await response.json()) as ServerFrame[];
}

describe("the metrics", () => {
	test("count connections, resumes, bytes and ends", async () => {
		const { server, counted } = await start();
		await append("deployment/M1", 2);
		const socket = await socketTo(server);
		await subscribe(socket, { stream: "deployment/M1" });
		await subscribe(socket, { stream: "deployment/M1", after: 1 });
		await subscribe(socket, { stream: "deployment/M1", after: 9 });
		expect(await counted('quayside_live_connections{transport="ws"}')).toBe(1);
		for (const outcome of ["new", "resumed", "reset"])
			expect(await counted(`quayside_live_subscriptions_total{transport="ws",outcome="${outcome}"}`)).toBe(1);
		// Two events, then one, then two again.
		expect(await counted('quayside_live_bytes_total{transport="ws"}')).toBeGreaterThan(5 * 20_000);
		socket.close(closeCodes.normal);
		await expect.poll(() => counted('quayside_live_closed_total{transport="ws",code="1000"}')).toBe(1);
		expect(await counted('quayside_live_connections{transport="ws"}')).toBe(0);
	});

	test("say why clients came over which transport, in words of ours only", async () => {
		const { server, counted } = await start();
		await poll(server, "?via=mute");
		await poll(server, "?via=mute");
		await poll(server, "?via=mute%22%7D+1");
		await poll(server, "?via=");
		await poll(server, "");
		await socketTo(server, { via: "returning" });
		expect(await counted('quayside_live_fallbacks_total{transport="poll",via="mute"}')).toBe(2);
		expect(await counted('quayside_live_fallbacks_total{transport="poll",via="other"}')).toBe(1);
		expect(await counted('quayside_live_fallbacks_total{transport="ws",via="returning"}')).toBe(1);
		expect(server.hub.clients()).toMatchObject([{ transport: "ws", via: "returning" }]);
	});

	test("have one place for all codes a client can make up", async () => {
		const { server, counted } = await start();
		for (const code of [3000, 3999, 4999]) (await socketTo(server)).close(code);
		await expect.poll(() => counted('quayside_live_closed_total{transport="ws",code="other"}')).toBe(3);
	});

	test("count who was not let in", async () => {
		const { server, counted } = await start({ limits: { maxConnectionsPerUser: 1 } });
		await socketTo(server);
		const second = await socketTo(server);
		expect((await once(second, "close"))[0]).toBe(closeCodes.tooMany);
		await poll(server, "", undefined, 20);
		expect(await counted('quayside_live_refused_total{reason="rate_limited"}')).toBe(2);
	});
});

describe("the end of a connection (R50)", () => {
	test("is logged with its code and its reason, and nothing is kept of it", async () => {
		const { server } = await start({ limits: { noSubscriptionMs: 50 } });
		const socket = await socketTo(server, { via: "dying" });
		await once(socket, "close");
		expect(server.ended).toEqual([
			{
				connection: expect.stringMatching(/^[\w-]{36}$/),
				transport: "ws",
				user: "ann",
				since: expect.any(Date),
				via: "dying",
				code: closeCodes.noSubscription,
				reason: "asked for nothing",
			},
		]);
		expect(server.hub.status()).toMatchObject({ clients: 0, subscriptions: 0, dropped: 1, closed: { "4009": 1 } });
		expect(server.hub.clients()).toEqual([]);
	});

	test("by a cut line is told from one that was wished", async () => {
		const { server } = await start();
		(await socketTo(server)).terminate();
		await expect.poll(() => server.ended).toMatchObject([{ code: 1006, reason: "lost without a word" }]);
		(await socketTo(server)).close(closeCodes.normal);
		await expect.poll(() => server.ended.at(-1)).toMatchObject({ code: closeCodes.normal, reason: "ended as usual" });
		expect(server.hub.status().dropped).toBe(0);
	});
});

describe("who watches (R45, R46, R47)", () => {
	test("is listed with what it watches, and each under an id of its own", async () => {
		const { server } = await start();
		const sockets = await Promise.all(Array.from({ length: 100 }, (_, n) => socketTo(server, { user: `u${n}`, agent: `agent ${n}` })));
		await subscribe(sockets[7] ?? new WebSocket(null), { stream: "deployment/W" });
		const clients = server.hub.clients();
		expect(new Set(clients.map(({ id }) => id)).size).toBe(100);
		expect(clients.find(({ userId }) => userId === "u7")).toEqual({
			id: expect.any(String),
			transport: "ws",
			userId: "u7",
			since: expect.stringMatching(/^\d{4}-/),
			userAgent: "agent 7",
			via: null,
			subscriptions: ["deployment/W"],
			bufferedBytes: 0,
			lagS: 0,
		});
		expect(JSON.stringify(clients)).not.toContain("Bearer");
		for (const socket of sockets) socket.close();
		await expect.poll(() => server.hub.status().clients).toBe(0);
	});

	test("and cannot take more is seen: parked, for how long, with how much on its way", async () => {
		const { server } = await start({ limits: { highWaterBytes: 64 * 1024, lowWaterBytes: 16 * 1024 } });
		const socket = await socketTo(server);
		socket.pause();
		socket.send(JSON.stringify({ t: "sub", id: 1, stream: "deployment/W2", after: 0 }));
		await append("deployment/W2", 500);
		await expect.poll(() => server.hub.status(), { timeout: 10_000 }).toMatchObject({ parked: 1, subscriptions: 1 });
		const { lagS, bufferedBytes } = server.hub.status();
		expect(bufferedBytes).toBeGreaterThan(64 * 1024);
		await expect.poll(() => server.hub.clients()[0]?.lagS).toBeGreaterThan(lagS);
		socket.resume();
		await expect.poll(() => server.hub.status(), { timeout: 10_000 }).toMatchObject({ parked: 0, lagS: 0 });
	});
});
