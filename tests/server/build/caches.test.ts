import { appendFile, cp, mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dependencyKey } from "#server/build/caches/dependency-key.ts";
import { snapshotFrameworkCaches } from "#server/build/caches/frameworks.ts";
import { putBack, remember, takeRemembered, takeSnapshot } from "#server/build/caches/kept-tree.ts";
import { openBuildCaches } from "#server/build/caches/project-cache.ts";
import { type BuildChanges, type Builds, type Built, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

const read = (...path: string[]) => readFile(join(...path), "utf8");
const put = async (root: string, files: Readonly<Record<string, string>>) => {
	for (const [path, text] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), { recursive: true });
		await writeFile(join(root, path), text);
	}
};

const manifest = JSON.stringify({ name: "app", version: "1.0.0", dependencies: { "is-number": "7.0.0" } });
const lock = JSON.stringify({
	name: "app",
	version: "1.0.0",
	lockfileVersion: 3,
	requires: true,
	packages: {
		"": { name: "app", version: "1.0.0", dependencies: { "is-number": "7.0.0" } },
		"node_modules/is-number": {
			version: "7.0.0",
			resolved: "https://registry.npmjs.org/is-number/-/is-number-7.0.0.tgz",
			integrity: "sha512-41Cifkg6e8TylSpdtTpeLVMqvSBEVzTttHvERD741+pnZ8ANv0004MRL43QKPDlK9cGvNp6NZWZUBlbGXYxxng==",
		},
	},
});
const plan = { kind: "process", install: ["npm", "ci"], build: ["node", "build.js"], start: ["node", "build.js"] } as const;
const source = (program: string) => ({ "package.json": manifest, "package-lock.json": lock, "build.js": program });
const deploy = (project: string, program: string, changes: BuildChanges = {}): Promise<Built> =>
	builds.files(
		source(program),
		{ ...plan, install: [...plan.install], build: [...plan.build], start: [...plan.start] },
		{
			cacheDir: join(builds.dir, "caches", project),
			...changes,
		},
	);
const installs = ({ heard }: Built) => heard.log.includes("added 1 package");
const entries = (project: string, kind: string) => readdir(join(builds.dir, "caches", project, kind)).catch(() => []);
const says = 'console.log("seven is " + require("is-number")(7));';

