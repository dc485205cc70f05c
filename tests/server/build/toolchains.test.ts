import { randomUUID } from "node:crypto";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tool } from "#lib/protocol/index.ts";
import { openToolchains, type ToolchainsOptions, toolsOf } from "#server/build/toolchains.ts";
import { listen } from "#tests/support/scratch.ts";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

const request = (...tools: [Tool["name"], string | null][]) => ({
	plan: { tools: tools.map(([name, version]) => ({ name, version })), nodeVersion: null, directory: "" },
	mark: randomUUID(),
	signal: new AbortController().signal,
	timeoutMs: 240_000,
});
const open = (changes: Partial<ToolchainsOptions> = {}) =>
	openToolchains({
		home: join(builds.dir, "home"),
		nodePath: process.execPath,
		nodeVersion: process.versions.node,
		npmExecPath: null,
		path: process.env.PATH ?? "",
		registryHosts: ["registry.npmjs.org"],
		...changes,
	});

test("the Node at hand is used where it fits", async () => {
	const use = { sandbox: builds.sandbox, reporter: listen() };
	for (const version of [process.versions.node, String(process.versions.node.split(".")[0]), null]) {
		const found = await builds.toolchains.prepare(request(["node", version]), use);
		expect(found).toMatchObject({ ok: true, value: { versions: { node: process.versions.node } } });
	}
	expect(use.reporter.sentences).toEqual([]);
});

test("another version is fetched once, also when two ask for it", { timeout: 300_000 }, async () => {
	const reporter = listen();
	const use = { sandbox: builds.sandbox, reporter };
	const ask = () => builds.toolchains.prepare(request(["node", "22"]), use);
	const [first, second] = await Promise.all([ask(), ask()]);
	expect(first).toMatchObject({ ok: true, value: { versions: { node: expect.stringMatching(/^22\./) } } });
	// Each has a function of its own that makes its environment; the rest is the same.
	expect(JSON.parse(JSON.stringify(second))).toEqual(JSON.parse(JSON.stringify(first)));
	expect(reporter.sentences).toEqual(["Fetching Node 22"]);
	const { heard } = await builds.files(
		{
			"a.js":
				'console.log("this is", process.version); require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/a", "a")',
		},
		{ nodeVersion: "22", build: ["node", "a.js"] },
	);
	expect(heard.log).toContain("this is v22.");
	expect((await readdir(join(builds.dir, "home/toolchains"))).filter((name) => !/^[a-z]+-\d/.test(name))).toEqual([]);
});

describe("tools of the package registry run in the version that was asked for", () => {
	const cases: [Tool["name"], string, RegExp, string[]][] = [
		["pnpm", "9.15.4", /^9\.15\.4$/m, ["pnpm", "--version"]],
		["yarn", "1", /^1\.22\./m, ["yarn", "--version"]],
		["yarn", "4", /^4\.\d+\.\d+$/m, ["yarn", "--version"]],
		["npm", "10.9.2", /^10\.9\.2$/m, ["npm", "--version"]],
		["bun", "1", /^1\.\d+\.\d+$/m, ["bun", "--version"]],
		["deno", "2", /^deno 2\./m, ["deno", "--version"]],
	];
	test.each(cases)("%s %s", { timeout: 300_000 }, async (name, version, says, argv) => {
		const node = String(process.versions.node.split(".")[0]);
		const { heard, outcome } = await builds.files(
			{ "index.html": "a" },
			{ output: ".", nodeVersion: node, tools: [{ name, version }], build: argv },
		);
		expect(outcome.ok).toBe(true);
		expect(heard.log).toMatch(says);
	});
});

test("a version that does not exist is a failure a person can read", { timeout: 240_000 }, async () => {
	const outcome = await builds.toolchains.prepare(request(["pnpm", "9.999.0"]), { sandbox: builds.sandbox, reporter: listen() });
	expect(outcome).toMatchObject({
		ok: false,
		failure: {
			code: "tool_missing",
			message: "pnpm 9.999.0 could not be fetched from the package registry: it has no such version (package pnpm).",
		},
	});
	const nonsense = await builds.toolchains.prepare(request(["node", "latest please"]), { sandbox: builds.sandbox, reporter: listen() });
	expect(nonsense).toMatchObject({ ok: false, failure: { code: "tool_missing" } });
});

