import { expect, it } from "vitest";
import { fold } from "#lib/deployment/fold.ts";
import type { AgentStatus, StreamEvent } from "#lib/protocol/index.ts";
import { runningAt } from "./simulation.ts";

const { state } = runningAt("build");

const say = (status: AgentStatus, task: string, progress: number | null, seq = 1) =>
	fold(state, {
		...{ id: "e", stream: "s", deployment_id: "d", type: "agent_status", timestamp: "2026-06-01T00:00:00.000Z" },
		...{ seq: state.lastSeq + seq, agent_name: "Tester", stage: "build", content: "", requires_ack: false },
		metadata: { status, task, progress },
	} as StreamEvent).agents.find(({ name }) => name === "Tester");

it.each([0, 1, 100])("an agent has the status, the task and the progress it was last said to have: %d %% (R226, R227)", (progress) => {
	expect(say("working", "Building", progress)).toMatchObject({ status: "working", task: "Building", progress, finishedAt: null });
});

it("an agent that failed says so, with what it was at, and when (R228)", () => {
	expect(say("failed", "The build command failed.", null)).toMatchObject({
		status: "failed",
		task: "The build command failed.",
		finishedAt: "2026-06-01T00:00:00.000Z",
	});
});

it("others stay as they were", () => {
	const before = state.agents.filter(({ name }) => name !== "Tester");
	const after = fold(state, {
		...({
			seq: state.lastSeq + 1,
			type: "agent_status",
			timestamp: "",
			agent_name: "Tester",
			metadata: { status: "failed", task: "", progress: null },
		} as unknown as StreamEvent),
	});
	expect(after.agents.filter(({ name }) => name !== "Tester")).toEqual(before);
});
