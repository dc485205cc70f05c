import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { planSchema } from "#lib/protocol/index.ts";
import { detectPlans, explainNothing } from "#server/plan/detect.ts";
import { openWorkspace } from "#server/source/workspace.ts";

let dir: string;
let count = 0;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "quayside-plan-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

type Files = Record<string, string | object>;

async function workspaceOf(files: Files) {
	const root = join(dir, String(count++));
	await mkdir(root);
	for (const [path, content] of Object.entries(files)) {
		await mkdir(dirname(join(root, path)), { recursive: true });
		await writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content, null, 2));
	}
	return openWorkspace(root, null);
}

async function plansOf(files: Files) {
	const plans = await detectPlans(await workspaceOf(files));
	for (const plan of plans) planSchema.parse(plan);
	return plans;
}

async function planOf(files: Files) {
	const [plan] = await plansOf(files);
	if (!plan) throw new Error("no plan was found");
	return plan;
}

const vite = (changes: object = {}) => ({ scripts: { build: "vite build" }, devDependencies: { vite: "7.0.0" }, ...changes });

describe("static frameworks", () => {
	test.each([
		["react", "Vite + React"],
		["vue", "Vite + Vue"],
		["svelte", "Vite + Svelte"],
		["preact", "Vite + Preact"],
		["solid-js", "Vite + Solid"],
	])("Vite with %s", async (library, framework) => {
		expect(await planOf({ "package.json": vite({ dependencies: { [library]: "1" } }) })).toMatchObject({
			framework,
			kind: "static",
			output: "dist",
			spaFallback: true,
			start: null,
		});
	});

	test.each([
		["export default defineConfig({ build: { outDir: 'public-build' } })", "public-build"],
		['export default { root: "client", build: { outDir: "../build" } }', "build"],
		['export default { root: "client" }', "client/dist"],
		["export default { build: { outDir: './out/' } }", "out"],
	])("the output folder of %s is %s", async (config, output) => {
		expect(await planOf({ "package.json": vite(), "vite.config.ts": config })).toMatchObject({
			output,
			warnings: [expect.stringContaining("lockfile")],
		});
	});

	test.each([
		'export default { build: { outDir: "../../etc" } }',
		'export default { build: { outDir: "/etc" } }',
		"export default { build: { outDir: path.join(here, 'x') } }",
		"export default { build: { outDir: 'a b; rm' } }",
	])("an output folder that is not plainly inside is not believed: %s", async (config) => {
		const plan = await planOf({ "package.json": vite(), "vite.config.js": config });
		expect(plan).toMatchObject({ output: "dist" });
		expect(plan.warnings.join()).toContain("dist is assumed");
	});

	test("a site configured for a folder is built for the root of its preview", async () => {
		const plan = await planOf({
			"package.json": vite({ scripts: { build: "tsc -b && vite build" } }),
			"vite.config.ts": 'export default { base: "/shop/" }',
		});
		expect(plan.build).toEqual(["npm", "run", "build", "--", "--base=/"]);
		expect(plan.warnings.join()).toContain("/shop/");
	});

	test("without a build script the tool is called by itself", async () => {
		expect(await planOf({ "package.json": vite({ scripts: {} }), "index.html": "<p>" })).toMatchObject({ build: ["npx", "vite", "build"] });
	});

	test.each([
		["react-scripts", "Create React App", "build"],
		["astro", "Astro", "dist"],
		["@11ty/eleventy", "Eleventy", "_site"],
	])("%s", async (dependency, framework, output) => {
		expect(await planOf({ "package.json": { scripts: { build: "x" }, dependencies: { [dependency]: "1" } } })).toMatchObject({
			framework,
			kind: "static",
			output,
		});
	});

	test("a start script that only serves for development does not make a server", async () => {
		for (const start of ["vite", "vite preview", "npx serve dist", "react-scripts start"]) {
			expect((await planOf({ "package.json": vite({ scripts: { start, build: "vite build" } }) })).kind, start).toBe("static");
		}
	});
});

