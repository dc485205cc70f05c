import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { AgentName, ModelCallStatus } from "#lib/protocol/index.ts";
import type { Principal } from "#lib/services.ts";
import { readAnalytics } from "#server/pipeline/analytics.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { person } from "../projects/fixtures.ts";
import { addProject } from "../targets/local-machine.ts";

let database: TestDatabase;
let ada: Principal;
let shop: { id: string; slug: string };

beforeAll(async () => {
	database = await startTestDatabase();
}, 60_000);
afterAll(() => database.stop());
beforeEach(async () => {
	ada = person();
	shop = await addProject(database.db, `shop-${ulid().toLowerCase()}`);
});

interface Call {
	status?: ModelCallStatus;
	agent?: AgentName | null;
	model?: string;
	tokens?: [number, number];
	costUsd?: number | null;
	waitedMs?: number;
	daysAgo?: number;
	owner?: Principal;
	/** A test from the settings belongs to none. */
	project?: string | null;
}

/** A call as the ledger leaves it. */
async function add(call: Call = {}): Promise<void> {
	const { status = "succeeded", agent = "Developer", model = "m", tokens = [100, 10], costUsd = null, waitedMs = 5, daysAgo = 0 } = call;
	const { owner = ada, project = shop.id } = call;
	const created = Date.now() - daysAgo * 86_400_000;
	const isOpen = status === "waiting" || status === "running";
	await database.db
		.insertInto("model_calls")
		.values({
			id: ulid(),
			deployment_id: project && ulid(),
			owner_id: owner.user.id,
			project_id: project,
			agent,
			purpose: project ? "write" : "test",
			provider: "fake",
			model,
			attempt: 1,
			status,
			turn: 0,
			input_tokens: tokens[0],
			output_tokens: tokens[1],
			measured: true,
			cost_usd: costUsd,
			node: "here",
			created_at: new Date(created),
			granted_at: status === "waiting" || status === "cached" ? null : new Date(created + waitedMs),
			finished_at: isOpen ? null : new Date(created + waitedMs + 50),
		})
		.execute();
}

const read = async (who: Principal = ada, days = 30, project?: string) => (await readAnalytics(database.db, who, { days, project })).models;
const nothing = { calls: 0, cached: 0, failed: 0, waited: 0, tokens: { input: 0, output: 0 }, costUsd: null, unpricedTokens: 0 };

it("has no rows where no model was called", async () => {
	expect(await read()).toEqual({ totals: nothing, byModel: [], byAgent: [] });
});

it("adds up calls, tokens and cost, by model and by agent", async () => {
	await add({ costUsd: 0.25, tokens: [1000, 200] });
	await add({ costUsd: 0.5, tokens: [2000, 300], agent: "Architect" });
	await add({ status: "cached", costUsd: 0, tokens: [0, 0] });
	await add({ model: "large/one", costUsd: 1, tokens: [9000, 1] });
	const { totals, byModel, byAgent } = await read();
	expect(totals).toEqual({ ...nothing, calls: 4, cached: 1, tokens: { input: 12_000, output: 501 }, costUsd: 1.75 });
	expect(byModel).toEqual([
		{ ...nothing, model: "fake/large/one", calls: 1, tokens: { input: 9000, output: 1 }, costUsd: 1 },
		{ ...nothing, model: "fake/m", calls: 3, cached: 1, tokens: { input: 3000, output: 500 }, costUsd: 0.75 },
	]);
	expect(byAgent.map(({ agent, calls, costUsd }) => [agent, calls, costUsd])).toEqual([
		["Architect", 1, 0.5],
		["Developer", 3, 1.25],
	]);
});

it("counts what failed and what had to wait, and nothing that is still under way", async () => {
	await add({ waitedMs: 1500 });
	await add({ status: "failed", tokens: [0, 0], costUsd: 0 });
	await add({ status: "lost", waitedMs: 60_000 });
	await add({ status: "cancelled", tokens: [7, 0] });
	await add({ status: "waiting" });
	await add({ status: "running", waitedMs: 5000 });
	expect((await read()).totals).toEqual({
		...nothing,
		calls: 1,
		failed: 2,
		waited: 2,
		tokens: { input: 207, output: 20 },
		unpricedTokens: 227,
	});
});

it("never says that what has no known price cost nothing", async () => {
	await add();
	// It got no answer and is not billed: that is no price.
	await add({ status: "failed", tokens: [0, 0], costUsd: 0 });
	expect((await read()).totals).toMatchObject({ costUsd: null, unpricedTokens: 110 });
	await add({ model: "own", costUsd: 0 });
	const { totals, byModel } = await read();
	expect(totals).toMatchObject({ costUsd: 0, unpricedTokens: 110 });
	expect(byModel.map(({ model, costUsd, unpricedTokens }) => [model, costUsd, unpricedTokens])).toEqual([
		["fake/m", null, 110],
		["fake/own", 0, 0],
	]);
});

it("looks back as far as was asked, and at one project where one is named", async () => {
	await add({ daysAgo: 8 });
	await add({ daysAgo: 6 });
	await add({ project: null, agent: null });
	expect((await read(ada, 7)).totals.calls).toBe(2);
	expect((await read(ada, 30)).totals.calls).toBe(3);
	expect((await read(ada, 30, shop.slug)).totals.calls).toBe(2);
	expect((await read(ada, 30, "another")).totals.calls).toBe(0);
});

it("shows people their own, administrators everybody's, and nobody what belongs to a deleted project", async () => {
	const bob = person();
	await add({ owner: bob });
	await add({ owner: bob, project: null, agent: null });
	expect((await read(ada)).byModel).toEqual([]);
	expect((await read(bob)).byAgent.map(({ agent, calls }) => [agent, calls])).toEqual([
		["Developer", 1],
		[null, 1],
	]);
	expect((await read(person("admin"), 30, shop.slug)).totals.calls).toBe(1);
	await database.db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", shop.id).execute();
	expect((await read(bob)).byAgent.map(({ agent }) => agent)).toEqual([null]);
});
