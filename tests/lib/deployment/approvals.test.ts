import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { pendingApproval } from "#lib/deployment/approvals.ts";
import { decide, nextStage } from "#lib/deployment/decide.ts";
import { foldAll } from "#lib/deployment/fold.ts";
import { retryStage, reusableStages } from "#lib/deployment/selectors.ts";
import { approvalPolicies, asksFor, isTerminal, type Metadata, planSchema, stages, strictest } from "#lib/protocol/index.ts";
import { ada, answerOf, failure, proposal, runningAt, Simulation, started, startInput } from "./simulation.ts";

/** Lets everything go well, and gives this answer to every question, until nothing follows. */
function finish(simulation: Simulation, decision: "approve" | "reject" | null = null): Simulation {
	for (let turn = 0; turn < 40 && !simulation.closed; turn++) {
		if (simulation.begin()) simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		else if (decision !== null) simulation.give(answerOf(simulation, decision));
	}
	return simulation;
}

const plan = planSchema.parse({
	...{ provider: "node", framework: "Express", summary: "Detected Express", kind: "process", directory: "", nodeVersion: "24" },
	...{ packageManager: "npm", install: null, build: null, test: null, start: ["node", "."], output: null, spaFallback: false },
	...{ healthPath: "/", confidence: 1, evidence: [], warnings: [], dockerfile: null },
});
const replanned: Metadata<"plan_generated"> = { plan, tasks: [{ id: "t", name: "Write" }], alternatives: [] };

describe("a deployment whose plan needs a person", () => {
	it("waits before anything is written, without a job, and says who is waited for", () => {
		const simulation = finish(started("plan"));
		const { state } = simulation;
		expect(state).toMatchObject({ status: "waiting", stage: "plan", finishedAt: null });
		expect(state.approvals).toMatchObject([{ id: "plan-1", kind: "plan", stage: "write", status: "pending", by: null }]);
		expect(state.stages.find(({ stage }) => stage === "write")?.status).toBe("waiting");
		expect(state.agents.find(({ name }) => name === "Developer")).toMatchObject({ status: "waiting" });
		expect(simulation.events.find(({ type }) => type === "approval_requested")).toMatchObject({ requires_ack: true, stage: "write" });
		expect(simulation.jobs.map(({ stage }) => stage)).toEqual(["clone", "analyze", "plan"]);
	});

	it("goes on once it is approved, and remembers who, when and why", () => {
		const simulation = finish(started("plan"));
		expect(simulation.give(answerOf(simulation, "approve", { note: "Looks right" }))).toBe(true);
		expect(simulation.state.approvals).toMatchObject([{ status: "approved", by: ada, note: "Looks right", edited: false }]);
		expect(simulation.state.approvals[0]?.answeredAt).not.toBeNull();
		expect(simulation.events.find(({ type }) => type === "approval_resolved")?.content).toBe("Ada approved the plan: Looks right.");
		expect(simulation.state.status).toBe("running");
		expect(finish(simulation).state.status).toBe("succeeded");
	});

	it("ends as cancelled once it is rejected, with the reason in plain words", () => {
		const simulation = finish(started("all"));
		simulation.give(answerOf(simulation, "reject", { note: "use pnpm" }));
		expect(simulation.state).toMatchObject({ status: "cancelled", error: null, approvals: [{ status: "rejected" }] });
		expect(simulation.events.at(-1)?.content).toBe("web-shop was not deployed: Ada rejected the plan: use pnpm.");
		expect(simulation.state.agents.map(({ status }) => status)).toEqual(["done", "done", "skipped", "skipped", "skipped"]);
		expect(simulation.closed).toBe(true);
		expect(retryStage(simulation.state)).toBe("plan");
	});

	it("takes the changed plan with the approval, in this order", () => {
		const simulation = finish(started("plan"));
		simulation.give(answerOf(simulation, "approve", { edit: { start: "node ." }, plan: replanned }));
		const types = simulation.events.map(({ type }) => type);
		expect(types.indexOf("approval_resolved")).toBeLessThan(types.lastIndexOf("plan_generated"));
		expect(simulation.state).toMatchObject({ plan, planEdit: { start: "node ." }, approvals: [{ status: "approved", edited: true }] });
		expect(simulation.jobs.at(-1)?.stage).toBe("write");
	});

	it.each([
		["a change without the plan that came of it", { edit: { start: "x" } }],
		["a change that comes with a rejection", { edit: { start: "x" }, plan: replanned, decision: "reject" as const }],
	])("refuses %s", (_, given) => {
		const simulation = finish(started("plan"));
		expect(decide(simulation.state, answerOf(simulation, "approve", given), simulation.now())).toEqual({
			ok: false,
			refused: "bad_request",
		});
	});
});

