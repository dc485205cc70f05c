import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openToolchains } from "#server/build/toolchains.ts";
import { listen } from "#tests/support/scratch.ts";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

const request = (version: string) => ({ version, mark: randomUUID(), signal: new AbortController().signal, timeoutMs: 60_000 });

test("the Node at hand is used where it fits", async () => {
	const tools = { sandbox: builds.sandbox, reporter: listen() };
	for (const version of [process.versions.node, String(process.versions.node.split(".")[0])]) {
		expect(await builds.toolchains.node(request(version), tools)).toMatchObject({ ok: true, value: { version: process.versions.node } });
	}
	expect(tools.reporter.sentences).toEqual([]);
});

test("another version is fetched once, also when two ask for it", { timeout: 120_000 }, async () => {
	const reporter = listen();
	const tools = { sandbox: builds.sandbox, reporter };
	const [first, second] = await Promise.all([builds.toolchains.node(request("22"), tools), builds.toolchains.node(request("22"), tools)]);
	expect(first).toMatchObject({ ok: true, value: { version: expect.stringMatching(/^22\./) } });
	expect(second).toEqual(first);
	expect(reporter.sentences).toEqual(["Fetching Node 22"]);
	const { heard } = await builds.files(
		{
			"a.js":
				'console.log("this is", process.version); require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/a", "a")',
		},
		{ nodeVersion: "22", build: ["node", "a.js"] },
	);
	expect(heard.log).toContain("this is v22.");
	expect((await readdir(join(builds.dir, "home/toolchains"))).filter((name) => !name.startsWith("node-"))).toEqual([]);
});

test("a version that does not exist is a failure a person can read", { timeout: 60_000 }, async () => {
	const outcome = await builds.toolchains.node(request("20.999.0"), { sandbox: builds.sandbox, reporter: listen() });
	expect(outcome).toMatchObject({
		ok: false,
		failure: { code: "install_failed", message: "Node 20.999.0 could not be fetched from the package registry." },
	});
});

test("a machine without npm is told so", async () => {
	const without = openToolchains({
		home: join(builds.dir, "other"),
		nodePath: process.execPath,
		nodeVersion: process.versions.node,
		npmExecPath: null,
		path: "/nowhere",
		registryHosts: [],
	});
	await expect(without.warm()).rejects.toThrow("npm was not found");
});

test("one who gives up does not take the others along", { timeout: 120_000 }, async () => {
	const abort = new AbortController();
	const reporter = { ...listen(), progress: () => abort.abort() };
	const first = builds.toolchains.node({ ...request("20"), signal: abort.signal }, { sandbox: builds.sandbox, reporter });
	const second = builds.toolchains.node(request("20"), { sandbox: builds.sandbox, reporter: listen() });
	expect(await first).toMatchObject({ ok: false, failure: { code: "cancelled" } });
	expect(await second).toMatchObject({ ok: true, value: { version: expect.stringMatching(/^20\./) } });
});

test("another registry is told to npm, npm's own is not", async () => {
	const at = (registryUrl: string) =>
		openToolchains({
			home: join(builds.dir, "home"),
			nodePath: process.execPath,
			nodeVersion: process.versions.node,
			npmExecPath: null,
			path: "",
			registryHosts: [],
			registryUrl,
		}).node(request(process.versions.node), { sandbox: builds.sandbox, reporter: listen() });
	expect(await at("https://npm.example.com/all/")).toMatchObject({
		ok: true,
		value: { env: { npm_config_registry: "https://npm.example.com/all/" } },
	});
	expect(await at("https://registry.npmjs.org/")).toMatchObject({ ok: true, value: { env: {} } });
});
