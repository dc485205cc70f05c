import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { AppError, type ErrorCode, errorCatalogue, errorCodes } from "#lib/errors.ts";
import { agentOfStage, agents, type EventOf, isTerminal, type Stage, type StreamEvent, stages, succeeded } from "#lib/protocol/index.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { done, type Performance, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";

let database: TestDatabase;
let pipeline: TestPipeline;
/** What the running test makes of each stage. */
let perform: Performance;

beforeAll(async () => {
	database = await startTestDatabase();
	pipeline = await startTestPipeline(database, (stage, work) => perform(stage, work));
});
afterAll(async () => {
	await pipeline.stop();
	await database.stop();
});

async function deploy(performance: Performance): Promise<{ state: DeploymentState; events: StreamEvent[] }> {
	perform = performance;
	const id = await pipeline.start();
	const state = await pipeline.until(id, ({ status }) => isTerminal(status));
	const events = await pipeline.events(id);
	expect(foldAll(id, events)).toEqual(state);
	return { state, events };
}

const failsIn =
	(broken: Stage, fail: () => never | { ok: false; failure: { code: ErrorCode } }): Performance =>
	async (stage) =>
		stage === broken ? fail() : succeeded(done);

const stagesOf = (agent: string): Stage[] => stages.filter((stage) => agentOfStage[stage] === agent);
const isError = (event: StreamEvent): event is EventOf<"error"> => event.type === "error";

it("says that an agent works when each of its stages begins, and that it is done when its last one has ended (R176)", async () => {
	const { events } = await deploy(async () => succeeded(done));
	const told = events.flatMap((event) => {
		if (event.type === "stage_started" || event.type === "stage_completed") return [`${event.type} ${event.stage}`];
		return event.type === "agent_status" ? [`${event.agent_name} ${event.metadata.status}`] : [];
	});
	expect(told).toEqual(
		agents.flatMap((agent) => [
			...stagesOf(agent).flatMap((stage) => [`stage_started ${stage}`, `${agent} working`, `stage_completed ${stage}`]),
			`${agent} done`,
		]),
	);
});

describe("an error in a stage (R178)", () => {
	it.each(stages)("%s is on its agent's card, those who needed it are skipped with the reason, and it has a reference", async (stage) => {
		const { state, events } = await deploy(
			failsIn(stage, () => {
				throw new TypeError("cannot read properties of nothing");
			}),
		);
		const failed = agentOfStage[stage];
		const place = agents.indexOf(failed);
		expect(state.agents.map(({ status }) => status)).toEqual(
			agents.map((_, index) => (index < place ? "done" : index === place ? "failed" : "skipped")),
		);
		const { message, action } = errorCatalogue.internal;
		expect(state.agents[place]?.task).toBe(message);
		for (const agent of state.agents.slice(place + 1)) expect(agent.task).toBe(`Skipped, because ${failed} could not finish ${stage}.`);
		expect(state.stages.map(({ status }) => status)).toEqual(
			stages.map((_, index) => (index < stages.indexOf(stage) ? "succeeded" : index === stages.indexOf(stage) ? "failed" : "skipped")),
		);
		const shown = { code: "internal", message, action, reference: `ref-${pipeline.errors.length}` };
		expect(events.filter(isError)).toEqual([
			expect.objectContaining({
				stage,
				agent_name: failed,
				requires_ack: true,
				metadata: { error_type: "internal", error: expect.objectContaining(shown) },
			}),
		]);
		expect(JSON.stringify(events)).not.toContain("properties of nothing");
	});
});

describe("an error event names its class (R81)", () => {
	it.each(errorCodes)("%s, returned by an agent or thrown", async (code) => {
		const thrown = () => {
			throw new AppError(code, { detail: "for the log alone" });
		};
		for (const fail of [() => ({ ok: false as const, failure: { code } }), thrown]) {
			const { state, events } = await deploy(failsIn("clone", fail));
			// A database that is away is no reason to fail, before the stage has been tried again and again.
			const isTriedAgain = fail === thrown && code === "database_unavailable";
			const shown = isTriedAgain ? "attempts_exhausted" : code;
			const { message, action } = errorCatalogue[shown];
			const sentences = isTriedAgain ? { action } : { message, action };
			expect(events.filter(isError).map(({ metadata }) => metadata)).toEqual([
				{ error_type: shown, error: expect.objectContaining({ code: shown, ...sentences, reference: expect.stringMatching(/./) }) },
			]);
			expect(state).toMatchObject({ status: "failed", error: { code: shown } });
		}
	});
});
