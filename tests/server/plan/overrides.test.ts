import { readFile, symlink } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { choosePlan } from "#server/plan/choose.ts";
import { openWorkspaces, type Workspaces } from "#tests/support/workspaces.ts";
import { schemaFile, schemaText } from "../../../scripts/quayside-schema.mjs";

let workspaces: Workspaces;
beforeAll(async () => {
	workspaces = await openWorkspaces();
});
afterAll(() => workspaces.remove());

const server = {
	"package.json": { scripts: { start: "node server.js", build: "tsc" }, dependencies: { express: "1" } },
	"package-lock.json": "{}",
};
const site = { "package.json": { scripts: { build: "vite build" }, devDependencies: { vite: "7.0.0" } }, "index.html": "<p>" };

describe("what people fix about a plan", () => {
	test("a line is split into arguments, or read by a shell of the sandbox", async () => {
		const plan = await workspaces.chosen({
			...server,
			"quayside.json": { build: "make 'all of it'", start: "node a.js --port $PORT", test: ["node", "--test"] },
		});
		expect(plan).toMatchObject({
			build: ["make", "all of it"],
			start: ["sh", "-c", "node a.js --port $PORT"],
			test: ["node", "--test"],
			install: ["npm", "ci"],
			kind: "process",
		});
	});

	test("null takes a step away", async () => {
		expect(await workspaces.chosen({ ...server, "quayside.json": { build: null, install: null } })).toMatchObject({
			build: null,
			install: null,
		});
	});

	test("an output folder makes a site of a program, a start command a program of a site", async () => {
		expect(await workspaces.chosen({ ...server, "quayside.json": { output: "public" } })).toMatchObject({
			kind: "static",
			output: "public",
			start: null,
			summary: "Detected Express, npm, output public",
		});
		expect(await workspaces.chosen({ ...site, "quayside.json": { start: "node serve.js", port: 4000 } })).toMatchObject({
			kind: "process",
			output: null,
			start: ["node", "serve.js"],
			port: 4000,
			spaFallback: false,
		});
		expect(await workspaces.chosen({ ...server, "quayside.json": { start: null, output: "" } })).toMatchObject({
			kind: "static",
			output: ".",
		});
	});

	test("settings of the project win, variables one by one", async () => {
		const file = { build: "from-file", start: "node file.js", env: { A: "file", B: "file" }, healthPath: "/file" };
		const plan = await workspaces.chosen({ ...server, "quayside.json": file }, { build: "from-settings", env: { B: "settings" } });
		expect(plan).toMatchObject({
			build: ["from-settings"],
			start: ["node", "file.js"],
			healthPath: "/file",
			env: { A: "file", B: "settings" },
		});
	});

	test("a setting that speaks of the output wins over a start command of the file", async () => {
		expect(await workspaces.chosen({ ...server, "quayside.json": { start: "node file.js" } }, { output: "dist" })).toMatchObject({
			kind: "static",
			start: null,
			output: "dist",
		});
	});

	test("the version of Node and the package manager change what follows from them", async () => {
		const plan = await workspaces.chosen({ ...site, "quayside.json": { node: "^20", packageManager: "pnpm" } });
		expect(plan).toMatchObject({
			nodeVersion: "20",
			install: ["pnpm", "install", "--no-frozen-lockfile"],
			build: ["pnpm", "run", "build"],
			tools: [
				{ name: "node", version: "20" },
				{ name: "pnpm", version: "10" },
			],
		});
		expect(plan.dockerfile).toContain("FROM node:20.");
	});

	test("tools that a command calls are added", async () => {
		const { tools } = await workspaces.chosen({
			...server,
			"quayside.json": { build: "pip install x && python3 make.py", start: ["bun", "a.ts"] },
		});
		expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["node", "npm", "python", "bun"]));
	});

	test("the evidence says who decided, and what was replaced is not told any more", async () => {
		const text = '{\n  "start": "node b.js",\n  "healthPath": "/up"\n}';
		const { evidence } = await workspaces.chosen({ ...server, "quayside.json": text }, { healthPath: "/ok", build: "make" });
		expect(evidence.slice(0, 3)).toEqual([
			{ file: "The project's settings", line: null, means: "set the path that is asked for: /ok" },
			{ file: "The project's settings", line: null, means: "set the build command: make" },
			{ file: "quayside.json", line: 2, means: "sets the start command: node b.js" },
		]);
		expect(evidence.filter(({ means }) => /^(?:Starts|Builds) with/.test(means))).toEqual([]);
	});

	test("the Dockerfile follows", async () => {
		const { dockerfile } = await workspaces.chosen({
			...server,
			"quayside.json": { start: "node other.js", port: 4000, healthPath: "/up" },
		});
		expect(dockerfile).toContain('CMD ["node","other.js"]');
		expect(dockerfile).toContain("EXPOSE 4000");
		expect(dockerfile).toContain("http://127.0.0.1:4000/up");
	});

	test("another of the possible plans is chosen by its name", async () => {
		const files = { ...server, "public/index.html": "<p>", Dockerfile: "FROM node:24\n" };
		expect(await workspaces.chosen(files)).toMatchObject({ provider: "node" });
		expect(await workspaces.chosen(files, { provider: "static" })).toMatchObject({ provider: "static", output: "public" });
		expect(await workspaces.chosen({ ...files, "quayside.json": { provider: "dockerfile" } })).toMatchObject({
			kind: "image",
			dockerfile: null,
		});
		expect(await workspaces.refusal(files, { provider: "python" })).toMatchObject({
			code: "config_invalid",
			message: expect.stringContaining("“node”, “static”, “dockerfile”"),
		});
	});

	test("commands of its owner's come before a Dockerfile that cannot be carried out here", async () => {
		const files = { Dockerfile: "FROM debian:12\n", "quayside.json": { start: "python3 app.py" } };
		expect(await workspaces.chosen(files)).toMatchObject({ provider: "own", kind: "process", start: ["python3", "app.py"], warnings: [] });
		expect(await workspaces.chosen({ Dockerfile: "FROM debian:12\n" })).toMatchObject({ kind: "image" });
	});

	test("a start command that is overruled is not told", async () => {
		const { evidence } = await workspaces.chosen({ ...server, "quayside.json": { start: "node file.js" } }, { output: "dist" });
		expect(evidence.filter(({ means }) => means.includes("start command"))).toEqual([]);
	});

	test("a project that nothing recognises is run by its own commands", async () => {
		expect(await workspaces.chosen({ "main.zig": "", "quayside.json": { build: "zig build", start: "./zig-out/bin/app" } })).toMatchObject({
			provider: "own",
			kind: "process",
			build: ["zig", "build"],
			start: ["./zig-out/bin/app"],
			dockerfile: expect.stringContaining('CMD ["./zig-out/bin/app"]'),
		});
		expect(await workspaces.chosen({ "make.sh": "", "quayside.json": { build: "sh make.sh", output: "out" } })).toMatchObject({
			kind: "static",
			output: "out",
		});
	});
});