describe("installed dependencies", () => {
	test("are put back for the same lockfile, whatever else of the source has changed", { timeout: 60_000 }, async () => {
		const first = await deploy("same", says);
		expect(first.outcome, first.heard.log).toMatchObject({ ok: true });
		expect(installs(first)).toBe(true);
		expect(await entries("same", "dependencies")).toHaveLength(1);
		const second = await deploy("same", `${says} console.log("and more");`);
		expect(installs(second)).toBe(false);
		expect(second.heard.log).toContain("its installed dependencies are put back");
		expect(second.heard.log).toContain("seven is true");
		expect(second.phases).toContainEqual(["install", null]);
		expect(await read(second.outDir, "app/node_modules/is-number/package.json")).toContain("is-number");
	});

	test("of a site are kept, though nothing else of its tree is", { timeout: 60_000 }, async () => {
		const writes =
			'require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/index.html", String(require("is-number")(7)));';
		const site = () =>
			builds.files(
				source(writes),
				{ kind: "static", install: [...plan.install], build: [...plan.build], output: "dist" },
				{ cacheDir: join(builds.dir, "caches/site") },
			);
		expect(installs(await site())).toBe(true);
		const again = await site();
		expect(installs(again)).toBe(false);
		expect(await readdir(dirname(again.outDir))).toEqual(["out"]);
		expect(await read(again.outDir, "site/index.html")).toBe("true");
	});

	test("are installed again for another environment, and never seen by another project", { timeout: 60_000 }, async () => {
		expect(installs(await deploy("mine", says))).toBe(true);
		expect(installs(await deploy("mine", says, { envFingerprint: "changed" }))).toBe(true);
		expect(installs(await deploy("theirs", says))).toBe(true);
		expect(installs(await deploy("mine", says))).toBe(false);
	});

	test("stay as they were when a build changes its own copy", { timeout: 60_000 }, async () => {
		await deploy("damaging", says);
		const file = "node_modules/is-number/index.js";
		const damage = `const fs = require("node:fs"); fs.writeFileSync("${file}", "throw 1"); fs.utimesSync("${file}", 0, 0);`;
		expect((await deploy("damaging", damage)).outcome.ok).toBe(true);
		const after = await deploy("damaging", says);
		expect([installs(after), after.heard.log.includes("seven is true")]).toEqual([false, true]);
	});

	test("that the first build has changed are not kept, even when it sets the times back", { timeout: 60_000 }, async () => {
		const file = "node_modules/is-number/index.js";
		const program = `const fs = require("node:fs"); const { atime, mtime } = fs.statSync("${file}");
			fs.writeFileSync("${file}", fs.readFileSync("${file}", "utf8").replace("'use strict'", "'use STRICT'")); fs.utimesSync("${file}", atime, mtime);`;
		expect((await deploy("first", program)).outcome.ok).toBe(true);
		expect(await entries("first", "dependencies")).toEqual([]);
		expect(installs(await deploy("first", says))).toBe(true);
	});

	test("that are broken, or half there after a crash, are not used", { timeout: 90_000 }, async () => {
		await deploy("broken", says);
		const folder = join(builds.dir, "caches/broken/dependencies");
		const [key = ""] = await readdir(folder);
		await appendFile(join(folder, key, "tree/node_modules/is-number/index.js"), "// poison");
		expect(installs(await deploy("broken", says))).toBe(true);
		await rm(join(folder, key, "entry.json"));
		expect(installs(await deploy("broken", says))).toBe(true);
		await cp(join(folder, key), join(folder, `${key}.crashed.partial`), { recursive: true });
		await openBuildCaches(join(builds.dir, "caches")).tidy();
		expect(await readdir(folder)).toEqual([key]);
		expect(installs(await deploy("broken", says))).toBe(false);
	});

	test("that do not fit any more are given up, and the build is tried without them", { timeout: 60_000 }, async () => {
		await deploy("unfit", says);
		const folder = join(builds.dir, "caches/unfit/dependencies");
		const [key = ""] = await readdir(folder);
		// An entry that is whole, and yet not what the lockfile says.
		const tree = join(builds.dir, "other-tree");
		await put(tree, { "node_modules/something-else/index.js": "1" });
		await (await takeSnapshot(tree, ["node_modules"], join(folder, key), "test")).keep();
		const again = await deploy("unfit", says);
		expect(again.outcome, again.heard.log).toMatchObject({ ok: true });
		expect(again.heard.log).toContain("Trying once more without it");
		expect(again.heard.log).toContain("seven is true");
	});

	test("of two builds at the same time are both whole", { timeout: 60_000 }, async () => {
		const both = await Promise.all([deploy("twice", says), deploy("twice", says)]);
		for (const { outcome, heard } of both) expect(outcome, heard.log).toMatchObject({ ok: true });
		expect(installs(await deploy("twice", says))).toBe(false);
	});
});

test("an empty store is made anew when what it holds is broken", { timeout: 60_000 }, async () => {
	const changes = { cacheDir: join(builds.dir, "caches/store") };
	const failsOnce = `if (require("node:fs").existsSync("/quayside/cache/npm/broken")) { console.error("npm error code EINTEGRITY"); process.exit(1); }`;
	await put(join(builds.dir, "caches/store/store/npm"), { broken: "" });
	const built = await builds.files({ "i.js": failsOnce }, { kind: "process", install: ["node", "i.js"], start: ["node", "i.js"] }, changes);
	expect(built.outcome, built.heard.log).toMatchObject({ ok: true });
	expect(built.heard.log).toContain("Trying once more");
});

