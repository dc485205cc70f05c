import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { readProcess } from "#server/exec/process-table.ts";
import { followToEnd, getDeployment, submit, waitForEvent } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;

beforeAll(async () => {
	git = await startGitServer();
	platform = await startPlatform();
	// Answers nothing to a health check, so that verify takes as long as the test needs.
	await git.add("mute", {
		"package.json": JSON.stringify({ name: "mute", version: "1.0.0", scripts: { start: "node app.js" } }),
		"app.js": `require("node:http").createServer(() => {}).listen(process.env.PORT);`,
	});
});
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

/** Runners of apps that are alive. */
async function runners(): Promise<number[]> {
	const folder = join(platform.home, "releases");
	const states = (await readdir(folder)).map((id) => readFile(join(folder, id, "runner.json"), "utf8").catch(() => null));
	const pids = (await Promise.all(states)).flatMap((text) => (text === null ? [] : [JSON.parse(text).pid as number]));
	const alive = await Promise.all(pids.map(readProcess));
	return pids.filter((_, index) => alive[index] !== null);
}

const command = (id: string, name: string) => platform.fetch(`/api/deployments/${id}/${name}`, { method: "POST" });

it("an app that was started and not yet shown is gone when its deployment is cancelled", { timeout: 60_000 }, async () => {
	const { id } = await submit(platform, git.url("mute"));
	await waitForEvent(platform, id, ({ type, stage }) => type === "stage_started" && stage === "verify");
	// It is started to be checked, so a moment after the stage has begun.
	await vi.waitUntil(async () => (await runners()).length === 1, { timeout: 20_000 });
	await command(id, "cancel");
	await followToEnd(platform, id);
	expect((await getDeployment(platform, id)).status).toBe("cancelled");
	expect(await runners()).toEqual([]);
});

it("so is one whose deployment is cancelled while it is paused", { timeout: 60_000 }, async () => {
	const { id } = await submit(platform, git.url("mute"));
	await waitForEvent(platform, id, ({ type, stage }) => type === "deploy_started" && stage === "deploy");
	await command(id, "pause");
	await waitForEvent(platform, id, ({ type, content }) => type === "status" && content === "Paused before verify.");
	await command(id, "cancel");
	await followToEnd(platform, id);
	await vi.waitUntil(async () => (await runners()).length === 0, { timeout: 10_000 });
});
