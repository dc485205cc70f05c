import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { ulid } from "ulid";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Outcome, type Stage, streamOf, succeeded } from "#lib/protocol/index.ts";
import type { StageResult, Work } from "#server/agents/agent.ts";
import { type Folders, openFolders } from "#server/pipeline/folders.ts";
import { createProjectRemoval, type ProjectRemoval } from "#server/pipeline/project-removal.ts";
import { createProjectSecrets } from "#server/projects/project-secrets.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import type { TestDatabase } from "#tests/support/database.ts";
import { admin, done, startTestPipeline, type TestPipeline } from "#tests/support/pipeline.ts";
import { addRelease } from "../projects/fixtures.ts";
import { addProject, buildOf, deploy, type Machine, type Platform, startMachine, visit } from "../targets/local-machine.ts";

let machine: Machine;
let database: TestDatabase;
let home: string;
let folders: Folders;
let platform: Platform;
let pipeline: TestPipeline;
/** Stages wait here until their attempt is ended. */
let hold = false;
const removals: ProjectRemoval[] = [];

beforeAll(async () => {
	machine = await startMachine();
	({ database, home, platform } = machine);
	folders = await openFolders(home);
	pipeline = await startTestPipeline(database, perform);
}, 60_000);
afterEach(async () => {
	hold = false;
	for (const removal of removals.splice(0)) await removal.stop();
});
afterAll(async () => {
	await pipeline.stop();
	await machine.stop();
});

async function perform(stage: Stage, { signal }: Work): Promise<Outcome<StageResult>> {
	if (hold && stage === "build")
		await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
	return succeeded(done);
}

function removal(changes: Partial<Parameters<typeof createProjectRemoval>[0]> = {}): ProjectRemoval {
	const made = createProjectRemoval({
		db: database.db,
		ledger: pipeline.ledger,
		cancelRunning: pipeline.worker.cancel,
		removeRelease: platform.target.remove,
		folders,
		log: { info() {} },
		reportError: (error) => {
			throw error;
		},
		...changes,
	});
	removals.push(made);
	return made;
}

