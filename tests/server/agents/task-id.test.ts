import { expect, it } from "vitest";
import { newTaskId } from "#server/agents/task-id.ts";

it("10,000 tasks have 10,000 ULIDs that sort in the order in which they were made (R141)", () => {
	const ids = Array.from({ length: 10_000 }, newTaskId);
	expect(new Set(ids).size).toBe(10_000);
	expect(ids.toSorted()).toEqual(ids);
	for (const id of ids) expect(id).toMatch(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});
