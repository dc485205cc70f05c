import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { foldAll } from "#lib/deployment/fold.ts";
import { maxStoryEvents, type StoryPage, type StreamEvent, streamOf } from "#lib/protocol/index.ts";
import type { Principal, ShareService } from "#lib/services.ts";
import { hashToken, randomToken } from "#server/auth/random-token.ts";
import { createModelLedger } from "#server/models/ledger.ts";
import { createShareService } from "#server/pipeline/shares.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type WrittenDeployment, writeDeployment } from "#tests/support/long-deployment.ts";
import { person } from "../projects/fixtures.ts";

const dayMs = 24 * 60 * 60 * 1000;
const address = "192.0.2.1";

let database: TestDatabase;
let ada: Principal;
let finished: WrittenDeployment;
let nowMs: number;
let waitS: number;
let shares: ShareService;

beforeAll(async () => {
	database = await startTestDatabase();
	ada = person();
	finished = await writeDeployment(database, ada.user.id);
	await finished.log(1200, { perEvent: 3 });
	await finished.append(
		Array.from({ length: maxStoryEvents + 20 }, (_, n) => ({
			type: "stage_progress" as const,
			stage: "build" as const,
			content: `Step ${n}`,
			metadata: { attempt: 1, fence: 5, progress: null },
		})),
	);
	await finished.append([
		{ type: "preview_ready", content: "The preview answers.", metadata: { url: "http://written.localhost:3000/", release: "release-01" } },
		{
			type: "deployment_completed",
			content: "written went live.",
			metadata: { status: "succeeded", duration_ms: 1, error: null, stopped_processes: null },
		},
	]);
}, 60_000);
afterAll(() => database.stop());
beforeEach(async () => {
	await database.db.deleteFrom("shares").execute();
	nowMs = Date.now();
	waitS = 0;
	shares = createShareService({ db: database.db, randomToken, hashToken, takeTurn: () => waitS, now: () => new Date(nowMs) });
});

const make = (expiresInDays = 7) => shares.create(ada, finished.id, { expiresInDays });
const missing = { code: "not_found" };

describe("a link", () => {
	it("opens for as long as it was made for, and is stored as a hash alone", async () => {
		const { token, share } = await make(2);
		expect(token).toMatch(/^qsh_[\w-]{43}$/);
		expect(JSON.stringify(await database.db.selectFrom("shares").selectAll().execute())).not.toContain(token.slice(4));
		expect((await shares.open(token, address)).expiresAt).toBe(share.expiresAt);
		nowMs += 2 * dayMs - 1;
		await shares.open(token, address);
		nowMs += 1;
		await expect(shares.open(token, address)).rejects.toMatchObject(missing);
		await expect(shares.story(token, address, { after: 0, limit: 1 })).rejects.toMatchObject(missing);
		await expect(shares.logLines(token, address, { limit: 1 })).rejects.toMatchObject(missing);
		expect(await shares.list(ada, finished.id)).toEqual([]);
	});

	it("is listed with when it was opened, and opens nothing once it is revoked", async () => {
		const [one, two] = [await make(), await make()];
		await shares.open(one.token, address);
		expect(await shares.list(ada, finished.id)).toMatchObject([
			{ id: two.share.id, lastOpenedAt: null },
			{ id: one.share.id, lastOpenedAt: new Date(nowMs).toISOString() },
		]);
		await shares.revoke(ada, finished.id, one.share.id);
		await expect(shares.open(one.token, address)).rejects.toMatchObject(missing);
		await shares.open(two.token, address);
		await shares.revoke(ada, finished.id, null);
		await expect(shares.open(two.token, address)).rejects.toMatchObject(missing);
		await expect(shares.revoke(ada, finished.id, one.share.id)).rejects.toMatchObject(missing);
	});

	it("is made, listed and revoked by who may see the deployment, and by nobody else", async () => {
		const { share } = await make();
		const eve = person();
		await expect(shares.create(eve, finished.id, { expiresInDays: 1 })).rejects.toMatchObject(missing);
		await expect(shares.list(eve, finished.id)).rejects.toMatchObject(missing);
		await expect(shares.revoke(eve, finished.id, share.id)).rejects.toMatchObject(missing);
		expect(await shares.list(person("admin"), finished.id)).toHaveLength(1);
	});

	it("is of a deployment that has ended, and there are not too many of them", async () => {
		const running = await writeDeployment(database, ada.user.id);
		await expect(shares.create(ada, running.id, { expiresInDays: 1 })).rejects.toMatchObject({ code: "not_finished" });
		for (let made = 0; made < 20; made++) await make();
		await expect(make()).rejects.toMatchObject({ code: "conflict" });
		nowMs += 8 * dayMs;
		await make();
	});

	it("opens nothing of a project that was deleted, and is gone with its deployment", async () => {
		const other = await writeDeployment(database, ada.user.id);
		await other.append([
			{ type: "deployment_completed", content: "", metadata: { status: "cancelled", duration_ms: 1, error: null, stopped_processes: 0 } },
		]);
		const { token } = await shares.create(ada, other.id, { expiresInDays: 1 });
		const { db } = database;
		await db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", other.state().project.id).execute();
		await expect(shares.open(token, address)).rejects.toMatchObject(missing);
		await db.deleteFrom("deployments").where("id", "=", other.id).execute();
		expect(await db.selectFrom("shares").selectAll().execute()).toEqual([]);
	});

	it.each(["", "qsh_", `qsh_${"x".repeat(43)}`, "qs_api-token"])("%j opens nothing", async (token) => {
		await expect(shares.open(token, address)).rejects.toMatchObject(missing);
	});

	it("that is asked for too often is answered with when to ask again", async () => {
		const { token } = await make();
		waitS = 1.5;
		await expect(shares.open(token, address)).rejects.toMatchObject({ code: "rate_limited", data: { retryAfterS: 2 } });
	});
});

