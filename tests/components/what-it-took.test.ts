import { expect, it } from "vitest";
import { costOf, whatItTook } from "#components/deployments/what-it-took.ts";
import { metricsOf } from "#lib/deployment/metrics.ts";
import { type DeploymentState, emptyState, type StageState } from "#lib/deployment/state.ts";
import type { ModelUsage } from "#lib/protocol/index.ts";

const at = (second: number) => new Date(Date.UTC(2025, 10, 1, 12, 0, second)).toISOString();
const used: ModelUsage = {
	calls: 4,
	attempts: 5,
	cached: 0,
	tokens: { input: 12_000, output: 340 },
	costUsd: 0.03,
	durationMs: 9000,
	agents: [],
};
const unused: ModelUsage = { ...used, calls: 0, attempts: 0, tokens: { input: 0, output: 0 }, costUsd: 0, durationMs: 0 };

function ended(write: Partial<StageState> = {}): DeploymentState {
	const state = { ...emptyState("one"), queuedAt: at(0), startedAt: at(2), finishedAt: at(33) };
	return { ...state, stages: state.stages.map((stage) => (stage.stage === "write" ? { ...stage, ...write } : stage)) };
}

it("tells time, files and calls of models (R158)", () => {
	const state = ended({ status: "succeeded", facts: { files: 3, lines: 90 } });
	expect(metricsOf(state, used)).toEqual({ totalMs: 31_000, filesWritten: 3, models: used });
	expect(whatItTook(state, used)).toEqual(["Took 31 s", "3 files written", "4 calls of a model, 12,340 tokens"]);
	expect(costOf(used)).toEqual(["$0.03"]);
});

it("tells nothing that is not known, and nothing that was not done", () => {
	expect(metricsOf(emptyState("one"), unused)).toMatchObject({ totalMs: null, filesWritten: null });
	expect(whatItTook(emptyState("one"), null)).toEqual([]);
	expect(costOf(null)).toEqual([]);
	expect(metricsOf(ended({ status: "succeeded", reused: true, facts: { files: 3 } }), unused).filesWritten).toBe(0);
	expect(metricsOf(ended({ status: "failed", facts: { files: 3 } }), unused).filesWritten).toBeNull();
	expect(whatItTook(ended({ status: "skipped", facts: { files: 0 } }), unused)).toEqual(["Took 31 s"]);
	expect(costOf(unused)).toEqual(["No model was called"]);
});

it("says when nothing was answered, and when the price is not known", () => {
	expect(whatItTook(ended(), { ...unused, attempts: 1 })).toEqual(["Took 31 s", "1 call of a model without an answer"]);
	expect(costOf({ ...used, costUsd: null })).toEqual(["price not known"]);
});
