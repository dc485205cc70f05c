import { CompiledQuery, sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { type LogPage, maxLogPageBytes, type StreamEvent, streamOf, timelineQuerySchema } from "#lib/protocol/index.ts";
import { readLogPage, readTimeline, selectLogPage, selectTimeline } from "#server/pipeline/history.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type WrittenDeployment, writeDeployment } from "#tests/support/long-deployment.ts";
import { range } from "../streams/drafts.ts";

let test: TestDatabase;
let written: WrittenDeployment;
/** Lines of the deployment of these tests: some events hold one, some seven. */
const total = 1_050;

beforeAll(async () => {
	test = await startTestDatabase();
	written = await writeDeployment(test, "01JADMIN000000000000000000");
	await written.log(500, { stage: "clone" });
	await written.log(350, { perEvent: 7 });
	await written.append([{ type: "system", content: "In between.", metadata: { message_type: "info" } }]);
	await written.log(200, { perEvent: 200 });
}, 60_000);
afterAll(() => test.stop());

const page = (before?: number, limit = 1000, id = written.id) => readLogPage(test.db, id, { before, limit });
const numbers = ({ lines }: LogPage) => lines.map(({ n }) => n);

describe("a page of the log", () => {
	it("is the newest lines, or those before a line, in order and without a gap, wherever events begin", async () => {
		expect(await page(undefined, 3)).toMatchObject({ first: 1, last: total });
		expect(numbers(await page(undefined, 3))).toEqual([1048, 1049, 1050]);
		for (const [before, limit] of [
			[1051, 200],
			[1050, 1],
			[851, 1],
			[851, 7],
			[850, 8],
			[505, 10],
			[501, 500],
			[500, 3],
			[2, 5],
			[5000, 250],
		] as const) {
			const to = Math.min(before - 1, total);
			expect(numbers(await page(before, limit))).toEqual(range(Math.max(1, Math.min(before, total + 1) - limit), to));
		}
		expect(numbers(await page(1))).toEqual([]);
	});

	it("read backwards to the beginning is the whole log, with the stage of each line", async () => {
		const all: LogPage["lines"] = [];
		for (let before = total + 1; before > 1; before = all[0]?.n ?? 1) all.unshift(...(await page(before, 97)).lines);
		expect(all.map(({ n, stage }) => [n, stage])).toEqual(range(1, total).map((n) => [n, n <= 500 ? "clone" : "build"]));
	});

	it("is empty for a deployment that printed nothing", async () => {
		const silent = await writeDeployment(test, "01JADMIN000000000000000000");
		expect(await page(undefined, 10, silent.id)).toEqual({ first: 0, last: 0, lines: [] });
	});

	it("ends before it is larger than 1 MB, at the older end, and holds at least one event", async () => {
		const long = await writeDeployment(test, "01JADMIN000000000000000000");
		await long.log(200, { perEvent: 3, text: (n) => `${n} ${"x".repeat(8_000)}` });
		const newest = numbers(await page(undefined, 1000, long.id));
		expect(newest.at(-1)).toBe(200);
		expect(newest).toEqual(range(newest[0] ?? 0, 200));
		expect(newest.length * 8_000).toBeLessThanOrEqual(maxLogPageBytes);
		expect(newest.length).toBeGreaterThan(100);
		expect(numbers(await page(newest[0], 1000, long.id)).at(-1)).toBe((newest[0] ?? 0) - 1);
	});

	it("says where a log begins whose oldest events were forgotten", async () => {
		const cut = await writeDeployment(test, "01JADMIN000000000000000000");
		await cut.log(100, { perEvent: 10 });
		await test.streams.truncate(streamOf.deployment(cut.id), cut.state().lastSeq - 2);
		expect(await page(undefined, 1000, cut.id)).toMatchObject({ first: 71, last: 100 });
		expect(numbers(await page(undefined, 1000, cut.id))).toEqual(range(71, 100));
		expect(numbers(await page(71, 1000, cut.id))).toEqual([]);
	});
});

describe("a page of the timeline", () => {
	it("holds everything but the log, oldest first, and leads to the one before it", async () => {
		const seen: StreamEvent[] = [];
		for (let before: number | undefined, more = true; more; before = seen[0]?.seq) {
			const answer = await readTimeline(test.db, written.id, timelineQuerySchema.parse({ before, limit: 4 }));
			seen.unshift(...answer.events);
			more = answer.more;
		}
		const all = await everything(written.id);
		expect(seen).toEqual(all.filter(({ type }) => type !== "log"));
		expect(seen.length).toBe(15);
	});
});

describe("a deployment of 100,000 events", () => {
	let long: WrittenDeployment;
	beforeAll(async () => {
		long = await writeDeployment(test, "01JADMIN000000000000000000");
		await long.log(100_000);
		await test.db.executeQuery(sql`analyze events`.compile(test.db));
	}, 60_000);

	it("has its state stored, equal to the fold of all its events", async () => {
		const { state } = await test.db.selectFrom("deployments").select("state").where("id", "=", long.id).executeTakeFirstOrThrow();
		expect(state).toEqual(foldAll(long.id, await everything(long.id)));
	});

	it("answers any page of its log and of its timeline by visiting that page alone", async () => {
		for (const before of [undefined, 100_001, 50_000, 1_001, 2]) {
			const visits = await visitsOf(selectLogPage(long.id, { before, limit: 1000 }));
			expect(Math.max(...visits)).toBeLessThanOrEqual(1_000);
			expect(Math.max(...visits)).toBeGreaterThan(0);
		}
		for (const before of [undefined, 100_000, 5])
			expect(Math.max(...(await visitsOf(selectTimeline(test.db, long.id, { before, limit: 200 }))))).toBeLessThan(20);
	});
});

interface PlanStep {
	"Actual Rows": number;
	"Actual Loops": number;
	"Rows Removed by Filter"?: number;
	Plans?: PlanStep[];
}

/** Rows that each step of the statement's plan looked at. */
async function visitsOf(statement: { compile(db: typeof test.db): CompiledQuery }): Promise<number[]> {
	const { sql: text, parameters } = statement.compile(test.db);
	const { rows } = await test.db.executeQuery<{ "QUERY PLAN": { Plan: PlanStep }[] }>(
		CompiledQuery.raw(`explain (analyze, format json) ${text}`, [...parameters]),
	);
	const steps = (step: PlanStep): number[] => [
		(step["Actual Rows"] + (step["Rows Removed by Filter"] ?? 0)) * step["Actual Loops"],
		...(step.Plans ?? []).flatMap(steps),
	];
	return (rows[0]?.["QUERY PLAN"] ?? []).flatMap(({ Plan }) => steps(Plan));
}

async function everything(id: string): Promise<StreamEvent[]> {
	const rows = await test.db.selectFrom("events").select("body").where("stream", "=", streamOf.deployment(id)).orderBy("seq").execute();
	return rows.map(({ body }) => body);
}
