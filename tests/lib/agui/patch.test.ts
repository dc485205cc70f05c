import type { HttpAgent } from "@ag-ui/client";
import fc from "fast-check";
import { expect, it } from "vitest";
import { patchOf } from "#lib/agui/patch.ts";
import { agentOf } from "#tests/support/agui.ts";

/** What the real client has after a snapshot and the patch to another value. */
async function patched(before: unknown, after: unknown): Promise<unknown> {
	const ids = { threadId: "thread", runId: "run" };
	const agent: HttpAgent = agentOf([
		{ type: "RUN_STARTED", ...ids },
		{ type: "STATE_SNAPSHOT", snapshot: before },
		{ type: "STATE_DELTA", delta: patchOf(before, after) },
		{ type: "RUN_FINISHED", ...ids },
	]);
	await agent.runAgent();
	return agent.state;
}

it("a patch leads from any object to any other", async () => {
	const value = fc.dictionary(fc.constantFrom("a", "b/c", "d~e"), fc.jsonValue({ maxDepth: 3 }), { noNullPrototype: true });
	await fc.assert(
		fc.asyncProperty(value, value, async (before, after) => {
			expect(await patched(before, after)).toEqual(JSON.parse(JSON.stringify(after)));
		}),
		{ numRuns: 50 },
	);
});

it("a patch holds what changed and nothing else", () => {
	const kept = { list: [1, 2], text: "same" };
	expect(patchOf({ kept, n: 1, items: ["a"] }, { kept, n: 2, items: ["a", "b"] })).toEqual([
		{ op: "replace", path: "/n", value: 2 },
		{ op: "add", path: "/items/1", value: "b" },
	]);
	expect(patchOf({ a: 1, gone: undefined }, { b: undefined })).toEqual([{ op: "remove", path: "/a" }]);
	expect(patchOf([1, 2], [1])).toEqual([{ op: "replace", path: "", value: [1] }]);
});
