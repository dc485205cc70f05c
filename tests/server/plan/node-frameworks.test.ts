import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { explainNothing } from "#server/plan/detect.ts";
import { type Files, openWorkspaces, type Workspaces } from "#tests/support/workspaces.ts";

let workspaces: Workspaces;
beforeAll(async () => {
	workspaces = await openWorkspaces();
});
afterAll(() => workspaces.remove());

type Case = [name: string, manifest: object, files: Files, plan: object];

const uses = (dependencies: string[], scripts: object = { build: "x" }, more: object = {}) => ({
	scripts,
	dependencies: Object.fromEntries(dependencies.map((name) => [name, "1.0.0"])),
	...more,
});

const cases: Case[] = [
	["Next.js", uses(["next", "react"], { build: "next build", start: "next start" }), {}, { kind: "process", start: ["npm", "start"] }],
	["Next.js", uses(["next"], { build: "next build", start: "next dev" }), {}, { kind: "process", start: ["npx", "next", "start"] }],
	["Next.js", uses(["next"], {}), {}, { build: ["npx", "next", "build"], start: ["npx", "next", "start"] }],
	[
		"Next.js",
		uses(["next"], { build: "next build", start: "next start" }),
		{ "next.config.ts": 'const config = { output: "export", distDir: "dist" };\nexport default config;' },
		{ kind: "static", output: "dist", start: null, spaFallback: false },
	],
	["Next.js", uses(["next"]), { "next.config.mjs": '// output: "export"\nexport default {};' }, { kind: "process" }],
	[
		"Next.js",
		uses(["next"]),
		{ "next.config.js": 'module.exports = { basePath: "/docs" }' },
		{ healthPath: "/docs", warnings: expect.arrayContaining([expect.stringContaining("/docs")]) },
	],
	[
		"Next.js",
		uses(["next"], { build: "next build", start: "node .next/standalone/server.js" }),
		{ "next.config.js": "module.exports = { output: 'standalone' }" },
		{
			start: ["node", ".next/standalone/server.js"],
			build: expect.arrayContaining(["sh", expect.stringContaining("cp -R .next/static"), "npm"]),
		},
	],
	[
		"Next.js",
		uses(["next", "express"], { build: "next build", start: "node server.js" }),
		{ "server.js": "" },
		{ kind: "process", start: ["node", "server.js"] },
	],
	[
		"Nuxt",
		uses(["nuxt"], { build: "nuxt build", start: "nuxt preview" }),
		{},
		{ kind: "process", start: ["node", ".output/server/index.mjs"] },
	],
	[
		"Nuxt",
		uses(["nuxt"], { generate: "nuxt generate" }),
		{},
		{ kind: "static", output: ".output/public", build: ["npm", "run", "generate"] },
	],
	[
		"Nuxt",
		uses(["nuxt"], { build: "nuxt build" }),
		{ "nuxt.config.ts": 'export default { nitro: { preset: "static" } }' },
		{ kind: "static" },
	],
	[
		"Nuxt",
		uses(["nuxt"]),
		{ "nuxt.config.ts": 'export default { nitro: { preset: "vercel" } }' },
		{ warnings: expect.arrayContaining([expect.stringContaining("vercel")]) },
	],
	[
		"React Router",
		uses(["@react-router/dev"]),
		{ "react-router.config.ts": "export default { ssr: false }" },
		{ kind: "static", output: "build/client", spaFallback: true },
	],
	[
		"React Router",
		uses(["@react-router/dev", "@react-router/serve"]),
		{},
		{ kind: "process", start: ["npx", "react-router-serve", "./build/server/index.js"] },
	],
	[
		"React Router",
		uses(["@react-router/dev"], { start: "node server.js" }),
		{ "react-router.config.ts": 'export default { buildDirectory: "out" }', "server.js": "" },
		{ start: ["node", "server.js"] },
	],
	[
		"Remix",
		uses(["@remix-run/dev", "@remix-run/serve"], { build: "remix vite:build", start: "remix-serve ./build/server/index.js" }),
		{},
		{ kind: "process", start: ["npm", "start"] },
	],
	[
		"Remix",
		uses(["@remix-run/dev"]),
		{ "vite.config.ts": "export default { plugins: [remix({ ssr: false })] }" },
		{ kind: "static", output: "build/client" },
	],
	[
		"SvelteKit",
		uses(["@sveltejs/kit", "@sveltejs/adapter-node"]),
		{
			"svelte.config.js": 'import adapter from "@sveltejs/adapter-node";\nexport default { kit: { adapter: adapter({ out: "server" }) } }',
		},
		{ kind: "process", start: ["node", "server/index.js"] },
	],
	[
		"SvelteKit",
		uses(["@sveltejs/kit", "@sveltejs/adapter-static"]),
		{
			"svelte.config.js":
				"import adapter from '@sveltejs/adapter-static';\nexport default { kit: { adapter: adapter({ pages: 'site', fallback: 'index.html' }) } }",
		},
		{ kind: "static", output: "site", spaFallback: true },
	],
	[
		"Astro",
		uses(["astro"], { build: "astro check && astro build" }),
		{ "astro.config.mjs": 'export default { outDir: "./out", base: "/blog" }' },
		{ kind: "static", output: "out", build: ["npm", "run", "build", "--", "--base=/"] },
	],
	[
		"Astro",
		uses(["astro", "@astrojs/node"]),
		{ "astro.config.mjs": 'import node from "@astrojs/node"; export default { adapter: node({ mode: "standalone" }) }' },
		{ start: ["node", "./dist/server/entry.mjs"] },
	],
	[
		"Angular",
		uses(["@angular/core"], { build: "ng build", start: "ng serve" }),
		{ "angular.json": angularJson({ builder: "@angular/build:application" }) },
		{ output: "dist/shop/browser", spaFallback: true },
	],
	[
		"Angular",
		uses(["@angular/core"]),
		{ "angular.json": angularJson({ builder: "@angular-devkit/build-angular:browser", options: { outputPath: "public" } }) },
		{ output: "public" },
	],
	[
		"Angular",
		uses(["@angular/core"]),
		{ "angular.json": angularJson({ builder: "@angular/build:application", options: { outputPath: { base: "out", browser: "" } } }) },
		{ output: "out" },
	],
	[
		"Angular",
		uses(["@angular/core"]),
		{
			"angular.json": angularJson({
				builder: "@angular/build:application",
				options: { server: "src/main.server.ts", outputMode: "server", ssr: { entry: "src/server.ts" } },
			}),
		},
		{ kind: "process", start: ["node", "dist/shop/server/server.mjs"] },
	],
	["Eleventy", uses(["@11ty/eleventy"], { build: "eleventy --output=public" }), {}, { output: "public" }],
	[
		"VitePress",
		uses(["vitepress"], { "docs:build": "vitepress build docs" }),
		{},
		{ output: "docs/.vitepress/dist", build: ["npm", "run", "docs:build"] },
	],
	[
		"VitePress",
		uses(["vitepress"], {}),
		{ "docs/.vitepress/config.ts": "export default {}" },
		{ output: "docs/.vitepress/dist", build: ["npx", "vitepress", "build", "docs"] },
	],
	["VuePress", uses(["vuepress"], { build: "vuepress build ." }), {}, { output: ".vuepress/dist" }],
	[
		"Docusaurus",
		uses(["@docusaurus/core"], { build: "docusaurus build", start: "docusaurus start" }),
		{},
		{ kind: "static", output: "build" },
	],
	["Gatsby", uses(["gatsby"], { build: "gatsby build", start: "gatsby develop" }), {}, { output: "public" }],
	[
		"Create React App",
		uses(["react-scripts"], { build: "react-scripts build", start: "react-scripts start" }, { homepage: "https://a.example/app" }),
		{},
		{ output: "build", build: ["env", "CI=false", "npm", "run", "build"], env: { PUBLIC_URL: "/" } },
	],
	["Vue CLI", uses(["@vue/cli-service"]), { "vue.config.js": 'module.exports = { outputDir: "web" }' }, { output: "web" }],
	[
		"Rsbuild + React",
		uses(["@rsbuild/core", "react"]),
		{ "rsbuild.config.ts": 'export default { output: { distPath: { root: "out" } } }' },
		{ output: "out" },
	],
	["Parcel", uses(["parcel"], { build: "parcel build src/index.html --dist-dir site" }), {}, { output: "site" }],
	[
		"Webpack + Vue",
		uses(["webpack", "vue"], { build: "webpack" }),
		{ "webpack.config.js": 'module.exports = { output: { path: path.resolve(__dirname, "public") } }' },
		{ output: "public" },
	],
	[
		"Storybook",
		uses(["storybook", "vite"], { "build-storybook": "storybook build -o book" }),
		{},
		{ output: "book", build: ["npm", "run", "build-storybook"] },
	],
	["Hexo", uses(["hexo"], {}), {}, { output: "public", build: ["npx", "hexo", "generate"] }],
	[
		"NestJS",
		uses(["@nestjs/core"], { build: "nest build", start: "nest start", "start:prod": "node dist/main" }),
		{},
		{ start: ["node", "dist/main"] },
	],
	["NestJS", uses(["@nestjs/core"], {}), {}, { build: ["npx", "nest", "build"], start: ["node", "dist/main.js"] }],
	[
		"TanStack Start",
		uses(["@tanstack/react-start", "vite"], { build: "vite build" }),
		{},
		{ kind: "process", start: ["node", ".output/server/index.mjs"] },
	],
	["hapi", uses(["@hapi/hapi"], { start: "node ." }), {}, { start: ["node", "."] }],
];

