import { afterAll, beforeAll, expect, test } from "vitest";
import { outputOf } from "#lib/deployment/selectors.ts";
import type { DeploymentView } from "#lib/deployment/state.ts";
import type { Stage } from "#lib/protocol/index.ts";
import { deploy, followToEnd, getDeployment, getPreview } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { type Platform, processesOf, startPlatform } from "#tests/support/platform.ts";

let git: GitServer;
let platform: Platform;
beforeAll(async () => {
	git = await startGitServer();
	platform = await startPlatform();
}, 120_000);
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

const server = (says: string) =>
	`const started = Date.now(); require("node:http").createServer((_, to) => to.end("${says} " + process.env.GREETING + " " + started)).listen(process.env.PORT);`;
const manifest = {
	name: "again",
	version: "1.0.0",
	scripts: { start: "node server.js", test: "node --check server.js", build: "node --version" },
};

const textOf = ({ stages }: DeploymentView, stage: Stage) => stages.find((one) => one.stage === stage)?.text ?? "";
const reusedIn = ({ stages }: DeploymentView) => stages.filter(({ reused }) => reused).map(({ stage }) => stage);
const setEnv = async (slug: string, body: object) => {
	const path = `/api/projects/${slug}/env`;
	const response = await platform.fetch(path, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify(body),
	});
	expect(response.ok, await response.text()).toBe(true);
};
const answer = async ({ previewUrl }: DeploymentView) => (await getPreview(previewUrl ?? "")).body;

test("what has not changed is not done again, and is said to be", { timeout: 180_000 }, async () => {
	await git.add("again", { "package.json": JSON.stringify(manifest), "server.js": server("one") });
	const url = git.url("again");
	const first = await deploy(platform, url);
	expect(first.status, JSON.stringify(first.error)).toBe("succeeded");
	expect(reusedIn(first)).toEqual([]);
	const before = await answer(first);
	expect(before).toMatch(/^one undefined \d+$/);

	// The same commit: nothing is fetched, built, tested or started.
	const second = await deploy(platform, url);
	expect(second.status).toBe("succeeded");
	expect(reusedIn(second)).toEqual(["clone", "build", "test", "deploy"]);
	expect(textOf(second, "clone")).toMatch(/^Kept the files of commit [0-9a-f]{7}, fetched in deployment 1, /);
	expect(textOf(second, "build")).toMatch(/^Nothing changed since deployment 1: its build is used again, 2 files, /);
	expect(textOf(second, "deploy")).toMatch(/^Nothing changed since deployment 1: its release goes on without a restart, /);
	expect(second.release).toBe(first.release);
	expect(await answer(second)).toBe(before);

	// A variable of the app alone: the build stays, the release is another one.
	await setEnv(first.project.slug, { name: "GREETING", value: "hello", scope: "runtime" });
	const third = await deploy(platform, url);
	expect(reusedIn(third)).toEqual(["clone", "build", "test"]);
	expect(third.release).toBe(third.id);
	expect(await answer(third)).toMatch(/^one hello \d+$/);

	// Another commit: nothing of it was built before.
	await git.commit("again", { "server.js": server("two") });
	const fourth = await deploy(platform, url);
	expect(reusedIn(fourth)).toEqual([]);
	expect(await answer(fourth)).toMatch(/^two hello \d+$/);

	// A person who asks for a build gets one.
	const asked = await platform.fetch(`/api/deployments/${fourth.id}/retry`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ from: "build" }),
	});
	const { deployment } = (await asked.json()) as { deployment: DeploymentView };
	await followToEnd(platform, deployment.id);
	const retried = await getDeployment(platform, deployment.id);
	expect(retried.status).toBe("succeeded");
	expect(reusedIn(retried)).toEqual(["clone", "analyze", "plan", "write"]);
	expect(outputOf(retried, "build").build).not.toBe(outputOf(fourth, "build").build);
	expect(retried.release).toBe(retried.id);
});

test("a project that is built without running anything keeps its release; pointers of Git LFS are looked for again", {
	timeout: 180_000,
}, async () => {
	const { name, version } = manifest;
	await git.add("pointers", {
		"package.json": JSON.stringify({ name, version, scripts: { start: "node server.js" } }),
		"server.js": server("plain"),
		// A pointer that stays one, with git-lfs and without.
		".lfsconfig": "[lfs]\n\tfetchexclude = *\n",
		".gitattributes": "*.png filter=lfs\n",
		"a.png": `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 5\n`,
	});
	const first = await deploy(platform, git.url("pointers"));
	expect(first.status, JSON.stringify(first.error)).toBe("succeeded");
	const second = await deploy(platform, git.url("pointers"));
	expect(reusedIn(second)).toEqual(["build", "deploy"]);
	expect(second.release).toBe(first.release);
});

test("a check that failed is done whole when it is tried again, and leaves no app behind", { timeout: 180_000 }, async () => {
	const { name, version } = manifest;
	await git.add("weak", {
		"package.json": JSON.stringify({ name, version, scripts: { start: "node server.js" } }),
		"server.js":
			'require("node:http").createServer((_, to) => { to.end("up"); setTimeout(() => process.exit(9), 700); }).listen(process.env.PORT);',
	});
	const first = await deploy(platform, git.url("weak"));
	expect(first.error?.code).toBe("app_crashed");
	const asked = await platform.fetch(`/api/deployments/${first.id}/retry`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ from: "verify" }),
	});
	const { deployment } = (await asked.json()) as { deployment: DeploymentView };
	await followToEnd(platform, deployment.id);
	const again = await getDeployment(platform, deployment.id);
	expect(again.error?.code).toBe("app_crashed");
	expect(outputOf(again, "deploy").release).toBe(first.id);
	await expect.poll(() => processesOf(first.id)).toEqual([]);
});

test("two deployments of a project at the same time both succeed, and another project shares nothing with it", {
	timeout: 180_000,
}, async () => {
	await git.add("both", { "package.json": JSON.stringify({ ...manifest, name: "both" }), "server.js": server("same") });
	const both = await Promise.all([deploy(platform, git.url("both")), deploy(platform, git.url("both"))]);
	expect(both.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
	const other = await deploy(platform, git.url("both"), { project: "neighbour" });
	expect(other.status).toBe("succeeded");
	expect(reusedIn(other)).toEqual([]);
});
