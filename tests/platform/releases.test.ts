import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "#lib/client/client.ts";
import { deploy, followToEnd, getPreview, submit, waitForEvent } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, processesOf, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;

/** Keeps what its build saw, and answers that with what it sees itself. */
const twoSided = {
	"package.json": JSON.stringify({ name: "sides", version: "1.0.0", scripts: { build: "node build.js", start: "node server.js" } }),
	"build.js": `const { AT_BUILD, AT_RUN, BOTH } = process.env;
require("node:fs").writeFileSync("built.json", JSON.stringify({ AT_BUILD, AT_RUN, BOTH }));`,
	"server.js": `const built = JSON.parse(require("node:fs").readFileSync("built.json", "utf8"));
const { AT_BUILD, AT_RUN, BOTH } = process.env;
require("node:http").createServer((request, response) => {
	console.log("asked for " + request.url);
	response.end(JSON.stringify({ version: 1, built, running: { AT_BUILD, AT_RUN, BOTH } }));
}).listen(process.env.PORT);`,
};
const slow = {
	"package.json": JSON.stringify({ name: "slow", version: "1.0.0", scripts: { build: "node build.js", start: "node server.js" } }),
	"build.js": `if (require("node:fs").existsSync("wait")) setTimeout(() => {}, 120000);`,
	"server.js": `require("node:http").createServer((_, response) => response.end("here")).listen(process.env.PORT);`,
};

const client = () => createClient({ origin: `http://127.0.0.1:${platform.port}`, token: platform.token });

beforeAll(async () => {
	git = await startGitServer();
	await git.add("sides", twoSided);
	await git.add("slow", slow);
	platform = await startPlatform();
});
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

it("keeps variables of build and app apart, and a rollback brings back the whole", { timeout: 120_000 }, async () => {
	const { projects } = client();
	const { slug } = await projects.create({ source: { type: "git", url: git.url("sides") } });
	await projects.setEnv(slug, { name: "AT_BUILD", value: "b1", scope: "build" });
	await projects.setEnv(slug, { name: "AT_RUN", value: "r1", scope: "runtime" });
	await projects.setEnv(slug, { name: "BOTH", value: "x1" });
	const first = await deploy(platform, git.url("sides"), { project: slug });
	const seen = async () => JSON.parse((await getPreview(first.previewUrl ?? "")).body);
	const one = { version: 1, built: { AT_BUILD: "b1", BOTH: "x1" }, running: { AT_RUN: "r1", BOTH: "x1" } };
	expect(await seen()).toEqual(one);

	await projects.setEnv(slug, { name: "AT_RUN", value: "r2", scope: "runtime" });
	await projects.setEnv(slug, { name: "BOTH", value: "x2" });
	await projects.setSettings(slug, { memoryMb: 200 });
	expect(await projects.settings(slug)).toEqual({ memoryMb: 200 });
	await git.commit("sides", { "server.js": twoSided["server.js"].replace("version: 1", "version: 2") });
	await deploy(platform, git.url("sides"), { project: slug });
	expect(await seen()).toEqual({ version: 2, built: { AT_BUILD: "b1", BOTH: "x2" }, running: { AT_RUN: "r2", BOTH: "x2" } });

	const [, older] = await projects.releases(slug);
	expect(await projects.rollback(slug, older?.id ?? "")).toMatchObject({ active: true, status: "live", deploymentNumber: 1 });
	expect(await seen()).toEqual(one);
});

it("answers the log of an app as it grows, searched, and after it was stopped", { timeout: 60_000 }, async () => {
	const { projects } = client();
	const [project] = await projects.list();
	const { slug = "", previewUrl } = project ?? {};
	const { cursor } = await projects.runtimeLog(slug);
	const coming = projects.runtimeLog(slug, { after: cursor, wait: 20, search: "ASKED FOR /live" });
	await getPreview(previewUrl ?? "", "/quiet");
	await getPreview(previewUrl ?? "", "/live");
	expect(await coming).toMatchObject({ log: "asked for /live\n", reset: false });
	await projects.stop(slug);
	const { log } = await projects.runtimeLog(slug, { lines: 3 });
	expect(log).toMatch(/asked for \/live\n.*The app was stopped/s);
});

it("a project that is deleted while it runs and builds leaves nothing", { timeout: 90_000 }, async () => {
	const { projects, deployments } = client();
	const first = await deploy(platform, git.url("slow"));
	const { slug, id } = first.project;
	expect((await getPreview(first.previewUrl ?? "")).body).toBe("here");
	await git.commit("slow", { wait: "x" });
	const second = await submit(platform, git.url("slow"));
	await waitForEvent(
		platform,
		second.id,
		({ type, metadata }) => type === "build_phase_started" && "phase" in metadata && metadata.phase === "build",
	);

	await projects.delete(slug);
	await expect(projects.get(slug)).rejects.toMatchObject({ code: "not_found" });
	await expect.poll(() => deployments.get(second.id).catch((error: { code: string }) => error.code), { timeout: 30_000 }).toBe("not_found");
	await expect(deployments.get(first.id)).rejects.toMatchObject({ code: "not_found" });
	expect(await getPreview(first.previewUrl ?? "")).toMatchObject({ status: 404, body: expect.stringContaining("No project here") });
	// The app's runner and its sandbox name the release; the attempt's sandbox named the source.
	const names = await Promise.all(["releases", "caches", "run"].map((folder) => readdir(join(platform.home, folder)).catch(() => [])));
	expect(names.flat().filter((name) => name.includes(first.id) || name.includes(second.id) || name.includes(id))).toEqual([]);
	expect((await processesOf(first.id)).concat(await processesOf(second.id))).toEqual([]);

	const again = await submit(platform, git.url("slow"), { project: slug });
	expect(again.project).toMatchObject({ slug });
	await projects.delete(slug);
	await followToEnd(platform, again.id).catch(() => {});
});