function angularJson(build: object): object {
	return { version: 1, projects: { shop: { projectType: "application", architect: { build } }, "shop-e2e": { projectType: "library" } } };
}

test.each(cases)("%s (%j)", async (framework, manifest, files, plan) => {
	expect(await workspaces.plan({ "package.json": manifest, ...files })).toMatchObject({ provider: "node", framework, ...plan });
});

describe("an app that is built for somewhere else is told so", () => {
	test.each<[string, string[], Files, RegExp]>([
		[
			"SvelteKit with adapter-auto",
			["@sveltejs/kit"],
			{ "svelte.config.js": 'import adapter from "@sveltejs/adapter-auto"' },
			/adapter-auto/,
		],
		[
			"SvelteKit with another adapter",
			["@sveltejs/kit"],
			{ "vite.config.js": 'import adapter from "@sveltejs/adapter-vercel"' },
			/adapter-vercel/,
		],
		["SvelteKit without one", ["@sveltejs/kit"], {}, /no adapter/],
		[
			"Astro for another host",
			["astro"],
			{ "astro.config.mjs": 'import x from "@astrojs/cloudflare"; export default { output: "server", adapter: x() }' },
			/cloudflare/,
		],
		[
			"Astro as middleware",
			["astro"],
			{ "astro.config.mjs": 'import n from "@astrojs/node"; export default { adapter: n({ mode: "middleware" }) }' },
			/middleware/,
		],
		["React Router without a server", ["@react-router/dev"], {}, /no start script/],
	])("%s", async (_name, dependencies, files, message) => {
		const workspace = await workspaces.of({ "package.json": uses(dependencies), ...files });
		expect(await explainNothing(workspace)).toMatchObject({
			code: "nothing_deployable",
			message: expect.stringMatching(message),
			action: expect.stringMatching(/retry\.$/),
		});
	});
});