describe("what a link shows", () => {
	it("is in pages that lead from the first event to the state it ended with, and nothing of whose it is", async () => {
		const { token } = await make();
		const { state, marks } = await shares.open(token, address);
		const events: StreamEvent[] = [];
		for (let after: number | null = 0; after !== null; ) {
			const page: StoryPage = await shares.story(token, address, { after, limit: 200 });
			events.push(...page.events);
			after = page.next;
		}
		expect(events.length).toBeGreaterThan(maxStoryEvents);
		expect({ ...foldAll("", events), logLines: 1200 }).toEqual(state);
		const shown = JSON.stringify([state, events, await shares.logLines(token, address, { limit: 100 })]);
		for (const hidden of [ada.user.id, finished.id, finished.state().project.id, "git.example.com", "written.localhost", "release-01"])
			expect(shown).not.toContain(hidden);
		expect(marks[0]).toMatchObject({ line: 3 });
		expect(marks.at(-1)).toMatchObject({ line: 1200 });
		expect(marks.length).toBeLessThanOrEqual(502);
		expect(marks.map(({ line }) => line)).toEqual(marks.map(({ line }) => line).toSorted((a, b) => a - b));
	});

	it("names no model that thought for it, also where a sentence of an older deployment does", async () => {
		const told = await writeDeployment(database, ada.user.id);
		const content = "openai/gpt-4o writes it, task by task.";
		await told.append([
			{ type: "stage_progress", stage: "build", content, metadata: { attempt: 1, fence: 5, progress: null } },
			{ type: "deployment_completed", content: "", metadata: { status: "cancelled", duration_ms: 1, error: null, stopped_processes: 0 } },
		]);
		await createModelLedger(database.db, "node").cached(
			{ deploymentId: told.id, ownerId: ada.user.id, projectId: null, agent: "Architect", purpose: "plan" },
			"openai",
			"gpt-4o",
		);
		const { token } = await shares.create(ada, told.id, { expiresInDays: 1 });
		const { events } = await shares.story(token, address, { after: 0, limit: 500 });
		expect(events.map((event) => event.content)).toContain("[hidden] writes it, task by task.");
		expect(JSON.stringify([events, await shares.open(token, address)])).not.toContain("openai/gpt-4o");
	});

	it("ends a page before it is too large, and goes on behind it", async () => {
		const wide = await writeDeployment(database, ada.user.id);
		await wide.append([
			...Array.from({ length: 100 }, () => ({
				type: "stage_progress" as const,
				stage: "build" as const,
				content: "x".repeat(20_000),
				metadata: { attempt: 1, fence: 5, progress: null },
			})),
			{ type: "deployment_completed", content: "", metadata: { status: "cancelled", duration_ms: 1, error: null, stopped_processes: 0 } },
		]);
		const { token } = await shares.create(ada, wide.id, { expiresInDays: 1 });
		const sizes: number[] = [];
		let last = 0;
		for (let after: number | null = 0; after !== null; ) {
			const page: StoryPage = await shares.story(token, address, { after, limit: 500 });
			sizes.push(JSON.stringify(page).length);
			expect(page.events[0]?.seq).toBeGreaterThan(after);
			last = page.events.at(-1)?.seq ?? 0;
			after = page.next;
		}
		expect(sizes.length).toBeGreaterThan(1);
		expect(Math.max(...sizes)).toBeLessThan(1_300_000);
		const { last_seq } = await database.db
			.selectFrom("streams")
			.select("last_seq")
			.where("name", "=", streamOf.deployment(wide.id))
			.executeTakeFirstOrThrow();
		expect(last).toBe(last_seq);
	});
});
