import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, maxAttempts, nextStage } from "#lib/deployment/decide.ts";
import { foldAll } from "#lib/deployment/fold.ts";
import { retryStage, reusableStages } from "#lib/deployment/selectors.ts";
import { agentOfStage, isTerminal, stages } from "#lib/protocol/index.ts";
import { failure, proposal, runningAt, Simulation, started, startInput } from "./simulation.ts";

describe("a deployment that goes well", () => {
	it("runs eight stages in order and ends live at 100 %", () => {
		const simulation = started();
		const order: string[] = [];
		while (simulation.begin()) {
			order.push(simulation.state.stage ?? "");
			simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		}
		expect(order).toEqual([...stages]);
		expect(simulation.state).toMatchObject({ status: "succeeded", progress: 100 });
		expect(simulation.state.agents.map(({ status }) => status)).toEqual(["done", "done", "done", "done", "done"]);
		expect(simulation.closed).toBe(true);
	});

	it("lets each agent say what it does before it answers (R99)", () => {
		const simulation = started();
		while (simulation.begin()) simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		for (const name of new Set(Object.values(agentOfStage))) {
			const types = simulation.events.filter(({ agent_name }) => agent_name === name).map(({ type }) => type);
			expect(types.indexOf("agent_status")).toBeLessThan(types.indexOf("agent_response"));
			expect(types.filter((type) => type === "agent_response")).toHaveLength(1);
		}
	});
});

describe("a deployment that fails", () => {
	it("skips the agents that never got their turn, with a reason, and closes the stream", () => {
		const simulation = runningAt("build");
		simulation.give({ type: "fail", fence: simulation.fence, failure });
		expect(simulation.state).toMatchObject({ status: "failed", error: failure });
		expect(simulation.state.agents.at(-1)).toMatchObject({
			name: "Deployer",
			status: "skipped",
			task: "Skipped, because Tester could not finish build.",
		});
		expect(simulation.state.stages.map(({ status }) => status).slice(4)).toEqual(["failed", "skipped", "skipped", "skipped"]);
		expect(simulation.closed).toBe(true);
	});

	it("is retried from the failed stage with what was recorded before it", () => {
		const failing = runningAt("build");
		failing.give({ type: "fail", fence: failing.fence, failure });
		const from = retryStage(failing.state);
		const retry = new Simulation();
		retry.give({ ...startInput, reuse: { stages: reusableStages(failing.state, from), plan: null, artifacts: [] } });
		expect(retry.jobs).toEqual([{ stage: "build", fence: 1 }]);
		expect(retry.state.stages.filter(({ reused }) => reused).map(({ stage }) => stage)).toEqual(["clone", "analyze", "plan", "write"]);
		expect(retry.state.status).toBe("queued");
	});

	it("is retried from the release when the preview did not answer, so that a variable added since then reaches the app", () => {
		const failing = runningAt("verify");
		failing.give({ type: "fail", fence: failing.fence, failure });
		expect(retryStage(failing.state)).toBe("deploy");
	});
});

describe("fences", () => {
	it("refuse an attempt that was replaced", () => {
		const simulation = runningAt("build");
		const old = simulation.fence;
		simulation.give({ type: "lose", fence: old, processes: 0, reference: "r" });
		simulation.begin();
		expect(decide(simulation.state, { type: "complete", fence: old, text: "", facts: {}, output: {} }, simulation.now())).toEqual({
			ok: false,
			refused: "stale_attempt",
		});
	});

	it("refuse a job that is delivered twice", () => {
		const simulation = started();
		expect(simulation.begin()).toBe(true);
		expect(simulation.begin()).toBe(false);
	});
});

it("gives up on a stage that takes its node down every time", () => {
	const simulation = started();
	let tries = 0;
	while (simulation.begin()) {
		tries++;
		simulation.give({ type: "lose", fence: simulation.fence, processes: 0, reference: "r" });
	}
	expect(tries).toBe(maxAttempts);
	expect(simulation.state).toMatchObject({ status: "failed", error: { code: "attempts_exhausted" } });
});

describe("cancel", () => {
	it("ends a queued deployment at once", () => {
		const simulation = started();
		simulation.give({ type: "cancel", by: "u" });
		expect(simulation.state.status).toBe("cancelled");
	});

	it("ends a running one only with the proof of its worker", () => {
		const simulation = runningAt("build");
		simulation.give({ type: "cancel", by: "u" });
		expect(simulation.state).toMatchObject({ status: "running", cancelRequestedBy: "u" });
		simulation.give({ type: "stopped", fence: simulation.fence, processes: 3, tookMs: 400 });
		expect(simulation.state).toMatchObject({ status: "cancelled", stoppedProcesses: 3 });
		expect(simulation.state.stages[4]?.text).toBe("Stopped 3 processes in 0.4 s; nothing is left running.");
	});

	it("is refused once the deployment has ended", () => {
		const simulation = started();
		simulation.give({ type: "cancel", by: "u" });
		expect(simulation.give({ type: "cancel", by: "u" })).toBe(false);
	});
});

