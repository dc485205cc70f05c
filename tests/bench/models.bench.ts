import { monitorEventLoopDelay } from "node:perf_hooks";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { streamText } from "ai";
import { ulid } from "ulid";
import { agents } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { type ModelServer, says, silent, startModelServer } from "../support/model-server.ts";
import { addProvider, ask, callOf, chooseModels, openTestGateway, testKey } from "../support/models.ts";
import { median, ms, say, sayDistribution } from "./figures.ts";

const rounds = 300;
const deployments = 20;
/** A window of the limits in the test of fairness: short, so that it sees several. */
const windowMs = 2000;
const perWindow = 20;

/** What the gateway adds to a call, how fairly many calls wait, and how fast one ends. */
export async function measure(): Promise<void> {
	const database = await startTestDatabase();
	const server = await startModelServer();
	try {
		await measureOverhead(database, server);
		await measureFairness(database, server);
		await measureCancel(database, server);
	} finally {
		await server.stop();
		await database.stop();
	}
}

async function measureOverhead(database: TestDatabase, server: ModelServer): Promise<void> {
	const gateway = await openTestGateway(database);
	await addProvider(gateway, "fake", { baseUrl: server.url, requestsPerMinute: 10_000, tokensPerMinute: 100_000_000 });
	await chooseModels(gateway, ["fake/m"]);
	server.reply(says(Array.from({ length: 20 }, () => "a few words ")));
	const model = createOpenAICompatible({ name: "bare", baseURL: server.url, apiKey: testKey, includeUsage: true })("m");
	const bare = async () => {
		const { stream } = streamText({ model, instructions: "You plan.", prompt: "Plan a landing page.", maxRetries: 0 });
		for await (const _ of stream);
	};
	const guarded = () => ask(gateway);
	const [without, through]: [number[], number[]] = [[], []];
	for (let round = -30; round < rounds; round++) {
		const [a, b] = [await timed(bare), await timed(guarded)];
		if (round < 0) continue;
		without.push(a);
		through.push(b);
	}
	sayDistribution("a bare call by the SDK", without);
	sayDistribution("the same through the gateway", through);
	say("gateway overhead, difference of the medians", ms(median(through) - median(without)), "≤ 5 ms");
	await gateway.stop();
}

async function measureFairness(database: TestDatabase, server: ModelServer): Promise<void> {
	const gateway = await openTestGateway(database, { windowMs });
	await addProvider(gateway, "slow", { baseUrl: server.url, requestsPerMinute: perWindow });
	await chooseModels(gateway, ["slow/m"]);
	server.reply(
		says(
			Array.from({ length: 40 }, () => "slowly "),
			{ everyMs: 20 },
		),
	);
	await waits("all at once", database, (ids) =>
		Promise.all(agents.flatMap((agent) => ids.map((deploymentId) => ask(gateway, { deploymentId, agent })))),
	);
	await waits("one agent after the other", database, (ids) =>
		Promise.all(
			ids.map(async (deploymentId) => {
				for (const agent of agents) await ask(gateway, { deploymentId, agent });
			}),
		),
	);
	await gateway.stop();
}

async function waits(how: string, { db }: TestDatabase, run: (ids: string[]) => Promise<unknown>): Promise<void> {
	const ids = Array.from({ length: deployments }, () => ulid());
	const delay = monitorEventLoopDelay({ resolution: 5 });
	delay.enable();
	await run(ids);
	delay.disable();
	const rows = await db
		.selectFrom("model_calls")
		.select(["deployment_id", "created_at", "granted_at"])
		.where("deployment_id", "in", ids)
		.execute();
	const totals = ids.map((id) =>
		rows
			.filter((row) => row.deployment_id === id)
			.reduce((sum, row) => sum + ((row.granted_at?.getTime() ?? 0) - row.created_at.getTime()), 0),
	);
	say(`5 agents × ${deployments} deployments, ${how}: loop delay p99`, ms(delay.percentile(99) / 1e6 - 5), "≤ 50 ms");
	say(`  wait of a deployment in all, least and most`, `${ms(Math.min(...totals))}, ${ms(Math.max(...totals))}`);
	say(`  fairness, most ÷ least`, (Math.max(...totals) / Math.min(...totals)).toFixed(2), "≤ 2");
}

async function measureCancel(database: TestDatabase, server: ModelServer): Promise<void> {
	const gateway = await openTestGateway(database);
	await addProvider(gateway, "mute", { baseUrl: server.url });
	await chooseModels(gateway, ["mute/m"]);
	server.reply(silent);
	const samples: number[] = [];
	for (let round = 0; round < 30; round++) {
		const controller = new AbortController();
		const before = server.requests.length;
		const running = gateway.run(callOf({ signal: controller.signal }));
		await server.asked(before + 1);
		samples.push(
			await timed(async () => {
				controller.abort();
				await server.requests[before]?.closed;
			}),
		);
		await running;
	}
	sayDistribution("cancel → the provider sees the connection end", samples, "≤ 100 ms");
	await gateway.stop();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
	const beganAt = performance.now();
	await work();
	return performance.now() - beganAt;
}
