import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { isTerminal, type Stage, stages, succeeded } from "#lib/protocol/index.ts";
import type { Applied } from "#server/pipeline/ledger.ts";
import type { StreamWriter } from "#server/streams/streams.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { admin, done, type Performance, performWell, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";

// A commit may happen and its answer get lost: the write is done again, and meanwhile others may have gone on.
let database: TestDatabase;
let pipelines: TestPipeline[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
});
afterAll(() => database.stop());
afterEach(async () => {
	for (const { stop } of pipelines) await stop();
	pipelines = [];
}, 30_000);

type Options = NonNullable<Parameters<typeof startTestPipeline>[2]>;

async function startNode(perform: Performance, options: Options, from = database): Promise<TestPipeline> {
	const pipeline = await startTestPipeline(from, perform, { concurrency: 1, ...options });
	pipelines.push(pipeline);
	return pipeline;
}

/**
 * A node to which the database is away right after the commit that begins this stage: what happens meanwhile has happened when it
 * does that write again. `performed` names the stages it has worked at.
 */
async function startCutOff(stage: Stage, meanwhile: (id: string) => Promise<void>) {
	const performed: Stage[] = [];
	let wasLost = false;
	const streams = {
		...database.streams,
		async write<T>(work: (writer: StreamWriter) => Promise<T>): Promise<T> {
			const answer = await database.streams.write(work);
			const { state, events } = (answer ?? {}) as Partial<Applied>;
			const begins = events?.some((event) => event.type === "stage_started" && event.stage === stage);
			if (wasLost || !begins || !state) return answer;
			wasLost = true;
			await meanwhile(state.id);
			return database.streams.write(work);
		},
	};
	const perform: Performance = async (name) => {
		performed.push(name);
		return succeeded(done);
	};
	return { node: await startNode(perform, { nodeId: "node-1" }, { ...database, streams }), performed };
}

const ended = ({ status }: { status: Parameters<typeof isTerminal>[0] }) => isTerminal(status);
const idle = ({ worker }: TestPipeline) => vi.waitUntil(() => worker.running().length === 0, { timeout: 15_000 });
const attemptsOf = (again: Stage | null) => stages.map((stage) => (stage === again ? 2 : 1));

// A deployment's first stage begins by itself, every other one together with the end of the one before.
describe.each(["clone", "analyze"] as const)("a node that did not hear that it has begun %s", (stage) => {
	it("goes on with it, once, when nothing has happened meanwhile", async () => {
		const { node, performed } = await startCutOff(stage, async () => {});
		const state = await node.until(await node.start(), ended);
		expect(state.status).toBe("succeeded");
		expect(state.stages.map(({ attempts }) => attempts)).toEqual(attemptsOf(null));
		expect(performed).toEqual(stages);
	});

	it("leaves it to the node that has taken it over", async () => {
		const { promise: released, resolve: release } = Promise.withResolvers<void>();
		const other = await startNode(
			async (name, work) => {
				if (name === stage) await released;
				return performWell(name, work);
			},
			{ nodeId: "node-2", work: false },
		);
		const { node, performed } = await startCutOff(stage, async (id) => {
			await other.worker.start();
			await other.recover();
			await other.until(id, (state) => state.stages.some(({ status, node }) => status === "running" && node === "node-2"));
		});
		const id = await node.start();
		await node.until(id, (state) => state.stages.some(({ node }) => node === "node-2"));
		await idle(node);
		expect(performed).not.toContain(stage);
		release();
		const state = await node.until(id, ended);
		expect(state.status).toBe("succeeded");
		expect(state.stages.map(({ attempts }) => attempts)).toEqual(attemptsOf(stage));
	});

	it("forgets its attempt when the deployment was paused meanwhile", async () => {
		const other = await startNode(performWell, { nodeId: "node-2", work: false });
		const { node, performed } = await startCutOff(stage, async (id) => {
			await other.service.pause(admin, id);
			await other.recover();
		});
		const id = await node.start();
		await node.until(id, ({ status }) => status === "paused");
		await idle(node);
		expect(performed).not.toContain(stage);
		await node.service.resume(admin, id);
		expect((await node.until(id, ended)).stages.map(({ attempts }) => attempts)).toEqual(attemptsOf(stage));
	});

	it("forgets its attempt when the deployment has ended meanwhile", async () => {
		const other = await startNode(performWell, { nodeId: "node-2", work: false });
		const { node, performed } = await startCutOff(stage, async (id) => {
			await other.service.cancel(admin, id);
			await other.recover();
		});
		expect((await node.until(await node.start(), ended)).status).toBe("cancelled");
		await idle(node);
		expect(performed).not.toContain(stage);
	});

	it("ends it when a cancel has come meanwhile", async () => {
		const { node, performed } = await startCutOff(stage, async (id) => void (await node.service.cancel(admin, id)));
		expect((await node.until(await node.start(), ended)).status).toBe("cancelled");
		await idle(node);
		expect(performed).not.toContain(stage);
	});

	it("can be stopped meanwhile, and the next start goes on", async () => {
		const { promise: stopped, resolve } = Promise.withResolvers<void>();
		const { node } = await startCutOff(stage, async () => resolve(node.worker.stop()));
		const id = await node.start();
		await stopped;
		expect(node.worker.running()).toEqual([]);
		const next = await startNode(performWell, { nodeId: "node-1" });
		expect((await next.until(id, ended)).status).toBe("succeeded");
	});
});

it("ends a stage that says nothing soon after another node has taken it for lost", async () => {
	const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
	const silent = await startNode(
		async (_, { signal }) => {
			await once(signal, "abort");
			resolve(signal.reason);
			throw signal.reason;
		},
		{ nodeId: "node-1" },
	);
	const other = await startNode(performWell, { nodeId: "node-2", work: false });
	const id = await silent.start();
	await silent.until(id, ({ stages: [clone] }) => clone?.status === "running");
	await other.worker.start();
	await other.recover();
	const state = await other.until(id, ended);
	expect(await aborted).toMatchObject({ detail: "refused" });
	await idle(silent);
	expect(state.status).toBe("succeeded");
	expect(await other.state(id)).toEqual(state);
	expect(state.stages.map(({ attempts }) => attempts)).toEqual(attemptsOf("clone"));
});
