import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ModelGateway } from "#server/models/gateway.ts";
import type { Limiter, SlotRequest } from "#server/models/limiter.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addProvider, openTestGateway } from "#tests/support/models.ts";

/** Short, so that a test sees several windows. */
const windowMs = 600;
const perWindow = 10;

let database: TestDatabase;
let nodes: [ModelGateway, ModelGateway];
beforeAll(async () => {
	database = await startTestDatabase();
	nodes = [
		await openTestGateway(database, { nodeId: "node-1", windowMs }),
		await openTestGateway(database, { nodeId: "node-2", windowMs }),
	];
});
afterAll(async () => {
	for (const node of nodes) await node.stop();
	await database.stop();
});
beforeEach(async () => {
	await database.db.deleteFrom("model_calls").execute();
	await database.db.deleteFrom("model_providers").execute();
	await addProvider(nodes[0], "shared", { baseUrl: "http://127.0.0.1:1", requestsPerMinute: perWindow });
});

function slot(deploymentId: string, request: Partial<SlotRequest> = {}): SlotRequest {
	return {
		asker: { deploymentId, ownerId: "owner", projectId: "project", agent: "Tester", purpose: "fix" },
		provider: "shared",
		model: "m",
		attempt: 1,
		tokens: { input: 10, output: 10 },
		costUsd: null,
		budget: { tokens: null, usd: null },
		patienceMs: 60_000,
		signal: new AbortController().signal,
		onWait: () => undefined,
		...request,
	};
}

/** Takes the whole window, so that whoever comes next has to wait. */
async function fill(limiter: Limiter): Promise<void> {
	for (let index = 0; index < perWindow; index++) await limiter.acquire(slot(`filler-${index}`));
}

