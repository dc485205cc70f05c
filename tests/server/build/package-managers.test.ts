import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Plan } from "#lib/protocol/index.ts";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

const manifest = (extra: object = {}) =>
	JSON.stringify({ name: "app", version: "1.0.0", dependencies: { "is-number": "7.0.0" }, ...extra });
const program = 'console.log("seven is " + require("is-number")(7))';
const install = (name: "pnpm" | "yarn" | "bun", version: string, argv: string[], files: Record<string, string> = {}) => {
	const plan: Partial<Plan> = {
		kind: "process",
		packageManager: name,
		tools: [{ name, version }],
		install: argv,
		build: ["node", "a.js"],
		start: ["node", "a.js"],
	};
	return builds.files({ "package.json": manifest(), "a.js": program, ...files }, plan);
};

// Each fetches its package from the registry through the sandbox's proxy, and keeps its store in the project's cache.
test.each([
	["pnpm", "10", ["pnpm", "install", "--no-frozen-lockfile"], {}],
	["yarn", "1", ["yarn", "install"], {}],
	["yarn", "4", ["yarn", "install", "--no-immutable"], { ".yarnrc.yml": "nodeLinker: node-modules\n", "yarn.lock": "" }],
	["bun", "1", ["bun", "install"], {}],
] as const)("%s %s installs", { timeout: 120_000 }, async (name, version, argv, files) => {
	const { outcome, heard } = await install(name, version, [...argv], files);
	expect(outcome, heard.log).toMatchObject({ ok: true });
	expect(heard.log).toContain("seven is true");
});

test("a dependency that is a tarball of the repository is installed without any network (R145)", { timeout: 60_000 }, async () => {
	const folder = join(builds.dir, "tarball/package");
	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, "package.json"), '{"name":"words","version":"1.0.0","main":"i.js"}');
	await writeFile(join(folder, "i.js"), 'module.exports = "from a tarball"');
	await execa("tar", ["-czf", join(builds.dir, "words.tgz"), "-C", join(builds.dir, "tarball"), "package"]);
	const sourceDir = join(builds.dir, "with-tarball");
	await mkdir(sourceDir);
	await cp(join(builds.dir, "words.tgz"), join(sourceDir, "words.tgz"));
	const files = {
		"package.json": '{"name":"app","version":"1.0.0","dependencies":{"words":"file:words.tgz"}}',
		"a.js": 'console.log("says " + require("words"))',
	};
	const plan: Partial<Plan> = {
		kind: "process",
		install: ["npm", "install", "--offline"],
		build: ["node", "a.js"],
		start: ["node", "a.js"],
	};
	const { outcome, heard } = await builds.files(files, plan, { registryHosts: [] }, sourceDir);
	expect(outcome, heard.log).toMatchObject({ ok: true });
	expect(heard.log).toContain("says from a tarball");
});

test("an app of a workspace is installed at the root and finds its neighbours, also when it runs", { timeout: 60_000 }, async () => {
	const root = JSON.stringify({ name: "root", private: true, workspaces: ["apps/*", "packages/*"] });
	const files = {
		"package.json": root,
		"apps/web/package.json": '{"name":"web","version":"1.0.0","dependencies":{"words":"*"}}',
		"apps/web/a.js": 'console.log("says", require("words"), process.cwd())',
		"packages/words/package.json": '{"name":"words","version":"1.0.0","main":"i.js"}',
		"packages/words/i.js": 'module.exports = "hello"',
	};
	const built = await builds.files(files, {
		kind: "process",
		directory: "apps/web",
		installDirectory: "",
		install: ["npm", "install"],
		build: ["node", "a.js"],
		test: ["node", "a.js"],
		start: ["node", "a.js"],
	});
	expect(built.outcome, built.heard.log).toMatchObject({ ok: true });
	expect(built.heard.log).toContain("says hello /workspace/apps/web");
	expect((await readdir(join(built.outDir, "app"))).sort()).toEqual([
		"apps",
		"node_modules",
		"package-lock.json",
		"package.json",
		"packages",
	]);
	const tested = await builds.test(built);
	expect(tested.heard.log).toContain("says hello /workspace/apps/web");
});