/** Every row of every table that names one of these, as `table`. */
async function tablesThatName(...needles: string[]): Promise<string[]> {
	const { rows } = await sql<{ name: string }>`
		select table_schema || '.' || table_name as name from information_schema.tables
		where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(database.db);
	const found: string[] = [];
	for (const { name } of rows) {
		const pattern = `(${needles.join("|")})`;
		const { rows: hits } = await sql`select 1 from ${sql.table(name)} as row where row::text ~ ${pattern} limit 1`.execute(database.db);
		if (hits.length > 0) found.push(name);
	}
	return found;
}

const exists = (path: string): Promise<boolean> =>
	access(path).then(
		() => true,
		() => false,
	);

/** A deployed app with everything that gathers around it. */
async function grownProject(slug: string) {
	const project = await addProject(database.db, slug);
	const program = `require("node:http").createServer((q, r) => r.end("here")).listen(process.env.PORT);`;
	const spec = await buildOf(database.db, home, project, {
		"server.mjs": program.replace('require("node:http")', '(await import("node:http"))'),
	});
	await deploy(platform.target, spec);
	await database.db.updateTable("deployments").set({ status: "succeeded", finished_at: new Date() }).where("id", "=", spec.id).execute();
	const source = ulid();
	const upload = ulid();
	await database.db.insertInto("uploads").values({ id: upload, owner_id: "owner", name: "x", bytes: 1, created_at: new Date() }).execute();
	const state = {
		source: { type: "upload", upload },
		stages: [
			{ stage: "clone", output: { source } },
			{ stage: "build", output: { build: spec.id } },
		],
	};
	await database.db
		.updateTable("deployments")
		.set({ state: JSON.stringify(state) })
		.where("id", "=", spec.id)
		.execute();
	const paths = [folders.source(source), folders.build(spec.id), folders.cache(project.id), folders.upload(upload)];
	for (const path of paths) {
		await mkdir(path, { recursive: true });
		await writeFile(join(path, "file"), "x");
	}
	const secrets = createProjectSecrets(database.db, createEncryption(new Secret("a secret")));
	await secrets.setEnv(database.db, project.id, { name: "KEY", value: "value", secret: true, scope: "both" });
	await database.db
		.insertInto("artifacts")
		.values({
			deployment_id: spec.id,
			name: "plan",
			media_type: "text/plain",
			size: 1,
			sha256: "",
			body: Buffer.from("x"),
			created_at: new Date(),
		})
		.execute();
	await database.db
		.insertInto("idempotency")
		.values({ owner_id: "owner", key: ulid(), request_hash: "", deployment_id: spec.id, created_at: new Date() })
		.execute();
	for (const stream of [streamOf.project(project.id), streamOf.deployment(spec.id)])
		await database.streams.write(({ append }) => append(stream, [{ type: "system", content: "x", metadata: { message_type: "info" } }]));
	return { project, spec, ids: [project.id, spec.id, source, upload], paths: [...paths, join(home, "releases", spec.id)] };
}

const markDeleted = (id: string) => database.db.updateTable("projects").set({ deleted_at: new Date() }).where("id", "=", id).execute();

it("leaves nothing, in the database or on the disk, and its address is unknown", async () => {
	const { project, ids, paths } = await grownProject("whole");
	expect((await visit(platform.port, "whole.localhost")).body).toBe("here");
	expect((await tablesThatName(...ids)).length).toBeGreaterThan(6);
	for (const path of paths) expect(await exists(path)).toBe(true);
	await markDeleted(project.id);
	removal().begin(project.id);
	await expect.poll(() => tablesThatName(...ids), { timeout: 10_000 }).toEqual([]);
	for (const path of paths) expect(await exists(path)).toBe(false);
	expect(await visit(platform.port, "whole.localhost")).toMatchObject({ status: 404, body: expect.stringContaining("No project here") });
	// The name is free again.
	await addProject(database.db, "whole");
});

it("leaves a folder that was sent where another project is deployed from it, too", async () => {
	const { project, ids, paths } = await grownProject("first-of-two");
	const { spec } = await grownProject("second-of-two");
	const [, , , upload = ""] = ids;
	const state = JSON.stringify({ source: { type: "upload", upload }, stages: [] });
	await database.db.updateTable("deployments").set({ state }).where("id", "=", spec.id).execute();
	await markDeleted(project.id);
	removal().begin(project.id);
	await expect.poll(() => tablesThatName(project.id), { timeout: 10_000 }).toEqual([]);
	expect(paths).toContain(folders.upload(upload));
	for (const path of paths) expect(await exists(path)).toBe(path === folders.upload(upload));
	expect(await tablesThatName(upload)).toEqual(expect.arrayContaining(["public.uploads"]));
});

it("cancels what runs, and waits until it has ended", async () => {
	hold = true;
	const id = await pipeline.start(`https://git.example/${ulid()}.git`);
	await pipeline.until(id, ({ stage }) => stage === "build");
	const { project_id } = await database.db.selectFrom("deployments").select("project_id").where("id", "=", id).executeTakeFirstOrThrow();
	const closed: boolean[] = [];
	const watching = (async () => {
		for await (const page of database.streams.follow(
			{ stream: streamOf.deployment(id), epoch: null, after: 0 },
			AbortSignal.timeout(15_000),
		))
			for (const event of page.events) if (event.type === "deployment_completed") closed.push(event.metadata.status === "cancelled");
	})();
	await markDeleted(project_id);
	removal().begin(project_id);
	await watching;
	expect(closed).toEqual([true]);
	await expect.poll(() => tablesThatName(project_id), { timeout: 10_000 }).toEqual([]);
});

it("that was interrupted is finished at the next start", async () => {
	const { project, ids, paths } = await grownProject("halfway");
	await markDeleted(project.id);
	const failures: unknown[] = [];
	const broken = removal({
		removeRelease: async (id) => {
			await platform.target.remove(id);
			throw new Error("killed");
		},
		reportError: (error) => `${failures.push(error)}`,
	});
	broken.begin(project.id);
	await expect.poll(() => failures).toHaveLength(1);
	await broken.stop();
	expect(await exists(paths[0] ?? "")).toBe(true);
	removal().start();
	await expect.poll(() => tablesThatName(...ids), { timeout: 10_000 }).toEqual([]);
	for (const path of paths) expect(await exists(path)).toBe(false);
});

it("touches nothing of a project that is not deleted", async () => {
	const kept = await addProject(database.db, "kept");
	await addRelease(database, { id: kept.id, ownerId: admin.user.id, number: 1 });
	const before = await tablesThatName(kept.id);
	const running = removal();
	running.begin(kept.id);
	running.start();
	await running.stop();
	expect(await tablesThatName(kept.id)).toEqual(before);
});
