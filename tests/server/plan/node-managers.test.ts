import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readExpectedVariables } from "#server/plan/env-example.ts";
import { type Files, openWorkspaces, type Workspaces } from "#tests/support/workspaces.ts";

let workspaces: Workspaces;
beforeAll(async () => {
	workspaces = await openWorkspaces();
});
afterAll(() => workspaces.remove());

const manifest = (more: object = {}) => ({ scripts: { build: "x", start: "next start" }, dependencies: { next: "1.0.0" }, ...more });
const berry = (version: number) => `# yarn\n\n__metadata:\n  version: ${version}\n  cacheKey: 10\n`;

describe("which package manager in which version, by what the project says", () => {
	test.each<[string, Files, string, string | null, string[]]>([
		[
			"a hash behind the version",
			{ "package.json": manifest({ packageManager: "pnpm@9.1.0+sha512.0a1b" }) },
			"pnpm",
			"9.1.0",
			["pnpm", "install", "--no-frozen-lockfile"],
		],
		[
			"npm in a version of its own",
			{ "package.json": manifest({ packageManager: "npm@10.9.0" }), "package-lock.json": "{}" },
			"npm",
			"10.9.0",
			["npm", "ci"],
		],
		[
			"devEngines",
			{ "package.json": manifest({ devEngines: { packageManager: { name: "pnpm", version: "^9.0.0" } } }), "pnpm-lock.yaml": "" },
			"pnpm",
			"9",
			["pnpm", "install", "--frozen-lockfile"],
		],
		[
			"Volta",
			{ "package.json": manifest({ volta: { node: "20.1.0", yarn: "1.22.19" } }), "yarn.lock": "" },
			"yarn",
			"1.22.19",
			["yarn", "install", "--frozen-lockfile"],
		],
		[
			".tool-versions",
			{ "package.json": manifest(), ".tool-versions": "nodejs 20.1.0\npnpm 8.15.0\n", "pnpm-lock.yaml": "" },
			"pnpm",
			"8.15.0",
			["pnpm", "install", "--frozen-lockfile"],
		],
		[
			"a release in the repository",
			{ "package.json": manifest(), ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-3.6.4.cjs\n", "yarn.lock": berry(6) },
			"yarn",
			"3.6.4",
			["yarn", "install", "--immutable"],
		],
		[
			"engines with an upper end",
			{ "package.json": manifest({ engines: { npm: "^9" } }), "package-lock.json": "{}" },
			"npm",
			"9",
			["npm", "ci"],
		],
		[
			"engines without one",
			{ "package.json": manifest({ engines: { npm: ">=6" } }), "package-lock.json": "{}" },
			"npm",
			null,
			["npm", "ci"],
		],
		[
			"the format of pnpm's lockfile",
			{ "package.json": manifest(), "pnpm-lock.yaml": "lockfileVersion: '6.0'\n" },
			"pnpm",
			"8",
			["pnpm", "install", "--frozen-lockfile"],
		],
		[
			"an older one",
			{ "package.json": manifest(), "pnpm-lock.yaml": "lockfileVersion: 5.4\n" },
			"pnpm",
			"7",
			["pnpm", "install", "--frozen-lockfile"],
		],
		[
			"the format of Yarn's lockfile",
			{ "package.json": manifest(), "yarn.lock": berry(8) },
			"yarn",
			"4",
			["yarn", "install", "--immutable"],
		],
		[
			"the classic one",
			{ "package.json": manifest(), "yarn.lock": "# yarn lockfile v1\n" },
			"yarn",
			"1",
			["yarn", "install", "--frozen-lockfile"],
		],
		["Bun's lockfile", { "package.json": manifest(), "bun.lockb": "" }, "bun", "1", ["bun", "install", "--frozen-lockfile"]],
		["npm's other lockfile", { "package.json": manifest(), "npm-shrinkwrap.json": "{}" }, "npm", null, ["npm", "ci"]],
		["a field that is no version", { "package.json": manifest({ packageManager: "pnpm@latest; id" }) }, "npm", null, ["npm", "install"]],
	])("%s", async (_name, files, name, version, install) => {
		const plan = await workspaces.plan(files);
		expect(plan).toMatchObject({ packageManager: name, install });
		expect(plan.tools).toContainEqual({ name, version });
	});

	test("scripts run through it", async () => {
		const commands = async (file: string) => {
			const { build, start } = await workspaces.plan({ "package.json": manifest(), [file]: "" });
			return [build?.join(" "), start?.join(" ")];
		};
		expect(await commands("package-lock.json")).toEqual(["npm run build", "npm start"]);
		expect(await commands("pnpm-lock.yaml")).toEqual(["pnpm run build", "pnpm run start"]);
		expect(await commands("yarn.lock")).toEqual(["yarn run build", "yarn run start"]);
		expect(await commands("bun.lock")).toEqual(["bun run build", "bun run start"]);
	});

	test("arguments for a script go behind dashes with npm alone", async () => {
		const build = async (file: string) => {
			const files = {
				"package.json": { scripts: { build: "vite build" }, devDependencies: { vite: "1" } },
				"index.html": "",
				"vite.config.js": 'export default { base: "/x/" }',
			};
			return (await workspaces.plan({ ...files, [file]: "" })).build?.slice(3);
		};
		expect(await build("package-lock.json")).toEqual(["--", "--base=/"]);
		expect(await build("pnpm-lock.yaml")).toEqual(["--base=/"]);
	});

	test("a script that calls Bun needs it, whoever installs", async () => {
		const { tools } = await workspaces.plan({
			"package.json": { scripts: { build: "bun build src/index.ts", start: "node out.js" }, dependencies: { hono: "4" } },
			"package-lock.json": "{}",
		});
		expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["npm", "bun"]));
	});
});