describe("what Vite only helps with is no site", () => {
	test("a library, and a project that only tests with it", async () => {
		expect(
			await workspaces.plans({
				"package.json": uses(["vite"], { build: "vite build" }),
				"vite.config.ts": 'export default { build: { lib: { entry: "src/index.ts" } } }',
			}),
		).toEqual([]);
		expect(await workspaces.plans({ "package.json": uses(["vite", "vitest"], { build: "tsc" }) })).toEqual([]);
	});
});

describe("TypeScript servers", () => {
	const source = 'import { createServer } from "node:http";\ncreateServer(f).listen(process.env.PORT);';

	test.each<[string, object, Files, string[]]>([
		[
			"compiled where tsconfig.json says",
			{ scripts: { build: "tsc" } },
			{ "tsconfig.json": '{ "compilerOptions": { "outDir": "./build", "rootDir": "." } } // x' },
			["node", "build/src/server.js"],
		],
		["compiled to dist", { scripts: { build: "tsc" } }, { "tsconfig.json": "{}" }, ["node", "dist/server.js"]],
		["run by tsx", { devDependencies: { tsx: "4" } }, {}, ["npx", "tsx", "src/server.ts"]],
		["run by Node itself", {}, {}, ["node", "src/server.ts"]],
		[
			"built without code",
			{ scripts: { build: "tsc" }, devDependencies: { tsx: "4" } },
			{ "tsconfig.json": '{ "compilerOptions": { "noEmit": true } }' },
			["npx", "tsx", "src/server.ts"],
		],
	])("%s", async (_name, manifest, files, start) => {
		expect(await workspaces.plan({ "package.json": manifest, "src/server.ts": source, ...files })).toMatchObject({
			kind: "process",
			start,
			language: "TypeScript",
		});
	});

	test("main names what the build makes of its source", async () => {
		const plan = await workspaces.plan({
			"package.json": { main: "dist/api.js", scripts: { build: "tsc" } },
			"src/api.ts": source,
			"tsconfig.json": "{}",
		});
		expect(plan).toMatchObject({
			start: ["node", "dist/api.js"],
			evidence: expect.arrayContaining([{ file: "src/api.ts", line: 2, means: "A program that listens" }]),
		});
	});
});

