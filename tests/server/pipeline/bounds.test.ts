import { access, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deleteOldReleases } from "#server/pipeline/release-retention.ts";
import { createResultBudget } from "#server/pipeline/result-budget.ts";
import { idsInUse } from "#server/pipeline/retention.ts";
import { shortenStreams } from "#server/pipeline/stream-retention.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addRelease } from "../projects/fixtures.ts";
import { addProject } from "../targets/local-machine.ts";

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
	database = await startTestDatabase();
}, 60_000);
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "qs-bounds-"));
	return () => rm(folder, { recursive: true });
});
afterAll(() => database.stop());

const log = { info() {} };
const agoMs = (ms: number): Date => new Date(Date.now() - ms);
const hourMs = 60 * 60_000;

/** A project with so many releases, oldest first; the one of this number is active. */
async function withReleases(count: number, active: number, settings: object = {}) {
	const project = await addProject(database.db, ulid().toLowerCase());
	const ids: string[] = [];
	for (let number = 1; number <= count; number++) ids.push(await addRelease(database, { id: project.id, ownerId: "owner", number }));
	await database.db
		.updateTable("projects")
		.set({ active_release: ids[active - 1] ?? null, settings: JSON.stringify(settings) })
		.where("id", "=", project.id)
		.execute();
	return ids;
}

/** What is deleted, by number of the release. */
async function deletedOf(ids: readonly string[], options: Partial<Parameters<typeof deleteOldReleases>[0]> = {}): Promise<number[]> {
	const deleted = await deleteOldReleases({ db: database.db, log, discardRelease: async (id) => ids.includes(id), ...options });
	return deleted.map((id) => ids.indexOf(id) + 1).sort((one, other) => one - other);
}

test("a project keeps as many releases as it says, the active one included, wherever that stands", async () => {
	expect(await deletedOf(await withReleases(5, 5, { keepReleases: 3 }))).toEqual([1, 2]);
	expect(await deletedOf(await withReleases(5, 1, { keepReleases: 3 }))).toEqual([2, 3]);
	expect(await deletedOf(await withReleases(5, 5, { keepReleases: 1 }))).toEqual([1, 2, 3, 4]);
	expect(await deletedOf(await withReleases(12, 12))).toEqual([1, 2]);
});

test("a release that is too old goes, unless visitors are sent to it", async () => {
	const ids = await withReleases(3, 1);
	await database.db
		.updateTable("releases")
		.set({ created_at: agoMs(100 * 24 * hourMs) })
		.where("id", "in", ids.slice(0, 2))
		.execute();
	expect(await deletedOf(ids)).toEqual([2]);
});

test("what never went live goes after its deployment, not before", async () => {
	const ids = await withReleases(4, 4);
	const set = (index: number, finished: Date | null) =>
		database.db
			.updateTable("deployments")
			.set({ status: finished ? "failed" : "running", finished_at: finished })
			.where("id", "=", ids[index] ?? "")
			.execute();
	await set(0, agoMs(2 * hourMs));
	await set(1, agoMs(1_000));
	await set(2, null);
	expect(await deletedOf(ids)).toEqual([1]);
});

test("a release that an open deployment uses stays, and so does one that turns out to be needed", async () => {
	const ids = await withReleases(4, 4, { keepReleases: 1 });
	const state = JSON.stringify({ stages: [{ stage: "deploy", output: { release: ids[0] } }] });
	await database.db
		.updateTable("deployments")
		.set({ status: "running", finished_at: null, state })
		.where("id", "=", ids[3] ?? "")
		.execute();
	expect(await deletedOf(ids, { discardRelease: async (id) => ids.includes(id) && id !== ids[1] })).toEqual([3]);
});

test("streams of people and projects are shortened, and go on where they were; those of deployments stay", async () => {
	const names = [`user/${ulid()}`, `project/${ulid()}`, `deployment/${ulid()}`];
	const drafts = Array.from({ length: 30 }, (_, n) => ({
		type: "system" as const,
		content: `${n + 1}`,
		metadata: { message_type: "info" as const },
	}));
	for (const name of names) await database.streams.write(({ append }) => append(name, drafts));
	expect(await shortenStreams(database.db, database.streams, { kept: 10, slack: 5 })).toBe(2);
	expect(await shortenStreams(database.db, database.streams, { kept: 10, slack: 5 })).toBe(0);
	const lengths = await Promise.all(names.map(async (stream) => database.streams.read({ stream, epoch: null, after: 20 })));
	expect(lengths.map(({ min, head, events }) => [min, head, events.length])).toEqual([
		[21, 30, 10],
		[21, 30, 10],
		[1, 30, 10],
	]);
});

test("sources and builds stay within their size: the oldest go first, never what is needed", async () => {
	const roots = ["sources", "builds"].map((name) => join(folder, name));
	const make = async (root: number, name: string, ageMs: number): Promise<void> => {
		const path = join(roots[root] ?? "", name);
		await mkdir(join(path, "deep"), { recursive: true });
		await writeFile(join(path, "deep", "file"), Buffer.alloc(1_000_000));
		await utimes(path, agoMs(ageMs), agoMs(ageMs));
	};
	await make(0, "needed", 9 * hourMs);
	await make(1, "running.running.partial", 9 * hourMs);
	await make(1, "oldest", 8 * hourMs);
	await make(0, "older", 7 * hourMs);
	await make(1, "old", 6 * hourMs);
	await make(1, "new", 0);
	const budget = (maxBytes: number) => createResultBudget({ roots, maxBytes, inUse: async () => new Set(["needed", "running"]), log })();
	expect(await budget(7_000_000)).toEqual([]);
	expect(await budget(4_500_000)).toEqual(["oldest", "older"]);
	expect(await budget(1)).toEqual(["old"]);
	for (const kept of ["sources/needed", "builds/running.running.partial", "builds/new"]) await access(join(folder, kept));
});

test("the attempts that run are in use, besides what open deployments have recorded", async () => {
	const [release = ""] = await withReleases(1, 1);
	const attempt = (id: string, fence: number, ended: Date | null) => ({
		...{ id, deployment_id: release, stage: "build" as const, number: fence, fence, node_id: "node" },
		...{ started_at: agoMs(hourMs), heartbeat_at: new Date(), ended_at: ended },
	});
	const [running, ended] = [ulid(), ulid()];
	await database.db
		.insertInto("attempts")
		.values([attempt(running, 1, null), attempt(ended, 2, new Date())])
		.execute();
	const ids = await idsInUse(database.db);
	expect([running, ended].map((id) => ids.has(id))).toEqual([true, false]);
});