describe("answers", () => {
	it("the first one counts; the second is refused, also once the deployment has ended because of the first", () => {
		for (const first of ["approve", "reject"] as const) {
			const simulation = finish(started("deploy"));
			const late = answerOf(simulation, "approve");
			simulation.give(answerOf(simulation, first));
			expect(decide(simulation.state, late, simulation.now())).toEqual({ ok: false, refused: "already_answered" });
		}
	});

	it("to a question that was never asked are refused", () => {
		const simulation = runningAt("build");
		expect(decide(simulation.state, answerOf(simulation, "approve"), simulation.now())).toEqual({ ok: false, refused: "not_found" });
	});

	it("to a question that was withdrawn by a cancel are refused", () => {
		const simulation = finish(started("deploy"));
		const late = answerOf(simulation, "approve");
		simulation.give({ type: "cancel", by: "u" });
		expect(simulation.state).toMatchObject({ status: "cancelled", approvals: [{ status: "withdrawn" }] });
		expect(decide(simulation.state, late, simulation.now())).toEqual({ ok: false, refused: "already_finished" });
	});
});

describe("pause while a person is asked", () => {
	it("keeps the question; an answer is kept until it is resumed", () => {
		const simulation = finish(started("deploy"));
		simulation.give({ type: "pause", by: "u" });
		expect(simulation.state.status).toBe("paused");
		simulation.give({ type: "resume", by: "u" });
		expect(simulation.state.status).toBe("waiting");
		simulation.give({ type: "pause", by: "u" });
		const jobs = simulation.jobs.length;
		simulation.give(answerOf(simulation, "approve"));
		expect(simulation.state.status).toBe("paused");
		expect(simulation.jobs).toHaveLength(jobs);
		simulation.give({ type: "resume", by: "u" });
		expect(finish(simulation).state.status).toBe("succeeded");
	});

	it("that was asked for before the question comes first; the question comes with the resume", () => {
		const simulation = runningAt("test", "deploy");
		simulation.give({ type: "pause", by: "u" });
		simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		expect(simulation.state).toMatchObject({ status: "paused", approvals: [] });
		simulation.give({ type: "resume", by: "u" });
		expect(simulation.state).toMatchObject({ status: "waiting", approvals: [{ kind: "deploy", status: "pending" }] });
	});
});

