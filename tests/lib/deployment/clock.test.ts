import { expect, test } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { eventSchema } from "#lib/protocol/index.ts";
import { failure, runningAt } from "./simulation.ts";

test("a deployment over which the clock was set back ends with valid events, and no time below nothing", () => {
	const running = runningAt("build");
	running.now = () => new Date(Date.UTC(2025, 0, 1)).toISOString();
	expect(running.give({ type: "fail", fence: running.fence, failure })).toBe(true);
	const [last] = running.events.slice(-1);
	expect(last).toMatchObject({ type: "deployment_completed", metadata: { status: "failed", duration_ms: 0 } });
	for (const event of running.events) expect(eventSchema.safeParse({ ...event, id: "01J00000000000000000000000" }).error).toBeUndefined();
	expect(foldAll(running.state.id, running.events).status).toBe("failed");
});
