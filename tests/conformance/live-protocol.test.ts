import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { EventDraft, ServerFrame } from "#lib/protocol/index.ts";
import { type LiveServer, startLiveServer } from "#tests/server/live/live-server.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type ConformanceCase, cases, type ExpectedFrame } from "./cases.ts";
import { type WireConnection, wires } from "./wires.ts";

let database: TestDatabase;
let server: LiveServer;
let snapshotAt: number | undefined;
const open: WireConnection[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
	server = await startLiveServer({
		streams: database.streams,
		mayRead: (user) => user !== "stranger",
		snapshot: async (stream) =>
			snapshotAt === undefined ? null : { state: { lines: snapshotAt }, seq: snapshotAt, epoch: await epochOf(stream) },
	});
});
afterAll(async () => {
	await server?.stop();
	await database?.stop();
});
afterEach(() => {
	for (const connection of open.splice(0)) connection.close();
});

const line: EventDraft = { type: "system", content: "A line.", metadata: { message_type: "info" } };
const append = (stream: string, count: number) =>
	database.streams.write((writer) =>
		writer.append(
			stream,
			Array.from({ length: count }, () => line),
		),
	);
const epochOf = async (stream: string) => (await database.streams.read({ stream, epoch: null, after: 0 })).epoch;

let streamNumber = 0;
async function arrange({ log }: ConformanceCase): Promise<string> {
	const stream = `deployment/C${++streamNumber}`;
	if (log.events > 0) await append(stream, log.events);
	if (log.closed) await database.streams.write((writer) => writer.close(stream));
	if (log.truncatedTo) await database.streams.truncate(stream, log.truncatedTo);
	return stream;
}

/** The conversation in the words of the cases: heartbeats left out, neighbouring `ev` frames joined where they follow on. */
function retell(frames: readonly ServerFrame[]): ExpectedFrame[] {
	const told: ExpectedFrame[] = [];
	for (const frame of frames) {
		const before = told.at(-1);
		if (frame.t === "sub") {
			const { after, head, min, closed, reset, snap } = frame;
			told.push({
				sub: { after, head, ...(min > 1 && { min }), ...(closed && { closed }), ...(reset && { reset }), ...(snap && { snap: snap.seq }) },
			});
		} else if (frame.t === "ev") {
			expect(frame.e.map(({ seq }) => seq)).toEqual(Array.from({ length: frame.to - frame.from + 1 }, (_, index) => frame.from + index));
			if (before && "ev" in before && before.ev[1] === frame.from - 1) before.ev[1] = frame.to;
			else told.push({ ev: [frame.from, frame.to] });
		} else if (frame.t === "live") told.push({ live: frame.head });
		else if (frame.t === "end") told.push({ end: frame.seq });
		else if (frame.t === "err") told.push({ err: frame.code });
	}
	return told;
}

/** True for the frame that completes what is expected. */
function completes(last: ExpectedFrame | undefined): (frame: ServerFrame) => boolean {
	return (frame) => {
		if (!last) return false;
		if ("ev" in last) return frame.t === "ev" && frame.to === last.ev[1];
		if ("live" in last) return frame.t === "live" && frame.head === last.live;
		return ("end" in last && frame.t === "end") || ("err" in last && frame.t === "err");
	};
}

describe.each(wires)("over $name", (wire) => {
	test.each(cases)("$name", async (testCase) => {
		const stream = await arrange(testCase);
		snapshotAt = testCase.snapshotAt;
		const { epoch, after } = testCase.cursor;
		const connection = wire.open(server.origin, "ann", [
			{ stream, epoch: epoch === "$epoch" ? await epochOf(stream) : epoch, after: after ?? 0 },
		]);
		open.push(connection);
		if (testCase.later) await connection.until(({ t }) => t === "live");
		for (const count of testCase.later ?? []) await append(stream, count);
		await connection.until(completes(testCase.expect.at(-1)));
		expect(connection.frames[0]?.t).toBe("hello");
		expect(retell(connection.frames)).toEqual(testCase.expect);
	});

	test("another's stream does not exist", async () => {
		const stream = await arrange({ name: "", log: { events: 2 }, cursor: {}, expect: [] });
		const connection = wire.open(server.origin, "stranger", [{ stream, after: 0 }]);
		open.push(connection);
		await connection.until(({ t }) => t === "err");
		expect(retell(connection.frames)).toEqual([{ err: "not_found" }]);
	});

	test("a heartbeat says what an active deployment does, and how far its stream is", async () => {
		snapshotAt = undefined;
		const stream = await arrange({ name: "", log: { events: 2 }, cursor: {}, expect: [] });
		const at = new Date().toISOString();
		const activity = {
			deployment_id: stream.slice("deployment/".length),
			stage: "build",
			agent_name: "Tester",
			awaiting: "npm",
			since: at,
			last_output_at: null,
			ahead: null,
			at,
		} as const;
		database.streams.activity.set(activity);
		const connection = wire.open(server.origin, "ann", [{ stream, after: 0 }]);
		open.push(connection);
		const beat = await connection.until((frame) => frame.t === "hb" && frame.activity.length > 0);
		expect(beat).toMatchObject({ heads: { [stream]: 2 }, activity: [activity] });
		database.streams.activity.clear(activity.deployment_id);
	});

	test("many streams travel on one connection", async () => {
		snapshotAt = undefined;
		const streams = await Promise.all(Array.from({ length: 10 }, () => arrange({ name: "", log: { events: 20 }, cursor: {}, expect: [] })));
		const connection = wire.open(
			server.origin,
			"ann",
			streams.map((stream) => ({ stream, after: 0 })),
		);
		open.push(connection);
		for (const stream of streams) await connection.until((frame) => frame.t === "live" && frame.stream === stream);
		for (const stream of streams) {
			const own = connection.frames.filter((frame) => "stream" in frame && frame.stream === stream);
			expect(retell(own)).toEqual([{ sub: { after: 0, head: 20 } }, { ev: [1, 20] }, { live: 20 }]);
		}
	});
});