describe("what was approved", () => {
	it("stays approved when the attempt behind it is lost", () => {
		const simulation = finish(started("deploy"));
		simulation.give(answerOf(simulation, "approve"));
		simulation.begin();
		simulation.give({ type: "lose", fence: simulation.fence, processes: 0, reference: "r" });
		expect(simulation.begin()).toBe(true);
		expect(simulation.state.stage).toBe("deploy");
	});

	it("must be approved again once an earlier stage was done anew", () => {
		const simulation = finish(started("deploy"));
		simulation.give(answerOf(simulation, "approve"));
		const again = {
			...simulation.state,
			stages: simulation.state.stages.map((one) => (one.stage === "build" ? { ...one, status: "pending" as const } : one)),
		};
		simulation.state = again;
		simulation.jobs = [{ stage: "build", fence: again.fence + 1 }];
		expect(simulation.begin()).toBe(true);
		expect(simulation.state.approvals).toMatchObject([{ kind: "deploy", status: "superseded" }]);
		expect(
			decide(
				{ ...simulation.state, stages: again.stages.map((one) => ({ ...one, status: one.stage === "deploy" ? "pending" : "succeeded" })) },
				{ type: "begin", stage: "deploy", fence: simulation.state.fence + 1, node: "n", text: "" },
				simulation.now(),
			),
		).toEqual({ ok: false, refused: "conflict" });
	});

	it("is asked again by a retry, which reuses what was finished before", () => {
		const failing = finish(started("deploy"));
		failing.give(answerOf(failing, "approve"));
		failing.begin();
		failing.give({ type: "fail", fence: failing.fence, failure });
		const retry = new Simulation();
		const metadata = { ...startInput.metadata, approvals: failing.state.approvalPolicy };
		retry.give({ ...startInput, metadata, reuse: { stages: reusableStages(failing.state, "deploy"), plan: null, artifacts: [] } });
		expect(retry.state).toMatchObject({ status: "waiting", startedAt: null, approvals: [{ kind: "deploy", status: "pending" }] });
		expect(retry.jobs).toEqual([]);
		retry.give(answerOf(retry, "approve"));
		expect(retry.state.status).toBe("queued");
		expect(retry.jobs).toEqual([{ stage: "deploy", fence: 1 }]);
	});

	it("is asked by a retry that would only lead visitors over to a release that is there", () => {
		const done = finish(started("deploy"), "approve");
		const retry = new Simulation();
		const metadata = { ...startInput.metadata, approvals: done.state.approvalPolicy };
		retry.give({ ...startInput, metadata, reuse: { stages: reusableStages(done.state, "verify"), plan: null, artifacts: [] } });
		expect(retry.state).toMatchObject({ status: "waiting", approvals: [{ kind: "deploy", stage: "verify", status: "pending" }] });
		expect(retry.jobs).toEqual([]);
		retry.give(answerOf(retry, "approve"));
		expect(retry.jobs).toEqual([{ stage: "verify", fence: 1 }]);
	});
});

test("policies together ask for all that any of them asks for", () => {
	for (const one of approvalPolicies)
		for (const other of approvalPolicies)
			for (const kind of ["plan", "deploy"] as const)
				expect(asksFor(strictest(one, other), kind)).toBe(asksFor(one, kind) || asksFor(other, kind));
});

const act = fc.oneof(
	// A whole stage at once, so that many of them come as far as to ask.
	{ weight: 12, arbitrary: fc.constantFrom("stage", "stage", "begin", "complete") },
	{ weight: 5, arbitrary: fc.constantFrom("approve", "approve", "edit", "resume") },
	fc.constantFrom("fail", "propose", "stopped", "lose", "cancel", "pause", "reject", "stale answer"),
	// Whoever asks for a stage, whatever it is.
	{ weight: 2, arbitrary: fc.constantFrom(...stages).map((stage) => `begin ${stage}`) },
);

function play(policy: (typeof approvalPolicies)[number], acts: readonly string[]): Simulation {
	const simulation = started(policy);
	for (const name of acts) {
		const { fence, state } = simulation;
		if (name === "stage" && simulation.begin())
			simulation.give({ type: "complete", fence: simulation.fence, text: "Done.", facts: {}, output: {} });
		else if (name === "stage" || name === "begin") simulation.begin();
		else if (name.startsWith("begin "))
			simulation.give({
				type: "begin",
				stage: name.slice(6) as (typeof stages)[number],
				fence: state.fence + 1,
				node: "n",
				text: "Begins.",
			});
		else if (name === "complete") simulation.give({ type: "complete", fence, text: "Done.", facts: {}, output: {} });
		else if (name === "fail") simulation.give({ type: "fail", fence, failure });
		else if (name === "propose") {
			// Before the plan there is nothing to repair, and it would only fail.
			const line = name[fence % 7] ?? "";
			const failing = { ...failure, lines: [line], decisive: 0 };
			if (state.stages[2]?.status === "succeeded")
				simulation.give({ type: "fail", fence, failure: failing, fix: proposal(fence), ask: true });
		} else if (name === "stopped") simulation.give({ type: "stopped", fence, processes: 0, tookMs: 1 });
		else if (name === "lose") simulation.give({ type: "lose", fence, processes: 0, reference: "r" });
		else if (name === "cancel" || name === "pause" || name === "resume") simulation.give({ type: name, by: "u" });
		else if (name === "approve" || name === "reject") simulation.give(answerOf(simulation, name));
		else if (name === "edit") simulation.give(answerOf(simulation, "approve", { edit: { start: "node ." }, plan: replanned }));
		else simulation.give(answerOf(simulation, "approve", { approval: "plan-99" }));
	}
	return simulation;
}

