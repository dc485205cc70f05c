import { describe, expect, it } from "vitest";
import { fingerprintOf, fixedMemoryMb, maxFixes } from "#lib/deployment/fixes.ts";
import { foldAll } from "#lib/deployment/fold.ts";
import type { Failure } from "#lib/protocol/index.ts";
import { ada, answerOf, failure, proposal, runningAt, Simulation, startInput } from "./simulation.ts";

/** A failure that differs from others by the line that decided. */
const failureOf = (line: string): Failure => ({ ...failure, cause: "script_missing", lines: [line], decisive: 0 });

function failWith(simulation: Simulation, line: string, n = 1): void {
	simulation.give({ type: "fail", fence: simulation.fence, failure: failureOf(line), fix: proposal(n) });
}

/** Completes stages until `stage` runs again. */
function goOn(simulation: Simulation, stage: string): void {
	simulation.begin();
	while (simulation.state.stage !== stage) {
		simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		simulation.begin();
	}
}

describe("a failure that a rule can repair", () => {
	it.each(["build", "test", "verify"])("in %s is not the end: the same deployment goes on from the plan, with higher fences", (stage) => {
		const simulation = runningAt(stage);
		const before = simulation.fence;
		const { progress } = simulation.state;
		failWith(simulation, "Missing script");
		const { state } = simulation;
		expect(state).toMatchObject({ status: "running", error: null, progress });
		expect(state.stages.map(({ status }) => status)).toEqual(["succeeded", "succeeded", ...Array(6).fill("pending")]);
		expect(state.fixes).toMatchObject([{ number: 1, stage, cause: "script_missing", status: "applied", kept_from: null }]);
		expect(state.agents.find(({ name }) => name === "Developer")).toMatchObject({
			status: "waiting",
			task: "Repaired: Build with another script. Trying again from the plan.",
		});
		expect(simulation.jobs.at(-1)).toEqual({ stage: "plan", fence: before + 1 });
		goOn(simulation, "verify");
		simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		expect(simulation.state).toMatchObject({ status: "succeeded", progress: 100, error: null });
		expect(foldAll(simulation.state.id, simulation.events)).toEqual(simulation.state);
	});

	it("forgets what the stages before the repair have made", () => {
		const simulation = runningAt("deploy");
		simulation.give({ type: "complete", fence: simulation.fence, text: "Released.", facts: { size: "1 MB" }, output: { release: "r" } });
		simulation.begin();
		failWith(simulation, "No answer");
		expect(simulation.state.stages.find(({ stage }) => stage === "deploy")).toMatchObject({ output: {}, facts: {}, attempts: 1 });
	});

	it.each([
		["goes on", "running"],
		["was paused", "paused"],
	])("leaves nobody at work before their stage begins, in a deployment that %s", (_, status) => {
		const simulation = runningAt("build");
		const degraded = { code: "internal" as const, message: "No answer.", sentence: "One moment." };
		const metadata = { status: "done" as const, task: "Planned.", progress: 100, degraded };
		simulation.tell({ type: "agent_status", agent_name: "Architect", content: "", metadata });
		if (status === "paused") simulation.give({ type: "pause", by: "u" });
		failWith(simulation, "Missing script");
		expect(simulation.state.status).toBe(status);
		expect(simulation.state.agents.map((agent) => agent.status)).toEqual(["done", "waiting", "waiting", "waiting", "idle"]);
		expect(simulation.state.agents[1]).toMatchObject({ degraded: null, finishedAt: null, response: null });
		simulation.give({ type: "cancel", by: "u" });
		expect(simulation.state.agents.map((agent) => agent.status)).toEqual(["done", ...Array(4).fill("skipped")]);
	});

	it("is the end when it comes again after its repair, and says so plainly", () => {
		const simulation = runningAt("build");
		failWith(simulation, "Missing script 3");
		goOn(simulation, "build");
		failWith(simulation, "Missing script 4", 2);
		expect(simulation.state).toMatchObject({
			status: "failed",
			error: {
				message: "The build command failed. The repair “Build with another script” did not help: the same error came again.",
			},
		});
		expect(simulation.state.fixes).toHaveLength(1);
	});

	it(`is the end after ${maxFixes} repairs`, () => {
		const simulation = runningAt("build");
		for (let n = 1; n <= maxFixes; n++) {
			failWith(simulation, `Missing script ${"abc"[n - 1]}`, n);
			goOn(simulation, "build");
		}
		failWith(simulation, "Missing script z", 9);
		expect(simulation.state).toMatchObject({
			status: "failed",
			error: { message: "The build command failed. 3 repairs were tried, and it failed again." },
		});
	});

	it("is not repaired once somebody has asked to cancel", () => {
		const simulation = runningAt("build");
		simulation.give({ type: "cancel", by: "u" });
		failWith(simulation, "Missing script");
		expect(simulation.state).toMatchObject({ status: "failed", fixes: [] });
	});

	it("waits where somebody has asked for a pause, and goes on from the plan", () => {
		const simulation = runningAt("build");
		simulation.give({ type: "pause", by: "u" });
		failWith(simulation, "Missing script");
		expect(simulation.state.status).toBe("paused");
		simulation.give({ type: "resume", by: "u" });
		expect(simulation.begin()).toBe(true);
		expect(simulation.state.stage).toBe("plan");
	});
});