describe("slots", () => {
	it("are shared by all nodes: no window holds more than the limit, by the clock of the database (R188)", async () => {
		const calls = Array.from({ length: 35 }, (_, index) => nodes[index % 2]?.limiter.acquire(slot(`d${index}`)));
		await Promise.all(calls);
		const granted = await database.db.selectFrom("model_calls").select("granted_at").orderBy("granted_at").execute();
		const times = granted.map(({ granted_at }) => granted_at?.getTime() ?? Number.NaN);
		expect(times).toHaveLength(35);
		// A millisecond for the rounding of the dates.
		for (const [index, atMs] of times.entries())
			if (index >= perWindow) expect(atMs - (times[index - perWindow] ?? 0)).toBeGreaterThanOrEqual(windowMs - 1);
	});

	it("are given in turns: a deployment with many calls does not keep the others waiting", async () => {
		const [{ limiter }] = nodes;
		await fill(limiter);
		const order: string[] = [];
		const wait = async (deployment: string) => {
			await limiter.acquire(slot(deployment));
			order.push(deployment);
		};
		const greedy = Array.from({ length: 12 }, () => wait("greedy"));
		while ((await limiter.status("shared")).waiting < 12) await sleep(5);
		const modest = ["a", "b", "c"].map(wait);
		await Promise.all([...greedy, ...modest]);
		// All three are in the first window after the full one, which holds ten.
		expect(order.slice(0, perWindow)).toEqual(expect.arrayContaining(["a", "b", "c"]));
	});

	it("are given first to those who had less: whoever found room before lets the others catch up", async () => {
		const [{ limiter }] = nodes;
		for (let index = 0; index < perWindow; index++) await limiter.acquire(slot(index < 8 ? "early" : `filler-${index}`));
		const order: string[] = [];
		const waiting: Promise<void>[] = [];
		for (const deployment of [...Array<string>(3).fill("early"), ...Array<string>(10).fill("late")]) {
			waiting.push(limiter.acquire(slot(deployment)).then(() => void order.push(deployment)));
			while ((await limiter.status("shared")).waiting < waiting.length - order.length) await sleep(2);
		}
		await Promise.all(waiting);
		// Its ninth is next to the ninth of the other.
		expect(order.slice(0, perWindow).filter((deployment) => deployment === "early")).toHaveLength(1);
	});

	it("that were free put nobody back by more than ten turns", async () => {
		const [{ limiter }] = nodes;
		await addProvider(nodes[0], "shared", { baseUrl: "http://127.0.0.1:1", requestsPerMinute: 30 });
		for (let index = 0; index < 30; index++) await limiter.acquire(slot("greedy"));
		await Promise.all([limiter.acquire(slot("greedy")), limiter.acquire(slot("greedy"))]);
		const turns = await database.db.selectFrom("model_calls").select("turn").orderBy("id").execute();
		expect(turns.map(({ turn }) => turn).toSorted((a, b) => a - b)).toEqual([
			...Array.from({ length: 11 }, (_, n) => n + 1),
			...Array(19).fill(11),
			11,
			12,
		]);
	});

	it("are given in order of arrival within a deployment", async () => {
		const [{ limiter }] = nodes;
		await fill(limiter);
		const order: number[] = [];
		const running: Promise<void>[] = [];
		for (let index = 0; index < 15; index++) {
			running.push(limiter.acquire(slot("one")).then(() => void order.push(index)));
			while ((await limiter.status("shared")).waiting < running.length - order.length) await sleep(2);
		}
		await Promise.all(running);
		expect(order).toEqual(order.toSorted((a, b) => a - b));
	});

	it("come when they were said to come (R191)", async () => {
		const [{ limiter }] = nodes;
		await fill(limiter);
		const said: number[] = [];
		const beganAt = performance.now();
		await limiter.acquire(slot("patient", { onWait: (ms) => said.push(ms) }));
		const waitedMs = performance.now() - beganAt;
		expect(said[0]).toBeGreaterThan(0);
		expect(said[0]).toBeLessThanOrEqual(windowMs);
		// Not before it was said; how much later depends on how busy the machine is.
		expect(waitedMs).toBeGreaterThanOrEqual((said[0] ?? 0) - 5);
	});

	it("are not waited for any more after a cancel, and the place goes to the next (R191)", async () => {
		const [{ limiter }] = nodes;
		await fill(limiter);
		const controller = new AbortController();
		const left = limiter.acquire(slot("leaves", { signal: controller.signal }));
		left.catch(() => undefined);
		while ((await limiter.status("shared")).waiting < 1) await sleep(2);
		controller.abort();
		await expect(left).rejects.toMatchObject({ code: "cancelled" });
		await limiter.acquire(slot("stays"));
		expect(await database.db.selectFrom("model_calls").select("id").where("deployment_id", "=", "leaves").execute()).toEqual([]);
	});

	it("of a node that is gone are given up", async () => {
		const [{ limiter }] = nodes;
		await fill(limiter);
		const gone = {
			deployment_id: "gone",
			purpose: "plan",
			provider: "shared",
			model: "m",
			attempt: 1,
			turn: 0,
			input_tokens: 1,
			output_tokens: 1,
		};
		await database.db
			.insertInto("model_calls")
			.values({
				...gone,
				id: "0",
				status: "waiting",
				node: "node-9",
				seen_at: new Date(Date.now() - 20_000),
				owner_id: null,
				project_id: null,
				agent: null,
				cost_usd: null,
				error: null,
			})
			.execute();
		await limiter.acquire(slot("next"));
		expect((await limiter.status("shared")).waiting).toBe(0);
		expect(await database.db.selectFrom("model_calls").select("id").where("id", "=", "0").execute()).toEqual([]);
	});

	it("say how many are left (R193), and what tokens were really used (R192)", async () => {
		const [{ limiter, ledger }] = nodes;
		await addProvider(nodes[0], "shared", { baseUrl: "http://127.0.0.1:1", requestsPerMinute: perWindow, tokensPerMinute: 1000 });
		const id = await limiter.acquire(slot("one"));
		expect(await limiter.status("shared")).toMatchObject({ requestsLeft: perWindow - 1, tokensLeft: 980, waiting: 0, pausedUntil: null });
		await ledger.finish(id, {
			status: "succeeded",
			tokens: { input: 100, output: 300 },
			measured: true,
			costUsd: null,
			error: null,
			firstAt: null,
		});
		expect(await limiter.status("shared")).toMatchObject({ tokensLeft: 600 });
	});

	it("of a provider that was removed are not waited for", async () => {
		const [{ limiter, store }] = nodes;
		await fill(limiter);
		const waiting = limiter.acquire(slot("late"));
		waiting.catch(() => undefined);
		while ((await limiter.status("shared")).waiting < 1) await sleep(2);
		await store.deleteProvider("shared");
		await expect(waiting).rejects.toMatchObject({ code: "model_not_configured" });
	});
});