test("what a framework keeps comes back to the next build, not into the site", { timeout: 60_000 }, async () => {
	const program = `const fs = require("node:fs"); fs.mkdirSync("node_modules/.cache", { recursive: true }); fs.mkdirSync("dist", { recursive: true });
		const file = "node_modules/.cache/count"; const count = fs.existsSync(file) ? Number(fs.readFileSync(file, "utf8")) + 1 : 1;
		fs.writeFileSync(file, String(count)); fs.writeFileSync("dist/index.html", "build " + count);`;
	const run = () => builds.files({ "b.js": program }, { build: ["node", "b.js"] }, { cacheDir: join(builds.dir, "caches/framework") });
	expect(await read((await run()).outDir, "site/index.html")).toBe("build 1");
	expect(await read((await run()).outDir, "site/index.html")).toBe("build 2");
	expect(await readdir((await run()).outDir)).toEqual(["site"]);
});

describe("a tree that is kept", () => {
	test("is kept as it was remembered, without what came later, and not at all when anything was changed or moved", async () => {
		const dir = join(builds.dir, "remembered");
		const made = async (name: string) => {
			const tree = join(dir, name, "tree");
			await put(tree, { "node_modules/a/i.js": "a", "node_modules/b/i.js": "b", "own.js": "1" });
			const remembered = await remember(tree, ["node_modules"]);
			return { tree, take: () => takeRemembered(tree, remembered, join(dir, name, "entry"), "m") };
		};
		const added = await made("added");
		await put(added.tree, { "node_modules/.cache/deep/x": "x", "node_modules/a/new.js": "new" });
		expect(await (await added.take())?.keep()).toBe(true);
		const kept = await readdir(join(dir, "added/entry/tree"), { recursive: true });
		expect(kept.sort()).toEqual(["node_modules", "node_modules/a", "node_modules/a/i.js", "node_modules/b", "node_modules/b/i.js"]);

		const changed = await made("changed");
		await appendFile(join(changed.tree, "node_modules/a/i.js"), "!");
		expect(await changed.take()).toBeNull();
		const gone = await made("gone");
		await rm(join(gone.tree, "node_modules/b"), { recursive: true });
		expect(await gone.take()).toBeNull();
		const swapped = await made("swapped");
		for (const [from, to] of [
			["a", "c"],
			["b", "a"],
			["c", "b"],
		] as const)
			await rename(join(swapped.tree, "node_modules", from), join(swapped.tree, "node_modules", to));
		expect(await swapped.take()).toBeNull();
		for (const name of ["changed", "gone", "swapped"]) expect(await readdir(join(dir, name))).toEqual(["tree"]);
	});

	test("is not taken through a link that a build has made, whatever lies there", async () => {
		const dir = join(builds.dir, "foreign");
		await put(dir, { "others/app/.next/cache/file": "somebody else's", "tree/own.js": "1" });
		await symlink("../others/app/.next", join(dir, "tree/.next"));
		await symlink("../others/app", join(dir, "tree/web"));
		await expect(snapshotFrameworkCaches(join(dir, "tree"), "", join(dir, "entry"), "1")).rejects.toThrow("leads through a link");
		await expect(snapshotFrameworkCaches(join(dir, "tree"), "web", join(dir, "entry"), "2")).rejects.toThrow("leads through a link");
		expect((await readdir(dir)).sort()).toEqual(["others", "tree"]);
	});

	test("is not put back over files, nor through a link of the repository", async () => {
		const from = join(builds.dir, "kept-from");
		const place = join(builds.dir, "kept-entry");
		await put(from, { "packages/a/node_modules/x/i.js": "x" });
		await (await takeSnapshot(from, ["packages/a/node_modules"], place, "m")).keep();
		const outside = join(builds.dir, "outside");
		await mkdir(join(outside, "a"), { recursive: true });
		const linked = join(builds.dir, "kept-linked");
		await mkdir(linked);
		await symlink(outside, join(linked, "packages"));
		expect(await putBack(place, linked)).toBeNull();
		expect(await readdir(join(outside, "a"))).toEqual([]);
		const taken = join(builds.dir, "kept-taken");
		await put(taken, { "packages/a/node_modules/own": "own" });
		expect(await putBack(place, taken)).toBeNull();
		const free = join(builds.dir, "kept-free");
		await mkdir(free);
		expect(await putBack(place, free)).toMatchObject({ files: 1, bytes: 1 });
		expect(await read(free, "packages/a/node_modules/x/i.js")).toBe("x");
	});
});

