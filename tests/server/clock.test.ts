import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { Activity, ServerFrame } from "#lib/protocol/index.ts";
import { withRetries } from "#server/db/retry.ts";
import { MessageRate } from "#server/live/message-rate.ts";
import { Proof } from "#server/live/proof.ts";
import { createActivityBoard } from "#server/streams/activity.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { performWell, startTestPipeline } from "#tests/support/pipeline.ts";
import { principalOf, startLiveServer } from "./live/live-server.ts";

/** What happens when somebody sets the machine's clock back by an hour while the platform runs. */
let database: TestDatabase;
beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(() => {
	vi.useRealTimers();
});

const setBackAnHour = () => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 60 * 60_000 });

it("heartbeats of open connections go on", async () => {
	const server = await startLiveServer({ streams: database.streams, limits: { heartbeatMs: 100, firstHeartbeatMs: 100, tickMs: 20 } });
	const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/ws`, { headers: { authorization: "Bearer ann" } });
	const heartbeats: number[] = [];
	socket.on("message", (data) => {
		const frame = JSON.parse(String(data)) as ServerFrame;
		if (frame.t === "hb") heartbeats.push(frame.n);
	});
	await expect.poll(() => heartbeats.length, { timeout: 5_000 }).toBeGreaterThan(1);
	setBackAnHour();
	const before = heartbeats.length;
	await expect.poll(() => heartbeats.length, { timeout: 5_000 }).toBeGreaterThan(before + 2);
	socket.close();
	await server.stop();
});

it("what is going on now is still told", () => {
	const { board } = createActivityBoard({ set() {}, clear() {} }, () => {});
	const activity = (awaiting: string): Activity => ({
		deployment_id: "d",
		stage: "build",
		agent_name: "Tester",
		awaiting,
		since: new Date().toISOString(),
		last_output_at: null,
		ahead: null,
		at: new Date().toISOString(),
	});
	board.set(activity("before"));
	setBackAnHour();
	board.set(activity("after"));
	expect(board.get("d")?.awaiting).toBe("after");
});

it("a wait for the database ends when it should", async () => {
	const broken = Object.assign(new Error("gone"), { code: "ECONNREFUSED" });
	const began = performance.now();
	const waiting = withRetries(() => Promise.reject(broken), { forMs: 300 });
	setBackAnHour();
	await expect(waiting).rejects.toMatchObject({ code: "database_unavailable" });
	expect(performance.now() - began).toBeLessThan(5_000);
});

it("the rate of messages is still counted in windows of ten seconds", () => {
	const rate = new MessageRate(1);
	expect([rate.take(0), rate.take(1), rate.take(10_002)]).toEqual([true, false, true]);
});

it("a login is checked again when it is due, and ends when it ends", () => {
	const proof = new Proof(principalOf("user"), async () => null, 60_000);
	setBackAnHour();
	expect(proof.isDue(performance.now())).toBe(false);
	expect(proof.isDue(performance.now() + 60_001)).toBe(true);
});

it("a deployment whose job was lost goes on, with events that stay in order", async () => {
	const pipeline = await startTestPipeline(database, performWell, { work: false });
	try {
		const id = await pipeline.start();
		setBackAnHour();
		await database.db.deleteFrom("pgboss.job" as never).execute();
		await pipeline.recover();
		await pipeline.worker.start();
		const state = await pipeline.until(id, ({ status }) => status === "succeeded");
		expect(state.stages.every(({ durationMs }) => durationMs === null || durationMs >= 0)).toBe(true);
		const events = await pipeline.events(id);
		expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
		expect(events.map((event) => event.id)).toEqual(events.map((event) => event.id).toSorted());
	} finally {
		await pipeline.stop();
	}
});
