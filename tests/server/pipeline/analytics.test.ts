import { sql } from "kysely";
import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { DeploymentStatus, Failure, Stage } from "#lib/protocol/index.ts";
import type { Principal } from "#lib/services.ts";
import { readAnalytics } from "#server/pipeline/analytics.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { person } from "../projects/fixtures.ts";
import { addProject } from "../targets/local-machine.ts";

let database: TestDatabase;
let ada: Principal;
let shop: { id: string; slug: string };
let number = 0;

beforeAll(async () => {
	database = await startTestDatabase();
}, 60_000);
afterAll(() => database.stop());
beforeEach(async () => {
	ada = person();
	shop = await addProject(database.db, `shop-${ulid().toLowerCase()}`);
});

interface Ended {
	status?: DeploymentStatus;
	daysAgo?: number;
	waitedS?: number;
	tookS?: number;
	stages?: Partial<Record<Stage, { ms: number; reused?: boolean; failed?: boolean }>>;
	error?: Pick<Failure, "code" | "cause" | "message">;
	owner?: Principal;
}

/** A deployment as the pipeline leaves it, that ended at a time of its own. */
async function add({
	status = "succeeded",
	daysAgo = 0,
	waitedS = 1,
	tookS = 10,
	stages = {},
	error,
	owner = ada,
}: Ended): Promise<string> {
	const id = ulid();
	const { rows } = await sql<{ at: Date }>`select now() - make_interval(days => ${daysAgo}) as at`.execute(database.db);
	const queued = (rows[0]?.at ?? new Date()).getTime();
	const after = (seconds: number) => new Date(queued + seconds * 1000).toISOString();
	const state: DeploymentState = {
		...emptyState(id),
		status,
		queuedAt: after(0),
		startedAt: after(waitedS),
		finishedAt: after(waitedS + tookS),
		error: error ? ({ ...error, action: "", command: null } as unknown as Failure) : null,
	};
	for (const stage of state.stages) {
		const told = stages[stage.stage];
		if (told) Object.assign(stage, { status: told.failed ? "failed" : "succeeded", durationMs: told.ms, reused: told.reused ?? false });
	}
	await database.db
		.insertInto("deployments")
		.values({
			id,
			project_id: shop.id,
			owner_id: owner.user.id,
			number: ++number,
			status,
			state: JSON.stringify(state),
			text: "",
			created_at: new Date(queued),
			finished_at: new Date(queued),
		})
		.execute();
	return id;
}

const read = (who: Principal = ada, days = 30, project?: string) => readAnalytics(database.db, who, { days, project });

it("says nothing of what was never measured", async () => {
	const view = await read();
	expect(view).toMatchObject({ totals: { succeeded: 0, failed: 0, cancelled: 0, open: 0 }, duration: null, queued: null, failures: [] });
	expect(view.byDay).toHaveLength(30);
	expect(view.stages.map(({ duration, failed }) => [duration, failed])).toEqual(Array.from({ length: 8 }, () => [null, 0]));
});

it("counts how deployments ended, and takes the times of those that succeeded", async () => {
	for (const tookS of [10, 20, 30]) await add({ tookS, waitedS: 2 });
	await add({ status: "failed", tookS: 500 });
	await add({ status: "cancelled", tookS: 500 });
	await add({ status: "running", tookS: 500 });
	const { totals, duration, queued, byDay } = await read();
	expect(totals).toEqual({ succeeded: 3, failed: 1, cancelled: 1, open: 1 });
	expect(duration).toEqual({ count: 3, p50Ms: 20_000, p95Ms: 29_000 });
	expect(queued).toMatchObject({ count: 6, p50Ms: 1500 });
	expect(byDay.at(-1)).toMatchObject({ succeeded: 3, failed: 1, cancelled: 1 });
});

it("leaves results that were taken over out of the times of stages", async () => {
	await add({ stages: { clone: { ms: 1000 }, build: { ms: 4000 } } });
	await add({ stages: { clone: { ms: 3000 }, build: { ms: 1, reused: true } } });
	await add({ status: "failed", stages: { clone: { ms: 2000 }, build: { ms: 9000, failed: true } } });
	const stages = Object.fromEntries((await read()).stages.map(({ stage, ...rest }) => [stage, rest]));
	expect(stages.clone).toEqual({ failed: 0, duration: { count: 3, p50Ms: 2000, p95Ms: 2900 } });
	expect(stages.build).toEqual({ failed: 1, duration: { count: 1, p50Ms: 4000, p95Ms: 4000 } });
	expect(stages.verify).toEqual({ failed: 0, duration: null });
});

it("gathers failures by their cause, with the newest one", async () => {
	const outdated = { code: "build_failed", cause: "lockfile_outdated" } as const;
	await add({ status: "failed", daysAgo: 2, error: { ...outdated, message: "an older sentence" } });
	const newest = await add({ status: "failed", error: { ...outdated, message: "the newest sentence" } });
	await add({ status: "failed", daysAgo: 1, error: { code: "build_failed", cause: null, message: "another" } });
	expect((await read()).failures).toEqual([
		{ ...outdated, message: "the newest sentence", latest: newest, count: 2 },
		expect.objectContaining({ code: "build_failed", cause: null, count: 1 }),
	]);
});

it("looks back as far as was asked, and at one project where one is named", async () => {
	await add({ daysAgo: 8 });
	await add({ daysAgo: 6 });
	expect((await read(ada, 7)).totals.succeeded).toBe(1);
	expect((await read(ada, 30)).totals.succeeded).toBe(2);
	expect((await read(ada, 30, shop.slug)).totals.succeeded).toBe(2);
	expect((await read(ada, 30, "another")).totals.succeeded).toBe(0);
	expect((await read(ada, 7)).byDay.map(({ succeeded }) => succeeded)).toEqual([1, 0, 0, 0, 0, 0, 0]);
});

it("shows people their own, administrators everybody's, and nobody what was deleted", async () => {
	const bob = person();
	await add({ owner: bob });
	expect((await read(ada)).totals.succeeded).toBe(0);
	expect((await read(bob)).totals.succeeded).toBe(1);
	expect((await read(person("admin"), 30, shop.slug)).totals.succeeded).toBe(1);
	await database.db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", shop.id).execute();
	expect((await read(bob)).totals.succeeded).toBe(0);
});