describe("a repair that a person has to allow", () => {
	function asked(): Simulation {
		const simulation = runningAt("build");
		simulation.give({ type: "fail", fence: simulation.fence, failure: failureOf("Missing script"), fix: proposal(1), ask: true });
		return simulation;
	}

	it("waits without a job at the stage that failed, and shows what would be done", () => {
		const simulation = asked();
		expect(simulation.state).toMatchObject({
			status: "waiting",
			fixes: [{ status: "proposed" }],
			approvals: [{ id: "fix-1", kind: "fix", stage: "build", status: "pending" }],
		});
		expect(simulation.begin()).toBe(false);
	});

	it("is applied once it is allowed, and remembers by whom", () => {
		const simulation = asked();
		simulation.give(answerOf(simulation, "approve"));
		expect(simulation.state).toMatchObject({ status: "running", fixes: [{ status: "applied" }] });
		expect(simulation.events.find(({ type }) => type === "fix_applied")).toMatchObject({ metadata: { by: ada.id } });
		goOn(simulation, "build");
		expect(simulation.state.stage).toBe("build");
	});

	it("leaves the failure as it was when it is rejected", () => {
		const simulation = asked();
		simulation.give(answerOf(simulation, "reject"));
		expect(simulation.state).toMatchObject({
			status: "failed",
			error: { message: "The build command failed.", cause: "script_missing" },
			fixes: [{ status: "declined" }],
		});
		expect(simulation.state.stages.find(({ stage }) => stage === "build")).toMatchObject({ status: "failed" });
		expect(simulation.closed).toBe(true);
	});
});

it("a retry goes on with the repairs its results were made with, and they do not count against it", () => {
	const simulation = runningAt("build");
	failWith(simulation, "Missing script");
	goOn(simulation, "deploy");
	simulation.give({ type: "fail", fence: simulation.fence, failure });
	const { stages, fixes } = simulation.state;
	const retry = new Simulation();
	const kept = fixes.map(({ status: _, ...fix }) => ({ ...fix, kept_from: 1 }));
	retry.give({ ...startInput, reuse: { stages: stages.slice(0, 4), plan: null, artifacts: [], fixes: kept } });
	expect(retry.state.fixes).toMatchObject([{ status: "applied", kept_from: 1 }]);
	expect(retry.jobs).toEqual([{ stage: "build", fence: 1 }]);
	expect(retry.state.stages.map(({ status }) => status).slice(0, 5)).toEqual([...Array(4).fill("succeeded"), "pending"]);
	retry.begin();
	failWith(retry, "Missing script", 2);
	expect(retry.state.fixes).toHaveLength(2);
});

describe("a failure's fingerprint", () => {
	it("is the same whatever the figures are, and another for another line, cause or stage", () => {
		const print = fingerprintOf("build", failureOf("took 31 ms, pid 4711"));
		expect(fingerprintOf("build", failureOf("took 7 ms,  pid 12"))).toBe(print);
		const others = [
			fingerprintOf("test", failureOf("took 31 ms, pid 4711")),
			fingerprintOf("build", failureOf("Missing script")),
			fingerprintOf("build", { ...failureOf("took 31 ms, pid 4711"), cause: "lockfile_outdated" }),
		];
		expect(new Set([print, ...others]).size).toBe(4);
	});

	it("stays small", () => {
		expect(fingerprintOf("build", { ...failureOf("x".repeat(5000)), command: "y".repeat(5000) }).length).toBeLessThanOrEqual(600);
	});
});

it("a repair of the memory counts until the end of the deployment", () => {
	const simulation = runningAt("build");
	expect(fixedMemoryMb(simulation.state)).toBeNull();
	simulation.give({ type: "fail", fence: simulation.fence, failure, fix: { ...proposal(1), files: [], build_memory_mb: 512 } });
	expect(fixedMemoryMb(simulation.state)).toBe(512);
});