describe("the port and the path that is asked for, as far as they are written out", () => {
	const express = (source: string, start = "node server.js") =>
		workspaces.plan({ "package.json": { scripts: { start }, dependencies: { express: "1" } }, "server.js": source });

	test.each<[string, number | null]>([
		["app.listen(3001)", 3001],
		["app.listen(3001, '0.0.0.0', () => {})", 3001],
		["const port = 4000;\napp.listen(port)", 4000],
		["const a = 4000;\nconst port = a;\napp.listen(port)", 4000],
		["app.listen({ port: 5000, host: '::' })", 5000],
		["const port = 5001;\nserve({ fetch: app.fetch, port })", 5001],
		["app.listen(process.env.PORT || 3000)", null],
		["const port = process.env.PORT ?? 3000;\napp.listen(port)", null],
		["const { port } = config;\napp.listen(port)", null],
		["// app.listen(3001)\napp.listen(process.env.PORT)", null],
		["app.listen(99999)", null],
	])("%s", async (source, port) => {
		const plan = await express(source);
		expect(plan.port).toBe(port);
		if (port !== null)
			expect(plan.evidence).toContainEqual(expect.objectContaining({ file: "server.js", means: `Listens on port ${port}` }));
	});

	test("the start command names one", async () => {
		expect(await express("", "PORT=4321 node server.js")).toMatchObject({ port: 4321 });
		expect((await workspaces.plan({ "package.json": uses(["next"], { start: "next start -p 3005" }) })).port).toBe(3005);
	});

	test("a health route is found", async () => {
		expect(await express('app.get("/healthz", ok);\napp.listen(process.env.PORT)')).toMatchObject({
			healthPath: "/healthz",
			evidence: expect.arrayContaining([{ file: "server.js", line: 1, means: "Answers /healthz" }]),
		});
		expect(await express('app.get("/healthy-food", ok);\napp.listen(1234)')).toMatchObject({ healthPath: "/" });
	});

	test("of a compiled server the source is read", async () => {
		const files = { "package.json": { scripts: { build: "tsc", start: "node dist/index.js" } }, "src/index.ts": "server.listen(8088)" };
		expect(await workspaces.plan(files)).toMatchObject({ port: 8088, start: ["node", "dist/index.js"] });
	});
});