test("a registry that does not answer is named as the reason", { timeout: 240_000 }, async () => {
	const offline = open({ registryUrl: "http://127.0.0.1:9/", registryHosts: ["127.0.0.1:9"], home: join(builds.dir, "offline") });
	const outcome = await offline.prepare(request(["pnpm", "9"]), { sandbox: builds.sandbox, reporter: listen() });
	expect(outcome).toMatchObject({
		ok: false,
		failure: { code: "install_failed", message: expect.stringMatching(/^pnpm 9 could not be fetched from the package registry/) },
	});
});

test("a machine without npm is told so", async () => {
	const without = open({ home: join(builds.dir, "other"), path: "/nowhere", registryHosts: [] });
	await expect(without.warm()).rejects.toThrow("npm was not found");
});

test("one who gives up does not take the others along", { timeout: 300_000 }, async () => {
	const abort = new AbortController();
	// Whichever of the two it is told to: it has begun, and not ended.
	const reporter = () => ({ ...listen(), progress: () => abort.abort() });
	const first = builds.toolchains.prepare(
		{ ...request(["node", "20"]), signal: abort.signal },
		{ sandbox: builds.sandbox, reporter: reporter() },
	);
	const second = builds.toolchains.prepare(request(["node", "20"]), { sandbox: builds.sandbox, reporter: reporter() });
	expect(await first).toMatchObject({ ok: false, failure: { code: "cancelled" } });
	expect(await second).toMatchObject({ ok: true, value: { versions: { node: expect.stringMatching(/^20\./) } } });
});

test("another registry is told to npm, npm's own is not", async () => {
	const at = async (registryUrl: string) => {
		const found = await open({ registryUrl }).prepare(request(["node", null]), { sandbox: builds.sandbox, reporter: listen() });
		return found.ok ? found.value.environment({ cacheDir: null, memoryMb: 512, proxied: true }) : null;
	};
	expect(await at("https://npm.example.com/all/")).toMatchObject({ npm_config_registry: "https://npm.example.com/all/" });
	expect(await at("https://registry.npmjs.org/")).not.toHaveProperty("npm_config_registry");
});

test("the tools that were not used for longest are evicted, none that is needed, and a half made one is cleared", async () => {
	const home = join(builds.dir, "full");
	const day = 24 * 60 * 60_000;
	const put = async (name: string, daysAgo: number) => {
		await mkdir(join(home, "toolchains", name, "bin"), { recursive: true });
		await writeFile(join(home, "toolchains", name, "bin/program"), "x".repeat(1000));
		const then = new Date(Date.now() - daysAgo * day);
		await utimes(join(home, "toolchains", name), then, then);
	};
	await put("pnpm-8.0.0", 9);
	await put("yarn-1.22.0", 8);
	await put("bun-1.0.0", 7);
	await put("deno-2.0.0", 0);
	await put("make-abc", 0);
	const toolchains = open({ home, bounds: { maxBytes: 2500, minIdleMs: day } });
	expect(await toolchains.evict([{ name: "yarn", version: "1" }])).toEqual(["pnpm 8.0.0", "bun 1.0.0"]);
	await toolchains.warm();
	expect((await readdir(join(home, "toolchains"))).sort()).toEqual(["deno-2.0.0", `node-${process.versions.node}`, "yarn-1.22.0"]);
});

test("a plan of an earlier version means its Node; a JavaScript tool brings Node along", () => {
	expect(toolsOf({ tools: [], nodeVersion: "22" })).toEqual([{ name: "node", version: "22" }]);
	expect(toolsOf({ tools: [], nodeVersion: null })).toEqual([]);
	expect(toolsOf({ tools: [{ name: "pnpm", version: "9" }], nodeVersion: null }).map(({ name }) => name)).toEqual(["pnpm", "node"]);
	expect(toolsOf({ tools: [{ name: "npm", version: null }], nodeVersion: "22" })).toEqual([{ name: "node", version: "22" }]);
	expect(toolsOf({ tools: [{ name: "bun", version: null }], nodeVersion: null }).map(({ name }) => name)).toEqual(["bun"]);
});
