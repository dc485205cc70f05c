import { ulid } from "ulid";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import { earlierDeployments } from "#server/pipeline/earlier.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addProject } from "../targets/local-machine.ts";

let database: TestDatabase;
let project: { id: string; slug: string };
beforeAll(async () => {
	database = await startTestDatabase();
	project = await addProject(database.db, "tides");
}, 60_000);
afterAll(() => database.stop());

let number = 0;
/** A deployment that was made from a brief and these messages. */
async function add(messages: string[]): Promise<DeploymentState> {
	const id = ulid(Date.UTC(2026, 0, 1) + ++number);
	const source = { type: "brief" as const, url: "brief:tides", ref: null, directory: null, private: false };
	const state: DeploymentState = {
		...emptyState(id),
		project: { ...project, name: "tides" },
		number,
		source: { ...source, brief: { text: "It's a page", messages } },
	};
	const row = { project_id: project.id, owner_id: "ada", number, status: state.status, text: "", created_at: new Date() };
	await database.db
		.insertInto("deployments")
		.values({ ...row, id, state: JSON.stringify(state), finished_at: null })
		.execute();
	return state;
}

it("finds deployments made from the same words, newest first, however long ago that was", async () => {
	const first = await add([]);
	const blue = await add(['"blue", please']);
	const undone = await add([]);
	for (let n = 0; n < 6; n++) await add(["red", String(n)]);
	const last = await add(["last"]);
	const found = async (only?: Parameters<typeof earlierDeployments>[2]) =>
		(await earlierDeployments(database.db, last, only)).map(({ number }) => number);
	expect(await found()).toEqual([9, 8, 7, 6, 5]);
	expect(await found({ brief: { text: "It's a page", messages: [] } })).toEqual([undone.number, first.number]);
	expect(await found({ brief: { text: "It's a page", messages: ['"blue", please'] } })).toEqual([blue.number]);
	expect(await found({ brief: { text: "Another page", messages: [] } })).toEqual([]);
	expect(await found({ id: first.id })).toEqual([first.number]);
	expect(await found({ id: last.id })).toEqual([]);
});