describe("servers", () => {
	test.each(["express", "fastify", "koa", "hono"])("%s with a start script", async (dependency) => {
		const plan = await planOf({ "package.json": { scripts: { start: "node server.js" }, dependencies: { [dependency]: "1" } } });
		expect(plan).toMatchObject({ kind: "process", start: ["node", "server.js"], build: null, output: null });
		expect(plan.framework.toLowerCase()).toBe(dependency);
	});

	test("a start command that needs a shell, or has hooks, goes through npm", async () => {
		const start = async (scripts: Record<string, string>) =>
			(await planOf({ "package.json": { scripts, dependencies: { express: "1" } } })).start;
		expect(await start({ start: "NODE_ENV=production node server.js" })).toEqual(["npm", "start"]);
		expect(await start({ start: "node a.js && node b.js" })).toEqual(["npm", "start"]);
		expect(await start({ start: "node $(id).js" })).toEqual(["npm", "start"]);
		expect(await start({ start: "node a.js", prestart: "node b.js" })).toEqual(["npm", "start"]);
		expect(await start({ start: "node --enable-source-maps dist/server.js" })).toEqual(["node", "--enable-source-maps", "dist/server.js"]);
	});

	test("without a start script the program that listens is found", async () => {
		const listening = 'const app = require("express")();\napp.listen(process.env.PORT);\n';
		expect(
			await planOf({ "package.json": { main: "./lib/app.js", dependencies: { express: "1" } }, "lib/app.js": listening }),
		).toMatchObject({ start: ["node", "lib/app.js"] });
		expect(await planOf({ "package.json": {}, "server.js": 'require("node:http").createServer(f).listen(3000)' })).toMatchObject({
			start: ["node", "server.js"],
			framework: "Node server",
		});
	});

	test("a library is no server", async () => {
		expect(await plansOf({ "package.json": { main: "index.js" }, "index.js": "module.exports = 1;" })).toEqual([]);
		expect(await plansOf({ "package.json": { main: "gone.js", dependencies: { express: "1" } } })).toEqual([]);
	});

	test("a server that also builds a client is a server", async () => {
		const scripts = { build: "vite build", start: "node server.js" };
		expect(await planOf({ "package.json": { scripts, dependencies: { express: "1" }, devDependencies: { vite: "1" } } })).toMatchObject({
			kind: "process",
			build: ["npm", "run", "build"],
		});
	});

	test("a Procfile decides", async () => {
		expect(
			await planOf({
				Procfile: "release: x\nweb: node web.js --flag\n",
				"package.json": { scripts: { start: "node other.js" }, dependencies: { express: "1" } },
			}),
		).toMatchObject({ start: ["node", "web.js", "--flag"] });
	});

	test("Next.js", async () => {
		expect(
			await planOf({
				"package.json": { scripts: { build: "next build", start: "next start" }, dependencies: { next: "16", react: "19" } },
			}),
		).toMatchObject({ framework: "Next.js", kind: "process", start: ["npm", "start"] });
	});
});

describe("the version of Node", () => {
	test.each([
		[{}, undefined, "24"],
		[{ ".nvmrc": "v20.11.1\n" }, undefined, "20.11.1"],
		[{ ".nvmrc": "22" }, ">=18", "22"],
		[{ ".nvmrc": "lts/iron" }, undefined, "20"],
		[{ ".nvmrc": "lts/*" }, undefined, "24"],
		[{ ".node-version": "18.20.0" }, undefined, "18.20.0"],
		[{}, ">=20", "24"],
		[{}, "^22.12.0 || ^20.0.0", "22"],
		[{}, "20.x", "20"],
		[{}, "~20.11.0", "20.11.0"],
		[{}, "<=16", "16"],
		[{}, "0.10.x", "24"],
		[{}, "not a range", "24"],
		[{ ".nvmrc": "; rm -rf /" }, undefined, "24"],
	])("%j and engines %j: %s", async (files, node, expected) => {
		const engines = node === undefined ? {} : { engines: { node } };
		expect((await planOf({ ...files, "package.json": vite(engines) })).nodeVersion).toBe(expected);
	});
});

