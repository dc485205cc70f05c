import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClock } from "#lib/live/clock.ts";
import type { EventDraft } from "#lib/protocol/index.ts";
import { type LiveServer, principalOf, startLiveServer } from "#tests/server/live/live-server.ts";
import { clientOf, createReader, seqs, untilStatus, upTo } from "#tests/server/live/reader.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { startFaultRelay } from "#tests/support/fault-relay.ts";
import { proxies } from "./proxies.ts";
import { findProxy, type RunningProxy, startProxy } from "./proxy.ts";
import { limitsAt, quick, timingsAt } from "./scale.ts";
import { story } from "./story.ts";

const nginx = await findProxy("nginx");
let database: TestDatabase;
let server: LiveServer;
let proxy: RunningProxy | null = null;
let loggedIn = true;

beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({
		streams: database.streams,
		limits: { ...limitsAt(quick), reauthenticateMs: 300 },
		identify: (token) => (loggedIn ? principalOf(token) : null),
	});
	if (nginx) proxy = await startProxy(proxies.nginxUpgrade, server.port);
});
afterAll(async () => {
	await proxy?.stop();
	await server?.stop();
	await database?.stop();
});

const append = (stream: string, ...drafts: EventDraft[]) => database.streams.write((writer) => writer.append(stream, drafts));
const fromStart = { epoch: null, after: 0 };

describe("behind nginx", () => {
	beforeEach(({ skip }) => skip(!nginx, "nginx is not installed on this machine"));

	const origin = () => proxy?.origin ?? "";

	test.each([
		["Origin", "http://evil.example"],
		["Origin", "null"],
		["Sec-Fetch-Site", "cross-site"],
	])("a page of another site is refused at every door (%s: %s)", async (name, value) => {
		for (const path of ["/live/sse", "/live/poll"]) {
			const response = await fetch(`${origin()}${path}`, {
				method: "POST",
				headers: { authorization: "Bearer ann", [name]: value },
				body: JSON.stringify({ subs: [{ stream: "deployment/X" }] }),
			});
			expect(response.status).toBe(403);
			expect(await response.json()).toMatchObject({ error: { code: "foreign_origin" } });
		}
		const socket = new WebSocket(`${origin().replace("http", "ws")}/live/ws`, {
			headers: { authorization: "Bearer ann", [name]: value },
		} as unknown as string[]);
		const opened = await new Promise((resolve) => {
			socket.onopen = () => resolve(true);
			socket.onerror = () => resolve(false);
		});
		expect(opened).toBe(false);
	});

	test("a session that runs out in mid-stream is said, and after the next login nothing is missing", async () => {
		const stream = "deployment/SESSION";
		await append(stream, ...story.opening("SESSION"));
		const reader = createReader();
		const client = clientOf(origin(), "ann", { timings: timingsAt(quick) });
		client.subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ events }) => events.length >= 2);
		loggedIn = false;
		await untilStatus(client, ({ refused }) => refused === "unauthenticated");
		await append(stream, story.lines(1, 1), story.lines(2, 1));
		loggedIn = true;
		client.notify("visible");
		await reader.until(({ events }) => events.length >= 4);
		expect(seqs(reader)).toEqual(upTo(4));
		expect(client.status()).toMatchObject({ kind: "connected", transport: "ws", refused: null });
		client.close();
	});
});

describe("a clock that jumps two hours", () => {
	test.each([
		["forward", 2 * 60 * 60_000],
		["back", -2 * 60 * 60_000],
	])("%s: the connection is checked, and no event is lost or doubled", async (_direction, jumpMs) => {
		const stream = `deployment/CLOCK${jumpMs}`;
		await append(stream, ...story.opening("CLOCK"));
		let offsetMs = 0;
		const clock = createClock();
		const reader = createReader();
		const client = clientOf(server.origin, "ann", { timings: timingsAt(quick), clock: { ...clock, now: () => clock.now() + offsetMs } });
		client.subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ events }) => events.length >= 2);
		for (let line = 1; line <= 20; line++) {
			if (line === 5) offsetMs = jumpMs;
			await append(stream, story.lines(line, 1));
			await delay(50);
		}
		await reader.until(({ events }) => events.length >= 22);
		expect(seqs(reader)).toEqual(upTo(22));
		await untilStatus(client, ({ kind, transport }) => kind === "connected" && transport === "ws");
		client.close();
	});

	test("forward while the socket is dead: it is noticed within the check", async () => {
		const relay = await startFaultRelay(server.port);
		const stream = "deployment/CLOCKDEAD";
		await append(stream, ...story.opening("CLOCKDEAD"));
		let offsetMs = 0;
		const clock = createClock();
		const reader = createReader();
		const timings = timingsAt(quick);
		const client = clientOf(relay.origin, "ann", { timings, clock: { ...clock, now: () => clock.now() + offsetMs } });
		client.subscribe(stream, fromStart, reader.handlers);
		await reader.until(({ events }) => events.length >= 2);
		relay.strike("silence");
		offsetMs = 2 * 60 * 60_000;
		client.notify("visible");
		const jumpedAt = performance.now();
		await append(stream, story.lines(1, 1));
		await reader.until(({ events }) => events.length >= 3);
		expect(performance.now() - jumpedAt).toBeLessThan(timings.deadIdleMs / 2);
		expect(seqs(reader)).toEqual(upTo(3));
		client.close();
		await relay.stop();
	});
});
