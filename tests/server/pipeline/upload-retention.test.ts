import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ulid } from "ulid";
import { expect, test } from "vitest";
import { emptyState } from "#lib/deployment/state.ts";
import { openFolders } from "#server/pipeline/folders.ts";
import { startRetention } from "#server/pipeline/retention.ts";
import { addProject } from "#tests/server/targets/local-machine.ts";
import { startTestDatabase } from "#tests/support/database.ts";

test("a folder that was sent stays as long as a deployment needs it, and an hour for who has not deployed it yet", {
	timeout: 60_000,
}, async () => {
	const { db, stop } = await startTestDatabase();
	const home = await mkdtemp(join(tmpdir(), "quayside-uploads-"));
	const folders = await openFolders(home);
	const [needed, old, fresh] = [ulid(), ulid(), ulid()];
	const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
	for (const id of [needed, old, fresh]) {
		const at = id === fresh ? new Date() : longAgo;
		await mkdir(folders.upload(id));
		await writeFile(join(folders.upload(id), "index.html"), "x");
		await utimes(folders.upload(id), at, at);
		await db.insertInto("uploads").values({ id, owner_id: "ada", name: "site", bytes: 1, created_at: at }).execute();
	}
	const id = ulid();
	const project = await addProject(db, "site");
	const source = { type: "upload" as const, url: "upload:site", ref: null, directory: null, private: false, upload: needed };
	await db
		.insertInto("deployments")
		.values({
			id,
			project_id: project.id,
			owner_id: "ada",
			number: 1,
			status: "succeeded",
			state: JSON.stringify({ ...emptyState(id), source }),
			text: "",
			created_at: longAgo,
			finished_at: longAgo,
		})
		.execute();

	const retention = startRetention({ db, folders, reportError: String });
	await retention.sweep();
	retention.stop();
	expect((await readdir(join(home, "uploads"))).sort()).toEqual([needed, fresh].sort());
	expect((await db.selectFrom("uploads").select("id").execute()).map((row) => row.id).sort()).toEqual([needed, fresh].sort());
	await rm(home, { recursive: true });
	await stop();
});