describe("the package manager", () => {
	test("npm with a lockfile, without one, and with nothing to install", async () => {
		expect(await planOf({ "package.json": vite(), "package-lock.json": "{}" })).toMatchObject({ install: ["npm", "ci"], warnings: [] });
		expect(await planOf({ "package.json": vite() })).toMatchObject({
			install: ["npm", "install"],
			warnings: [expect.stringContaining("no lockfile")],
		});
		expect(await planOf({ "package.json": { scripts: { start: "node a.js" } } })).toMatchObject({ install: null, packageManager: "npm" });
	});

	test("others by lockfile or by name", async () => {
		expect(await planOf({ "package.json": vite(), "pnpm-lock.yaml": "" })).toMatchObject({
			packageManager: "pnpm",
			install: ["pnpm", "install", "--frozen-lockfile"],
			build: ["pnpm", "run", "build"],
			tools: [
				{ name: "node", version: "24" },
				{ name: "pnpm", version: "10" },
			],
		});
		expect(await planOf({ "package.json": vite({ packageManager: "pnpm@9.1.0+sha512.abc" }), "pnpm-lock.yaml": "" })).toMatchObject({
			install: ["pnpm", "install", "--frozen-lockfile"],
			tools: [
				{ name: "node", version: "24" },
				{ name: "pnpm", version: "9.1.0" },
			],
		});
		expect(await planOf({ "package.json": vite(), "yarn.lock": "" })).toMatchObject({ packageManager: "yarn" });
		expect(await planOf({ "package.json": vite({ packageManager: "npm@11.0.0" }), "yarn.lock": "" })).toMatchObject({
			packageManager: "npm",
		});
	});
});

describe("tests", () => {
	test.each([
		["vitest run", ["npm", "test"]],
		['echo "Error: no test specified" && exit 1', null],
		["echo none", null],
		["", null],
	])("%j: %j", async (script, command) => {
		expect((await planOf({ "package.json": vite({ scripts: { build: "vite build", test: script } }) })).test).toEqual(command);
	});
});

describe("more than one way", () => {
	test("a plan that runs here comes before the Dockerfile, and says so", async () => {
		const plans = await plansOf({ Dockerfile: "FROM node:24\nEXPOSE 3000\n", "package.json": vite() });
		expect(plans.map(({ provider }) => provider)).toEqual(["node", "dockerfile"]);
		expect(plans[0]?.warnings.join()).toContain("Dockerfile");
	});

	test("package.json without anything to run does not hide a page", async () => {
		expect(await planOf({ "package.json": { devDependencies: { prettier: "3" } }, "index.html": "<p>" })).toMatchObject({
			provider: "static",
		});
	});

	test("a broken package.json is passed over", async () => {
		expect(await planOf({ "package.json": "{ not json", "index.html": "<p>" })).toMatchObject({ provider: "static" });
		expect(await plansOf({ "package.json": "[]" })).toEqual([]);
		expect(await plansOf({ "package.json": '{"scripts": "x", "dependencies": [1], "engines": 3}' })).toEqual([]);
	});

	test("a build script alone is named, with the way to say what it makes", async () => {
		const workspace = await workspaceOf({ "package.json": '{"scripts": {"build": "node make.js"}}' });
		expect(await explainNothing(workspace)).toMatchObject({
			code: "nothing_deployable",
			message: expect.stringContaining("“node make.js”, but what it makes is not known"),
			action: expect.stringContaining('{ "build": "npm run build", "output": "dist" }'),
		});
	});

	test("nothing deployable names where a project seems to be", async () => {
		const workspace = await workspaceOf({ "readme.md": "x", "packages/web/package.json": "{}" });
		expect(await explainNothing(workspace)).toMatchObject({
			code: "nothing_deployable",
			action: expect.stringContaining("“packages/web”"),
		});
	});
});