describe("a quayside.json that cannot be used names its line and field", () => {
	test.each<[string, RegExp, string?]>([
		['{\n  "build": "x"\n  "start": "y"\n}', /^Line 3 of quayside\.json is not valid JSON/, '3 |   "start": "y"'],
		['{\n  "build": yes\n}', /^Line 2 of/, '2 |   "build": yes'],
		['{\n  "build": "x",\n  "env": {\n', /is not valid JSON/],
		["", /quayside\.json is empty/],
		["[]", /must hold fields in braces/],
		["null", /must hold fields in braces/],
		['{\n  "biuld": "x"\n}', /^Line 2 of .* “biuld”, which is not known\. Did you mean “build”\?/],
		[`{"${"x".repeat(60_000)}": 1}`, /has the field “x{60}…”, which is not known/],
		['{"whatever": 1}', /“whatever”, which is not known\. Known are provider, framework, node/],
		['{\n  "port": "3000"\n}', /^Line 2 .* “port” must be a number from 1 to 65535/],
		['{"port": 70000}', /“port” must be a number/],
		['{\n\n  "start": 3\n}', /^Line 3 .* “start” must be one line of text, a list of arguments, or null/],
		['{"start": []}', /“start” must be one line/],
		['{"build": ["a", 3]}', /“build/],
		['{"build": "a\\u0000b"}', /“build” must be one line/],
		['{"output": "../etc"}', /“output” must be a folder inside the repository/],
		['{"output": "/etc"}', /“output” must be a folder/],
		['{"packageManager": "cargo"}', /must be npm, pnpm, yarn or bun/],
		['{"spaFallback": "yes"}', /must be true or false/],
		['{"healthPath": "health"}', /must be a path that starts with \//],
		['{\n "env": {\n  "A": 1\n }\n}', /^Line 3 .* “env\.A” must be names and texts/],
		['{"env": {"1A": "x"}}', /“env\.1A” may have letters/],
		['{"node": "none"}', /“node” asks for Node “none”, which is no known version/],
		['{"start": null}', /no output says which folder is the site/],
		[`{"framework": "${"x".repeat(70_000)}"}`, /larger than 64 KB/],
	])("%#", async (text, message, line) => {
		const failure = await workspaces.refusal({ "package.json": { scripts: { start: "node a.js" } }, "quayside.json": text });
		expect(failure.code).toBe("config_invalid");
		expect(failure.message).toMatch(message);
		if (line) expect(failure.lines).toEqual([line]);
	});

	test("wrong settings are told as settings", async () => {
		expect(await workspaces.refusal(server, { node: "0.1" })).toMatchObject({ message: expect.stringMatching(/^The project's settings/) });
	});

	test("a link out of the repository is not read", async () => {
		const workspace = await workspaces.of(server);
		await symlink("/etc/passwd", `${workspace.path}/quayside.json`);
		expect(await choosePlan(workspace)).toMatchObject({ ok: true, value: { plan: { provider: "node" } } });
	});
});

test("the published schema is the one that checks (npm run schema)", async () => {
	expect(await readFile(schemaFile, "utf8")).toBe(schemaText());
});
