import { ulid } from "ulid";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { DeploymentStatus } from "#lib/protocol/index.ts";
import { deploymentBefore, readComparison } from "#server/pipeline/comparison.ts";
import { loadState } from "#server/pipeline/load-state.ts";
import { readTiming } from "#server/pipeline/timing.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { writeDeployment } from "#tests/support/long-deployment.ts";
import { addProject } from "../targets/local-machine.ts";

const encryption = createEncryption(new Secret("a secret of tests"));
let database: TestDatabase;
let project: { id: string; slug: string };
beforeAll(async () => {
	database = await startTestDatabase();
	project = await addProject(database.db, "shop");
}, 60_000);
afterAll(() => database.stop());

let number = 0;
/** A deployment as the pipeline leaves it, with a release that was made with these variables. */
async function add(status: DeploymentStatus, buildMs: number, env: Record<string, string> | null): Promise<DeploymentState> {
	const id = ulid();
	const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
	const state: DeploymentState = {
		...emptyState(id),
		project: { ...project, name: "shop" },
		ownerId: "ada",
		number: ++number,
		status,
		queuedAt: at(0),
		startedAt: at(2),
		finishedAt: at(12),
	};
	Object.assign(state.stages.find(({ stage }) => stage === "build") ?? {}, { status: "succeeded", durationMs: buildMs });
	const common = { project_id: project.id, created_at: new Date() };
	await database.db
		.insertInto("deployments")
		.values({ ...common, id, owner_id: "ada", number, status, state: JSON.stringify(state), text: "", finished_at: new Date() })
		.execute();
	if (env) {
		const release = {
			id: ulid(),
			deployment_id: id,
			node_id: "n",
			kind: "static" as const,
			status: "stopped" as const,
			plan: "{}",
			commit: null,
		};
		await database.db
			.insertInto("releases")
			.values({ ...common, ...release, env: encryption.seal("release-env", release.id, JSON.stringify(env)), size_bytes: 1 })
			.execute();
	}
	return state;
}

it("tells which variables differ, and never a value", async () => {
	const one = await add("succeeded", 5000, { API_BASE: "https://one.example", TOKEN: "hunter22", ONLY: "here" });
	const other = await add("succeeded", 4000, { API_BASE: "https://two.example", TOKEN: "hunter22" });
	const comparison = await readComparison(database.db, encryption, one, other);
	expect(comparison.env).toEqual([
		{ name: "API_BASE", one: true, other: true, sameValue: false },
		{ name: "ONLY", one: true, other: false, sameValue: false },
		{ name: "TOKEN", one: true, other: true, sameValue: true },
	]);
	expect(JSON.stringify(comparison)).not.toMatch(/hunter22|example/);
	const failed = await add("failed", 1, null);
	expect((await readComparison(database.db, encryption, one, failed)).env).toBeNull();
	expect(await deploymentBefore(database.db, failed)).toBe(other.id);
	expect(await deploymentBefore(database.db, one)).toBeNull();
});

it("compares with the deployments before, those that succeeded alone for what is usual", async () => {
	await add("succeeded", 9000, null);
	await add("cancelled", 1, null);
	const newest = await add("succeeded", 1, null);
	const timing = await readTiming(database.db, newest);
	expect(timing.usual).toMatchObject({ deployments: 3, queuedMs: 2000, workMs: 10_000 });
	expect(timing.usual.stages.find(({ stage }) => stage === "build")).toEqual({ stage: "build", count: 3, medianMs: 5000 });
	expect(timing.earlier.map((one) => [one.number, one.status])).toEqual([
		[5, "cancelled"],
		[4, "succeeded"],
		[3, "failed"],
		[2, "succeeded"],
		[1, "succeeded"],
	]);
	expect(timing.spans).toEqual([]);
});

it("reads when stages began and ended from the stream, and how much was printed", async () => {
	const written = await writeDeployment(database, "01JADMIN000000000000000000");
	await written.log(500, { perEvent: 50 });
	const state = await loadState(database.db, written.id);
	if (!state) throw new Error("it is not stored");
	const { spans } = await readTiming(database.db, state);
	expect(spans.map(({ stage, status }) => `${stage} ${status}`)).toEqual([
		"clone succeeded",
		"analyze succeeded",
		"plan succeeded",
		"write succeeded",
		"build running",
	]);
	const { one } = await readComparison(database.db, encryption, state, state);
	expect(one.log.lines).toBe(500);
	expect(one.log.bytes).toBeGreaterThan(500 * 50);
});
