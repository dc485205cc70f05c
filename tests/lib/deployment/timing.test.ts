import { describe, expect, it } from "vitest";
import { compareStates } from "#lib/deployment/compare.ts";
import { emptyState } from "#lib/deployment/state.ts";
import { spansOf, usualTimes } from "#lib/deployment/timing.ts";
import type { Stage, StreamEvent } from "#lib/protocol/index.ts";
import { failure, runningAt } from "./simulation.ts";

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function event(type: StreamEvent["type"], second: number, metadata: object = {}, stage: Stage | null = "build"): StreamEvent {
	return { type, timestamp: at(second), stage, metadata } as unknown as StreamEvent;
}
const begun = (second: number, attempt = 1) => event("stage_started", second, { attempt });
const phase = (second: number, name: string) => event("build_phase_started", second, { phase: name });

describe("the spans of a deployment", () => {
	it("are its stages with their phases, each ended by what came next", () => {
		const { spans } = spansOf([begun(0), phase(1, "install"), phase(4, "build"), event("stage_completed", 9, { skipped: false })]);
		expect(spans).toEqual([
			{
				stage: "build",
				attempt: 1,
				status: "succeeded",
				startedAt: at(0),
				finishedAt: at(9),
				phases: [
					{ phase: "install", startedAt: at(1), finishedAt: at(4) },
					{ phase: "build", startedAt: at(4), finishedAt: at(9) },
				],
			},
		]);
	});

	it("have each try of its own, also one that was cut off without a word, and one that goes on", () => {
		const { spans } = spansOf([begun(0), begun(5, 2), event("stage_failed", 7, { cancelled: false }), begun(8, 3), phase(9, "build")]);
		expect(spans.map(({ attempt, status, finishedAt }) => [attempt, status, finishedAt])).toEqual([
			[1, "failed", at(5)],
			[2, "failed", at(7)],
			[3, "running", null],
		]);
		expect(spans[2]?.phases).toEqual([{ phase: "build", startedAt: at(9), finishedAt: null }]);
	});

	it("leave out the times in which it was held, which are told apart", () => {
		const { holds } = spansOf([
			begun(0),
			event("stage_completed", 2, { skipped: false }),
			event("status", 2, { status: "paused" }, null),
			event("status", 60, { status: "queued" }, null),
			begun(61),
			event("deployment_completed", 62, { status: "cancelled" }, null),
		]);
		expect(holds).toEqual([{ status: "paused", startedAt: at(2), finishedAt: at(60) }]);
	});

	it("of what the pipeline really says end when it ends", () => {
		const simulation = runningAt("build");
		simulation.give({ type: "fail", fence: simulation.fence, failure });
		const { spans } = spansOf(simulation.events);
		expect(spans.map(({ stage }) => stage)).toEqual(["clone", "analyze", "plan", "write", "build"]);
		for (const span of spans.slice(0, 4)) expect(span).toMatchObject({ status: "succeeded", finishedAt: expect.any(String) });
	});
});

function took(buildMs: number | null, more: { reused?: boolean; queuedS?: number } = {}) {
	const state = emptyState("x");
	return {
		...state,
		queuedAt: at(0),
		startedAt: at(more.queuedS ?? 1),
		finishedAt: at(30),
		stages: state.stages.map((stage) =>
			stage.stage === "build" ? { ...stage, status: "succeeded" as const, durationMs: buildMs, reused: more.reused ?? false } : stage,
		),
	};
}

describe("what is usual", () => {
	const buildOf = (deployments: ReturnType<typeof took>[]) => usualTimes(deployments).stages.find(({ stage }) => stage === "build");

	it("is the middle, or what lies between the two in the middle", () => {
		expect(buildOf([took(9), took(1), took(5)])).toEqual({ stage: "build", count: 3, medianMs: 5 });
		expect(buildOf([took(1), took(4)])).toEqual({ stage: "build", count: 2, medianMs: 3 });
		expect(usualTimes([took(1, { queuedS: 2 }), took(1, { queuedS: 4 })])).toMatchObject({
			deployments: 2,
			queuedMs: 3000,
			workMs: 27_000,
		});
	});

	it("counts no stage that took over an earlier result, and is nothing where nothing was measured", () => {
		expect(buildOf([took(9), took(1, { reused: true }), took(null)])).toEqual({ stage: "build", count: 1, medianMs: 9 });
		expect(usualTimes([])).toMatchObject({ deployments: 0, queuedMs: null, workMs: null });
	});
});

describe("two deployments beside each other", () => {
	it("have their times, and every artifact that one of them made", () => {
		const artifact = (name: string, sha256: string) => ({ name, sha256, size: 1, mediaType: "text/plain" });
		const one = { ...took(5000), artifacts: [artifact("plan.json", "a"), artifact("report.md", "b")] };
		const other = { ...took(2000), artifacts: [artifact("plan.json", "c")] };
		const compared = compareStates(one, other);
		expect(compared.stages.find(({ stage }) => stage === "build")).toMatchObject({ one: { ms: 5000 }, other: { ms: 2000 } });
		expect(compared.artifacts).toEqual([
			{ name: "plan.json", one: { size: 1, sha256: "a" }, other: { size: 1, sha256: "c" } },
			{ name: "report.md", one: { size: 1, sha256: "b" }, other: null },
		]);
	});
});
