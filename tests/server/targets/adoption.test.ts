import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { readProcess } from "#server/exec/process-table.ts";
import { stopAllApps } from "#server/targets/local/stop-all.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addProject, buildOf, deploy, listener, makeHome, type Platform, removeHome, startPlatform, visit } from "./local-machine.ts";

const program = `
	import { createServer } from "node:http";
	createServer((request, response) => response.end(process.pid + " " + process.env.GREETING)).listen(process.env.PORT);`;

let database: TestDatabase;
let home: string;
const open: Platform[] = [];

beforeAll(async () => {
	database = await startTestDatabase();
	home = await makeHome();
});
afterEach(async () => {
	for (const platform of open.splice(0)) await platform.close();
});
afterAll(async () => {
	await stopAllApps(home);
	await database.stop();
	await removeHome(home);
});

async function platform(): Promise<Platform> {
	const started = await startPlatform(home, database.db);
	open.push(started);
	return started;
}

async function liveRelease(slug: string, { target }: Platform) {
	const spec = await buildOf(
		database.db,
		home,
		await addProject(database.db, slug),
		{ "server.mjs": program },
		{},
		{ GREETING: `from ${slug}` },
	);
	await deploy(target, spec);
	return spec;
}

const runnerOf = async (id: string): Promise<{ pid: number }> =>
	JSON.parse(await readFile(join(home, "releases", id, "runner.json"), "utf8"));
const statusOf = async (id: string) =>
	(await database.db.selectFrom("releases").select("status").where("id", "=", id).executeTakeFirstOrThrow()).status;

async function gone(pid: number): Promise<void> {
	await expect.poll(() => readProcess(pid), { timeout: 5_000, interval: 10 }).toBeNull();
}

test("an app survives kill -9 of the platform, and the next platform takes it over", async () => {
	const spec = await liveRelease("survivor", await platform());
	for (const one of open.splice(0)) await one.close();

	const first = await startProcess();
	const before = (await visit(first.port, "survivor.localhost")).body;
	first.child.kill("SIGKILL");
	await once(first.child, "exit");
	const second = await startProcess();
	expect((await visit(second.port, "survivor.localhost")).body).toBe(before);
	expect(before).toContain("from survivor");
	expect(await statusOf(spec.id)).toBe("live");
	second.child.kill("SIGKILL");
	await once(second.child, "exit");
	const third = await platform();
	await third.target.adopt();
	await third.target.stop(spec.id);
	expect(await visit(third.port, "survivor.localhost")).toMatchObject({ status: 503 });
});

test("an app that is missing after a restart is started again, with its environment", async () => {
	const first = await platform();
	const spec = await liveRelease("returning", first);
	await first.close();
	open.length = 0;
	const { pid } = await runnerOf(spec.id);
	process.kill(pid, "SIGKILL");
	await gone(pid);
	const second = await platform();
	await second.target.adopt();
	await second.told(spec.id, "live");
	expect((await visit(second.port, "returning.localhost")).body).toContain("from returning");
	await second.target.stop(spec.id);
});

test("a runner that is killed while the platform runs is replaced", async () => {
	const { target, port, changes } = await platform();
	const spec = await liveRelease("replaced", { target } as Platform);
	const { pid } = await runnerOf(spec.id);
	process.kill(pid, "SIGKILL");
	await expect
		.poll(() => changes)
		.toContainEqual(expect.objectContaining({ status: "starting", reason: expect.stringContaining("ended from outside") }));
	await expect.poll(async () => (await runnerOf(spec.id)).pid, { timeout: 5_000 }).not.toBe(pid);
	await expect.poll(async () => (await visit(port, "replaced.localhost")).status, { timeout: 5_000 }).toBe(200);
	await target.stop(spec.id);
});

test("a release whose files are gone is lost, and said so", async () => {
	const first = await platform();
	const spec = await liveRelease("vanished", first);
	await stopAllApps(home);
	await first.told(spec.id, "stopped");
	await first.close();
	open.length = 0;
	await rm(join(home, "releases", spec.id), { recursive: true });
	await database.db.updateTable("releases").set({ status: "live" }).where("id", "=", spec.id).execute();
	const second = await platform();
	await second.target.adopt();
	expect(await statusOf(spec.id)).toBe("lost");
	expect((await visit(second.port, "vanished.localhost")).body).toContain("The app is gone");
});

test("the app of a release that is not in the database is stopped", async () => {
	const first = await platform();
	const spec = await liveRelease("deleted", first);
	await first.close();
	open.length = 0;
	const { pid } = await runnerOf(spec.id);
	await database.db.updateTable("projects").set({ active_release: null }).where("slug", "=", "deleted").execute();
	await database.db.deleteFrom("releases").where("id", "=", spec.id).execute();
	const second = await platform();
	await second.target.adopt();
	expect(await readProcess(pid)).toBeNull();
});

test("what a switch left running when the platform was killed is stopped by the next one", async () => {
	const first = await startPlatform(home, database.db, { drainMs: 60_000 });
	open.push(first);
	const project = await addProject(database.db, "switched");
	const one = await buildOf(database.db, home, project, { "server.mjs": program });
	const two = await buildOf(database.db, home, project, { "server.mjs": program });
	await deploy(first.target, one);
	await deploy(first.target, two);
	await first.close();
	open.length = 0;
	const { pid } = await runnerOf(one.id);
	expect(await readProcess(pid)).not.toBeNull();
	const second = await platform();
	await second.target.adopt();
	expect(await readProcess(pid)).toBeNull();
	expect(await statusOf(one.id)).toBe("stopped");
	expect((await visit(second.port, "switched.localhost")).status).toBe(200);
	await second.target.stop(two.id);
});

test("all apps can be stopped while the platform is away, and stay stopped", async () => {
	const first = await platform();
	const spec = await liveRelease("asleep", first);
	await first.close();
	open.length = 0;
	const { pid } = await runnerOf(spec.id);
	const stopped = await stopAllApps(home);
	expect(stopped).toEqual([{ releaseId: spec.id, proof: { stopped: 1, durationMs: expect.any(Number), left: [] } }]);
	expect(await readProcess(pid)).toBeNull();
	const second = await platform();
	await second.target.adopt();
	expect(await statusOf(spec.id)).toBe("stopped");
	expect(await stopAllApps(home)).toEqual([]);
	await second.target.start(spec.id, listener(), AbortSignal.timeout(10_000));
	expect(await second.target.check(spec.id, listener(), AbortSignal.timeout(10_000))).toMatchObject({ ok: true });
	await second.target.stop(spec.id);
});

async function startProcess(): Promise<{ child: ChildProcess; port: number }> {
	const child = fork(join(import.meta.dirname, "platform-process.ts"), [home], {
		execArgv: [],
		stdio: ["ignore", "inherit", "inherit", "ipc"],
	});
	const { password, ...connection } = database.connection;
	child.send({ ...connection, password: undefined, secret: password?.() });
	const [message] = (await once(child, "message")) as [{ port: number }];
	return { child, port: message.port };
}