describe("the key of dependencies", () => {
	const keyOf = async (files: Readonly<Record<string, string>>, changes: object = {}) => {
		const tree = join(builds.dir, `key-${Math.random()}`);
		await put(tree, files);
		const inputs = {
			plan: { install: ["npm", "ci"], directory: "", installDirectory: null },
			versions: { node: "24.0.0" },
			environment: "",
		};
		return dependencyKey(tree, { ...inputs, ...changes });
	};
	const base = { "package.json": manifest, "package-lock.json": lock };

	test("changes with what decides an install, not with the rest of the source", async () => {
		const key = await keyOf(base);
		expect(key).toMatch(/^[0-9a-f]{40}$/);
		expect(await keyOf({ ...base, "src/a.js": "1", "readme.md": "2" })).toBe(key);
		expect(
			await keyOf({ ...base, "package.json": JSON.stringify({ ...JSON.parse(manifest), scripts: { build: "x", prepare: "husky" } }) }),
		).toBe(key);
		expect(await keyOf({ ...base, "package-lock.json": `${lock} ` })).not.toBe(key);
		expect(await keyOf({ ...base, ".npmrc": "legacy-peer-deps=true" })).not.toBe(key);
		expect(await keyOf({ ...base, "packages/a/package.json": "{}" })).not.toBe(key);
		expect(await keyOf({ ...base, "binding.gyp": "{}" })).not.toBe(key);
		expect(await keyOf({ ...base, "prisma/schema.prisma": "model User {}" })).not.toBe(key);
		expect(await keyOf(base, { versions: { node: "22.0.0" } })).not.toBe(key);
		expect(await keyOf(base, { environment: "other" })).not.toBe(key);
	});

	test("is none where files alone do not decide", async () => {
		const withPart = (part: object) => keyOf({ ...base, "package.json": JSON.stringify({ ...JSON.parse(manifest), ...part }) });
		expect(await keyOf({ "package.json": manifest })).toBeNull();
		expect(await withPart({ scripts: { postinstall: "node generate.js" } })).toBeNull();
		expect(await withPart({ dependencies: { local: "file:./local" } })).toBeNull();
		expect(await keyOf({ ...base, "package.json": "not json" })).toBeNull();
		for (const install of [
			["node", "setup.js"],
			["npm", "run", "setup"],
			["sh", "-c", "npm ci && node setup.js"],
		])
			expect(await keyOf(base, { plan: { install, directory: "", installDirectory: null } })).toBeNull();
	});
});

test("what was not used for longest is evicted; what is in use, and what fits, stays", async () => {
	const root = join(builds.dir, "bounded");
	const day = 24 * 60 * 60_000;
	const entry = async (path: string, daysAgo: number, bytes = 100_000) => {
		await put(join(root, path), { file: "x".repeat(bytes) });
		const then = new Date(Date.now() - daysAgo * day);
		await utimes(join(root, path), then, then);
	};
	await entry("a/dependencies/old", 3);
	await entry("a/dependencies/new", 1);
	await entry("a/store", 2);
	await entry("a/_cacache", 0);
	await entry("b/frameworks/ancient", 40, 1000);
	await entry("b/store", 1, 1000);
	await entry("busy/dependencies/old", 50);
	const caches = openBuildCaches(root, { perProjectBytes: 250_000, totalBytes: 150_000, maxIdleMs: 30 * day });
	const freed = await caches.use(join(root, "busy"), builds.sandbox, () => caches.evict());
	expect(freed).toBeGreaterThan(300_000);
	const left = async (path: string) => (await readdir(join(root, path))).sort();
	expect(await left("a/dependencies")).toEqual(["new"]);
	expect(await left("a")).toEqual(["dependencies"]);
	expect(await left("b/frameworks")).toEqual([]);
	expect(await left("b")).toEqual(["frameworks", "store"]);
	expect(await left("busy/dependencies")).toEqual(["old"]);
});