describe("more than one lockfile", () => {
	test("the one that is not npm's is used, and the other named", async () => {
		const plan = await workspaces.plan({ "package.json": manifest(), "package-lock.json": "{}", "pnpm-lock.yaml": "" });
		expect(plan).toMatchObject({
			packageManager: "pnpm",
			warnings: expect.arrayContaining([expect.stringContaining("pnpm-lock.yaml and package-lock.json")]),
		});
		expect(plan.evidence).toContainEqual({ file: "package-lock.json", line: null, means: "A lockfile of npm, which is not used" });
	});

	test("one of another package manager than the project names is not used", async () => {
		const plan = await workspaces.plan({ "package.json": manifest({ packageManager: "npm@11.0.0" }), "yarn.lock": "" });
		expect(plan).toMatchObject({
			install: ["npm", "install"],
			warnings: expect.arrayContaining([expect.stringContaining("yarn.lock belongs to another package manager than npm")]),
		});
	});
});

describe("Yarn without node_modules", () => {
	test("gets them here, unless the project has them already", async () => {
		const files = { "package.json": manifest(), "yarn.lock": berry(8) };
		expect((await workspaces.plan(files)).env).toEqual({ YARN_NODE_LINKER: "node-modules" });
		expect((await workspaces.plan({ ...files, ".yarnrc.yml": "nodeLinker: node-modules\n" })).env).toEqual({});
	});
});

describe("the image of a project brings its package manager", () => {
	test.each([
		["pnpm-lock.yaml", "lockfileVersion: '9.0'\n", /RUN \["npm", "install", "--global", "--force", "pnpm@10\.\d+\.\d+"\]/],
		["yarn.lock", berry(8), /"@yarnpkg\/cli-dist@4\.\d+\.\d+"/],
		["yarn.lock", "# yarn lockfile v1\n", /"yarn@1\.22\.22"/],
		["bun.lock", "", /"bun@1\.\d+\.\d+"/],
	])("%s", async (file, text, line) => {
		const { dockerfile } = await workspaces.plan({ "package.json": manifest(), [file]: text });
		expect(dockerfile).toMatch(line);
		expect(dockerfile).toContain(`COPY package.json ${file} ./`);
	});
});

describe("the version of Node, by what the project says", () => {
	test.each<[string, Files, string, string]>([
		[".tool-versions", { ".tool-versions": "python 3.12\nnodejs 20.11.1\n", "package.json": manifest() }, "20.11.1", ".tool-versions"],
		["Volta", { "package.json": manifest({ volta: { node: "18.20.0" }, engines: { node: "22" } }) }, "18.20.0", "package.json"],
		["a comment in .nvmrc", { ".nvmrc": "# ours\nlts/jod # 22\n", "package.json": manifest() }, "22", ".nvmrc"],
	])("%s", async (_name, files, version, file) => {
		const plan = await workspaces.plan(files);
		expect(plan.nodeVersion).toBe(version);
		expect(plan.evidence.some((seen) => seen.file === file && seen.means.startsWith(`Node ${version}`))).toBe(true);
	});

	test("one that does not exist is named, and the usual one used", async () => {
		expect(await workspaces.plan({ ".nvmrc": "iojs", "package.json": manifest() })).toMatchObject({
			nodeVersion: "24",
			warnings: expect.arrayContaining(["“iojs” in .nvmrc is not a known Node version; Node 24 is used."]),
		});
	});
});

test("a Procfile in a language nobody knows starts what it says", async () => {
	expect(await workspaces.plan({ Procfile: "worker: x\nweb: ./run --port=$PORT\n" })).toMatchObject({
		provider: "procfile",
		start: ["sh", "-c", "./run --port=$PORT"],
		evidence: [{ file: "Procfile", line: 2, means: "Starts with ./run --port=$PORT" }],
	});
	expect(await workspaces.plans({ Procfile: "worker: x\nweb:\n" })).toEqual([]);
});

test("expected variables are read from the example of an environment file", async () => {
	const text = "# about\nexport API_KEY=\nDATABASE_URL = postgres://x\nPORT=3000\nNODE_ENV=production\n1BAD=x\nAPI_KEY=again\n";
	expect(await readExpectedVariables(await workspaces.of({ ".env.example": text }))).toEqual(["API_KEY", "DATABASE_URL"]);
	expect(await readExpectedVariables(await workspaces.of({ ".env": "SECRET=1\n" }))).toEqual([]);
});