describe("pause", () => {
	it("takes effect after the running stage and goes on where it stopped", () => {
		const simulation = runningAt("plan");
		simulation.give({ type: "pause", by: "u" });
		simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		expect(simulation.state.status).toBe("paused");
		expect(simulation.begin()).toBe(false);
		simulation.give({ type: "resume", by: "u" });
		expect(simulation.begin()).toBe(true);
		expect(simulation.state.stage).toBe("write");
	});
});

const action = fc.constantFrom(
	"begin",
	"begin",
	"complete",
	"complete",
	"fail",
	"repair",
	"repair",
	"stopped",
	"lose",
	"cancel",
	"pause",
	"resume",
	"stale",
	"twice",
);

function play(actions: readonly string[]): Simulation {
	const simulation = started();
	for (const name of actions) {
		const { fence } = simulation;
		const closed = simulation.closed;
		const before = simulation.events.length;
		if (name === "begin" || name === "twice") simulation.begin();
		else if (name === "complete") simulation.give({ type: "complete", fence, text: "Done.", facts: {}, output: {} });
		else if (name === "fail") simulation.give({ type: "fail", fence, failure });
		else if (name === "repair") simulation.give({ type: "fail", fence, failure: { ...failure, exit_code: fence }, fix: proposal(fence) });
		else if (name === "stopped") simulation.give({ type: "stopped", fence, processes: 2, tookMs: 10 });
		else if (name === "lose") simulation.give({ type: "lose", fence, processes: 0, reference: "r" });
		else if (name === "stale") simulation.give({ type: "complete", fence: fence - 1, text: "Done.", facts: {}, output: {} });
		else if (name === "cancel") simulation.give({ type: "cancel", by: "u" });
		else if (name === "pause") simulation.give({ type: "pause", by: "u" });
		else simulation.give({ type: "resume", by: "u" });
		if (closed) expect(simulation.events.length).toBe(before);
	}
	return simulation;
}

describe("whatever happens", () => {
	it("no state is impossible", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
				const { state, closed } = play(actions);
				const running = state.stages.filter(({ status }) => status === "running");
				expect(running.length).toBeLessThanOrEqual(1);
				expect(closed).toBe(isTerminal(state.status));
				if (isTerminal(state.status)) {
					expect(running).toEqual([]);
					expect(state.stages.filter(({ status }) => status === "pending")).toEqual([]);
					expect(state.agents.filter(({ status }) => status === "working" || status === "waiting" || status === "thinking")).toEqual([]);
					expect(state.finishedAt).not.toBeNull();
				}
				if (state.status === "succeeded") expect(state.stages.every(({ status }) => status === "succeeded")).toBe(true);
				if (state.status === "failed") expect(state.error).not.toBeNull();
				if (state.status !== "succeeded") expect(state.progress).toBeLessThan(100);
				const done = state.stages.map(({ status }) => status === "succeeded");
				expect(done.lastIndexOf(true)).toBe(done.indexOf(false) === -1 ? done.length - 1 : done.indexOf(false) - 1);
			}),
			{ numRuns: 500 },
		);
	});

	it("every deployment can be ended", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 60 }), fc.boolean(), (actions, lost) => {
				const simulation = play(actions);
				simulation.give({ type: "cancel", by: "u" });
				if (lost) simulation.give({ type: "lose", fence: simulation.fence, processes: 0, reference: "r" });
				else simulation.give({ type: "stopped", fence: simulation.fence, processes: 0, tookMs: 0 });
				expect(isTerminal(simulation.state.status)).toBe(true);
			}),
			{ numRuns: 500 },
		);
	});

	it("an open deployment either runs, is paused, or has a job that will be accepted", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
				const simulation = play(actions);
				const { state } = simulation;
				if (isTerminal(state.status) || state.status === "paused" || state.stages.some(({ status }) => status === "running")) return;
				expect(nextStage(state)).not.toBeNull();
				expect(simulation.begin()).toBe(true);
			}),
			{ numRuns: 500 },
		);
	});

	it("progress never goes down, fences never repeat, and the fold of the log is the state", () => {
		fc.assert(
			fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
				const simulation = play(actions);
				const fences = simulation.events.flatMap((event) => (event.type === "stage_started" ? [event.metadata.fence] : []));
				expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
				let last = 0;
				for (let n = 1; n <= simulation.events.length; n++) {
					const { progress } = foldAll(simulation.state.id, simulation.events.slice(0, n));
					expect(progress).toBeGreaterThanOrEqual(last);
					last = progress;
				}
				expect(foldAll(simulation.state.id, [...simulation.events, ...simulation.events])).toEqual(simulation.state);
			}),
			{ numRuns: 100 },
		);
	});
});
