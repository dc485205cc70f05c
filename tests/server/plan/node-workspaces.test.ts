import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Files, openWorkspaces, type Workspaces } from "#tests/support/workspaces.ts";

let workspaces: Workspaces;
beforeAll(async () => {
	workspaces = await openWorkspaces();
});
afterAll(() => workspaces.remove());

const app = (name: string, more: object = {}) => ({ name, scripts: { start: "node server.js" }, ...more });
const library = (name: string, dependencies: object = {}) => ({ name, scripts: { build: "tsc" }, dependencies });

function repository(lockfile: string, more: Files = {}, root: object = {}): Files {
	return {
		"package.json": { private: true, workspaces: ["apps/*", "libs/*"], engines: { node: "22" }, ...root },
		[lockfile]: "",
		"libs/base/package.json": library("@x/base"),
		"libs/ui/package.json": library("@x/ui", { "@x/base": "1" }),
		"apps/web/package.json": app("web", {
			scripts: { build: "next build", start: "next start" },
			dependencies: { next: "1", "@x/ui": "1" },
		}),
		...more,
	};
}

describe("a directory inside a workspace", () => {
	test.each([
		[
			"package-lock.json",
			["npm", "ci"],
			["sh", "-c", "npm run build --workspace=@x/base && npm run build --workspace=@x/ui && npm run build"],
		],
		[
			"yarn.lock",
			["yarn", "install", "--frozen-lockfile"],
			["sh", "-c", "yarn workspace @x/base run build && yarn workspace @x/ui run build && yarn run build"],
		],
		[
			"bun.lock",
			["bun", "install", "--frozen-lockfile"],
			["sh", "-c", "bun run --filter @x/base build && bun run --filter @x/ui build && bun run build"],
		],
	])("with %s is installed at the root, and what it uses is built before it", async (lockfile, install, build) => {
		expect(await workspaces.plan(repository(lockfile), "apps/web")).toMatchObject({
			provider: "node",
			directory: "apps/web",
			installDirectory: "",
			nodeVersion: "22",
			install,
			build,
		});
	});

	test("pnpm names its packages in a file of its own, and builds in order by itself", async () => {
		const files = {
			...repository("pnpm-lock.yaml", {}, { workspaces: undefined }),
			"pnpm-workspace.yaml": "packages:\n  # all\n  - apps/*\n  - 'libs/*'  # shared\ncatalog:\n  - nothing\n",
		};
		expect(await workspaces.plan(files, "apps/web")).toMatchObject({
			installDirectory: "",
			install: ["pnpm", "install", "--frozen-lockfile"],
			build: ["pnpm", "--filter", "web...", "run", "build"],
		});
	});

	test("turbo and nx build what they know", async () => {
		const turbo = repository("package-lock.json", {}, { devDependencies: { turbo: "2" } });
		expect((await workspaces.plan(turbo, "apps/web")).build).toEqual(["npx", "turbo", "run", "build", "--filter=web"]);
		const nx = repository("package-lock.json", {}, { devDependencies: { nx: "20" } });
		expect((await workspaces.plan(nx, "apps/web")).build).toEqual(["npx", "nx", "run", "web:build"]);
	});

	test("a tool of the root counts where a script calls it", async () => {
		const files = repository(
			"package-lock.json",
			{ "apps/site/package.json": { name: "site", scripts: { build: "astro build" } } },
			{ devDependencies: { astro: "5" } },
		);
		expect(await workspaces.plan(files, "apps/site")).toMatchObject({ framework: "Astro", output: "dist", build: ["npm", "run", "build"] });
	});

	test("evidence names files from the repository's root", async () => {
		const { evidence } = await workspaces.plan(repository("package-lock.json"), "apps/web");
		expect(evidence.map(({ file }) => file)).toEqual(
			expect.arrayContaining(["apps/web/package.json", "package-lock.json", "package.json"]),
		);
	});

	test("one that the workspace does not name is a project of its own", async () => {
		const files = repository("package-lock.json", { "tools/api/package.json": app("api"), "tools/api/server.js": "" });
		expect(await workspaces.plan(files, "tools/api")).toMatchObject({ installDirectory: null, install: null, nodeVersion: "24" });
	});

	test("what is taken away by ! is not in it, and ** reaches down", async () => {
		const files = {
			"package.json": { workspaces: { packages: ["packages/**", "!packages/old"] } },
			"packages/old/package.json": app("old"),
			"packages/deep/er/package.json": app("deeper"),
		};
		expect(await workspaces.plan(files, "packages/deep/er")).toMatchObject({ installDirectory: "" });
		expect(await workspaces.plan(files, "packages/old")).toMatchObject({ installDirectory: null });
	});

	test.each(["../*", "/etc/*", "a/{b,c}", "$(id)", `${"a/".repeat(150)}*`])(
		"a pattern that is none is passed over: %s",
		async (pattern) => {
			expect(await workspaces.plans({ "package.json": { workspaces: [pattern] } })).toEqual([]);
		},
	);
});

describe("the root of a workspace that is no app itself", () => {
	test("the one package that can be deployed is", async () => {
		const [plan, ...others] = await workspaces.plans(repository("package-lock.json"));
		expect(plan).toMatchObject({
			provider: "node:apps/web",
			directory: "apps/web",
			installDirectory: "",
			summary: expect.stringMatching(/, in apps\/web$/),
		});
		expect(others).toEqual([]);
	});

	test("of several the likeliest comes first, the others can be chosen", async () => {
		const files = repository("package-lock.json", { "apps/docs/package.json": app("docs"), "apps/admin/package.json": app("admin") });
		const plans = await workspaces.plans(files);
		expect(plans.map(({ provider }) => provider)).toEqual(["node:apps/web", "node:apps/admin", "node:apps/docs"]);
		expect(plans[0]?.warnings.join()).toContain("apps/admin, apps/docs");
		expect(await workspaces.chosen(files, { provider: "node:apps/docs" })).toMatchObject({
			directory: "apps/docs",
			start: ["node", "server.js"],
		});
	});

	test("scripts that only drive the packages make it no app", async () => {
		for (const start of ["turbo run start", "pnpm -r start", "nx serve web", "lerna run start"]) {
			const files = repository("package-lock.json", {}, { scripts: { start, build: "turbo run build" } });
			expect((await workspaces.plans(files))[0]?.directory, start).toBe("apps/web");
		}
	});

	test("a root with a server of its own is one", async () => {
		const files = repository("package-lock.json", {}, { scripts: { start: "node server.js" } });
		expect((await workspaces.plans(files))[0]).toMatchObject({ provider: "node", directory: "", installDirectory: null });
	});

	test("the Dockerfile copies what decides the dependencies first", async () => {
		const { dockerfile } = await workspaces.plan(repository("package-lock.json"));
		const lines = (dockerfile ?? "").split("\n");
		expect(lines.indexOf("COPY libs/ui/package.json libs/ui/")).toBeLessThan(lines.indexOf('RUN ["npm","ci"]'));
		expect(lines.indexOf('RUN ["npm","ci"]')).toBeLessThan(lines.indexOf("COPY . ."));
		expect(lines).toContain("WORKDIR /app/apps/web");
	});
});
