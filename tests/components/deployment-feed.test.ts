import { expect, test } from "vitest";
import { createDeploymentFeed, type LiveDeployment } from "#components/live/deployment-feed.ts";
import { emptyState } from "#lib/deployment/state.ts";
import type { EventOf, StreamEvent } from "#lib/protocol/index.ts";
import { Simulation, startInput } from "../lib/deployment/simulation.ts";

/** A deployment through its clone stage, and the page that watches it from its first event on; time stands still. */
function watch() {
	const run = new Simulation();
	run.give(startInput);
	run.begin();
	run.give({ type: "complete", fence: run.fence, text: "Cloned web-shop, 214 files.", facts: { files: 214 }, output: {} });
	const later: (() => void)[] = [];
	const feed = createDeploymentFeed({
		initial: { ...emptyState(run.state.id), epoch: "e1", activity: null },
		lines: [],
		readLog: async () => {
			throw new Error("nobody looks at the log");
		},
		nextFrame() {},
		later: (work) => later.push(work),
	});
	const seen: LiveDeployment[] = [];
	feed.subscribe(() => seen.push(feed.current()));
	return { run, feed, seen, later };
}

test("each event is one change that is shown at once, no timer between (R30, R31)", () => {
	const { run, feed, seen } = watch();
	expect(run.events.length).toBeGreaterThan(4);
	for (const [index, event] of run.events.entries()) {
		feed.handlers.onEvents?.([event]);
		expect(seen).toHaveLength(index + 1);
		expect(seen.at(-1)).not.toBe(seen.at(-2));
		expect(seen.at(-1)?.state.lastSeq).toBe(event.seq);
	}
	expect(seen.at(-1)?.state).toEqual(run.state);
});

test("what is awaited is shown at once as well", () => {
	const { feed, seen } = watch();
	const activity = {
		deployment_id: "x",
		stage: null,
		agent_name: null,
		awaiting: "npm",
		since: "",
		last_output_at: null,
		ahead: null,
		at: "",
	};
	feed.handlers.onActivity?.(activity);
	expect(seen.map((one) => one.activity)).toEqual([activity]);
});

test("lines of the log alone wait for each other; the next state event takes them along", () => {
	const { run, feed, seen, later } = watch();
	for (const event of run.events) feed.handlers.onEvents?.([event]);
	const before = seen.length;
	const lines = (n: number): StreamEvent => {
		const line = { n, at: "2026-01-01T00:00:00.000Z", from: "stdout" as const, text: `line ${n}` };
		const log: EventOf<"log"> = {
			id: String(n).padStart(26, "0"),
			seq: run.events.length + n,
			stream: "deployment/x",
			deployment_id: "x",
			type: "log",
			timestamp: line.at,
			agent_name: null,
			stage: "analyze",
			content: "",
			metadata: { first: n, last: n, lines: [line] },
			requires_ack: false,
		};
		return log;
	};
	for (let n = 1; n <= 20; n++) feed.handlers.onEvents?.([lines(n)]);
	expect(seen).toHaveLength(before);
	expect(later).toHaveLength(1);
	later[0]?.();
	expect(seen).toHaveLength(before + 1);
	expect(seen.at(-1)?.state.logLines).toBe(20);
	expect(feed.current().log.at(20)?.text).toBe("line 20");
});