const playing = fc.tuple(fc.constantFrom(...approvalPolicies), fc.array(act, { maxLength: 80, size: "max" }));

describe("whatever happens", () => {
	it("no stage begins that a person had to allow and did not (Deployer and Developer)", () => {
		let passed = 0;
		fc.assert(
			fc.property(playing, ([policy, acts]) => {
				const { events } = play(policy, acts);
				for (const [index, event] of events.entries()) {
					if (event.type !== "stage_started") continue;
					const kind = event.stage === "write" ? "plan" : event.stage === "deploy" ? "deploy" : null;
					if (kind === null || !asksFor(policy, kind)) continue;
					const allowed = events
						.slice(0, index)
						.some(({ type, metadata }) => type === "approval_resolved" && metadata.kind === kind && metadata.decision === "approve");
					expect(allowed).toBe(true);
					passed++;
				}
			}),
			{ numRuns: 1000 },
		);
		expect(passed).toBeGreaterThan(100);
	});

	it("at most one question waits, nothing runs meanwhile, and no job for it is accepted", () => {
		fc.assert(
			fc.property(playing, ([policy, acts]) => {
				const simulation = play(policy, acts);
				const { state } = simulation;
				const pending = state.approvals.filter(({ status }) => status === "pending");
				expect(pending.length).toBeLessThanOrEqual(1);
				expect(new Set(state.approvals.map(({ id }) => id)).size).toBe(state.approvals.length);
				expect(state.stages.filter(({ status }) => status === "waiting")).toHaveLength(pending.length);
				if (state.status === "waiting") expect(pending).toHaveLength(1);
				if (isTerminal(state.status)) expect(pending).toEqual([]);
				if (pending.length === 0) return;
				expect(state.stages.some(({ status }) => status === "running")).toBe(false);
				expect(simulation.begin()).toBe(false);
			}),
			{ numRuns: 500 },
		);
	});

	it("an open deployment runs, is paused, waits for a person, or has a job that will be accepted", () => {
		fc.assert(
			fc.property(playing, ([policy, acts]) => {
				const simulation = play(policy, acts);
				const { state } = simulation;
				if (isTerminal(state.status) || state.status === "paused" || state.stages.some(({ status }) => status === "running")) return;
				expect(nextStage(state)).not.toBeNull();
				if (pendingApproval(state)) expect(state.status).toBe("waiting");
				else expect(simulation.begin()).toBe(true);
			}),
			{ numRuns: 500 },
		);
	});

	it("every deployment can be ended, and the fold of the log is the state", () => {
		fc.assert(
			fc.property(playing, ([policy, acts]) => {
				const simulation = play(policy, acts);
				simulation.give({ type: "cancel", by: "u" });
				simulation.give({ type: "stopped", fence: simulation.fence, processes: 0, tookMs: 0 });
				expect(isTerminal(simulation.state.status)).toBe(true);
				expect(simulation.state.stages.some(({ status }) => status === "pending" || status === "waiting")).toBe(false);
				expect(foldAll(simulation.state.id, [...simulation.events, ...simulation.events])).toEqual(simulation.state);
			}),
			{ numRuns: 300 },
		);
	});
});
