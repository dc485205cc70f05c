import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

const read = (...path: string[]) => readFile(join(...path), "utf8");
const writePage = 'require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/index.html", "built");';

describe("the fixtures", () => {
	test("a static site is put together without running anything", async () => {
		const { outcome, outDir, phases } = await builds.fixture("static");
		expect(outcome).toMatchObject({ ok: true, value: { files: 4, bytes: expect.any(Number), durationMs: expect.any(Number) } });
		expect(await readdir(outDir)).toEqual(["site"]);
		expect((await readdir(join(outDir, "site"))).sort()).toEqual(["about.html", "index.html", "main.js", "style.css"]);
		expect(phases).toEqual([["collect", null]]);
	});

	test("Vite with React and TypeScript", { timeout: 300_000 }, async () => {
		const { outcome, outDir, phases, heard, sourceDir } = await builds.fixture("vite-react-ts");
		expect(outcome).toMatchObject({ ok: true, value: { files: 3 } });
		expect(await read(outDir, "site/index.html")).toContain("/assets/");
		expect(await readdir(outDir)).toEqual(["site"]);
		expect(phases).toEqual([
			["toolchain", null],
			["install", "npm ci"],
			["build", "npm run build"],
			["collect", null],
		]);
		expect(heard.sentences).toEqual(
			expect.arrayContaining(["Running npm ci", expect.stringMatching(/^npm added \d+ packages$/), "Running npm run build"]),
		);
		expect(heard.awaited[0]).toMatch(/^npm to install \d+ packages$/);
		expect(heard.log).toContain("modules transformed");
		// npm says nothing meanwhile; what it has put in place is counted (R20).
		const counted = heard.sentences.filter((sentence) => /^npm has put \d+ of \d+ packages in place$/.test(sentence));
		expect(counted.length).toBeGreaterThan(0);
		expect(heard.percents).toEqual(heard.percents.toSorted((a, b) => a - b));
		expect(await readdir(sourceDir)).not.toContain("node_modules");
	});

	test("Express keeps its dependencies", { timeout: 300_000 }, async () => {
		const { outcome, outDir } = await builds.fixture("express");
		expect(outcome.ok).toBe(true);
		expect(await readdir(outDir)).toEqual(["app"]);
		expect(await readdir(join(outDir, "app/node_modules"))).toContain("express");
	});

	test("a failing build says which command, how it ended and the lines that matter", { timeout: 300_000 }, async () => {
		const { outcome } = await builds.fixture("failing-build");
		expect(outcome).toMatchObject({
			ok: false,
			failure: {
				code: "build_failed",
				cause: "file_missing",
				command: "npm run build",
				exitCode: 1,
				message: "“src/main.js” imports “./harbor.js”, and there is no such file in the repository.",
			},
		});
		const lines = outcome.ok ? [] : (outcome.failure.lines ?? []);
		expect(lines.length).toBeGreaterThanOrEqual(5);
		expect(lines.length).toBeLessThanOrEqual(15);
		expect(lines.join("\n")).toContain('Could not resolve "./harbor.js" from "src/main.js"');
	});
});

describe("what a build sees", () => {
	test("a cleared environment with the project's variables", async () => {
		process.env.QUAYSIDE_CANARY = "platform secret";
		const script = `require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/env.json", JSON.stringify(process.env));`;
		const { outDir } = await builds.files(
			{ "build.js": script },
			{ build: ["node", "build.js"] },
			{ env: { API_URL: "https://api.example.com", CI: "false" } },
		);
		delete process.env.QUAYSIDE_CANARY;
		const env = JSON.parse(await read(outDir, "site/env.json")) as Record<string, string>;
		expect(env).toMatchObject({
			API_URL: "https://api.example.com",
			CI: "false",
			HOME: "/home/app",
			npm_config_cache: "/quayside/cache/npm",
		});
		expect(env).not.toHaveProperty("QUAYSIDE_CANARY");
		expect(Object.keys(env).filter((name) => name.startsWith("QUAYSIDE"))).toEqual([]);
	});

	test("node, npm and npx of its toolchain", async () => {
		const script = `const { execSync } = require("node:child_process"); ${writePage} for (const tool of ["node", "npm", "npx"]) console.log(tool, execSync(tool + " --version").toString().trim());`;
		const { heard, outcome } = await builds.files({ "build.js": script }, { build: ["node", "build.js"] });
		expect(outcome.ok).toBe(true);
		expect(heard.log).toContain(`node ${process.version}`);
		expect(heard.log).toMatch(/npm \d+\.\d+\.\d+\nnpx \d+\.\d+\.\d+/);
	});

	test("no private address", async () => {
		const script = `fetch("http://10.1.2.3/").then((r) => { if (!r.ok) throw new Error("error: status " + r.status); }).catch((e) => { console.error(String(e)); process.exit(4); });`;
		const { outcome } = await builds.files({ "build.js": script }, { build: ["node", "build.js"] });
		expect(outcome).toMatchObject({ ok: false, failure: { code: "build_failed", exitCode: 4 } });
		expect(outcome.ok ? [] : outcome.failure.lines?.at(-1)).toContain("10.1.2.3:80");
	});

	test("the whole repository, when the app is a folder of it", async () => {
		const files = {
			"shared/text.txt": "from beside",
			"web/build.js": `${writePage} require("node:fs").copyFileSync("../shared/text.txt", "dist/text.txt");`,
		};
		const { outDir, outcome } = await builds.files(files, { directory: "web", build: ["node", "build.js"] });
		expect(outcome).toMatchObject({ ok: true, value: { files: 2 } });
		expect(await read(outDir, "site/text.txt")).toBe("from beside");
	});

	test("a process in a folder of the repository becomes the app", async () => {
		const { outDir } = await builds.files(
			{ "api/server.js": "1", "readme.md": "x" },
			{ kind: "process", directory: "api", start: ["node", "server.js"], output: null },
		);
		expect(await readdir(join(outDir, "app"))).toEqual(["server.js"]);
	});
});

describe("what is not served", () => {
	test("environment files, version control and links that lead elsewhere", async () => {
		const script = `${writePage} const fs = require("node:fs"); fs.symlinkSync("/etc/passwd", "dist/passwd"); fs.symlinkSync("index.html", "dist/home.html"); fs.symlinkSync("../secret", "dist/up"); fs.symlinkSync("none", "dist/dead"); fs.writeFileSync("dist/.env", "A=1"); fs.mkdirSync("dist/.git/x", { recursive: true }); fs.writeFileSync("dist/.git/x/config", ""); fs.mkdirSync("dist/.well-known"); fs.writeFileSync("dist/.well-known/a", "");`;
		const { outDir, heard } = await builds.files({ "build.js": script, "secret/key": "k" }, { build: ["node", "build.js"] });
		expect((await readdir(join(outDir, "site"))).sort()).toEqual([".well-known", "home.html", "index.html"]);
		expect(heard.log).toContain("passwd is left out of the site: it is a link to somewhere else");
	});

	test("an output folder that is a link out of the project", async () => {
		const { outcome } = await builds.files(
			{ "build.js": 'require("node:fs").symlinkSync("/etc", "dist")' },
			{ build: ["node", "build.js"] },
		);
		expect(outcome).toMatchObject({ ok: false, failure: { code: "output_missing" } });
	});
});

describe("failures", () => {
	const buildWith = (script: string, changes = {}) => builds.files({ "build.js": script }, { build: ["node", "build.js"] }, changes);

	test("no output, and an empty one", async () => {
		expect((await buildWith("1")).outcome).toMatchObject({
			ok: false,
			failure: { code: "output_missing", message: expect.stringContaining("“dist”") },
		});
		expect((await buildWith('require("node:fs").mkdirSync("dist")')).outcome).toMatchObject({
			ok: false,
			failure: { code: "output_missing", message: expect.stringContaining("empty") },
		});
	});

	test("an output folder of another name is named", async () => {
		const write = (path: string) =>
			`const fs = require("node:fs"); fs.mkdirSync("${path}", { recursive: true }); fs.writeFileSync("${path}/index.html", "");`;
		const elsewhere = await builds.files({ "build.js": write("build/client"), "docs/index.html": "" }, { build: ["node", "build.js"] });
		expect(elsewhere.outcome).toMatchObject({
			ok: false,
			failure: {
				code: "output_missing",
				cause: "output_elsewhere",
				command: "node build.js",
				message: "The build finished, but there is no folder “dist”. A folder with an index.html is “build/client”.",
				action: expect.stringContaining("Set the output folder to “build/client”"),
			},
		});
		const server = await buildWith('require("node:fs").mkdirSync(".next/server", { recursive: true })');
		expect(server.outcome).toMatchObject({ ok: false, failure: { code: "output_missing", cause: "output_is_server" } });
		const nothing = await buildWith("1");
		expect(nothing.outcome).toMatchObject({ ok: false, failure: { cause: "output_missing" } });
	});

	test("a build that starts a server, and one that is too slow, are told apart", async () => {
		const server = await buildWith('console.log("Local:   http://localhost:5173/"); setInterval(() => {}, 1000);', { timeoutMs: 6000 });
		expect(server.outcome).toMatchObject({ ok: false, failure: { code: "stage_timeout", cause: "build_never_ends" } });
		const slow = await buildWith('console.log("working"); setInterval(() => {}, 1000);', { timeoutMs: 1500 });
		expect(slow.outcome).toMatchObject({ ok: false, failure: { code: "stage_timeout", cause: "too_slow" } });
	});

	test("the line that decided is shown, however much was printed around it", async () => {
		const script = `for (let i = 0; i < 60; i++) console.error("error: nothing to see " + i); console.error("Missing required environment variable: API_KEY"); for (let i = 0; i < 30; i++) console.log("step " + i); process.exit(1);`;
		const { outcome } = await buildWith(script);
		expect(outcome).toMatchObject({
			ok: false,
			failure: { cause: "env_missing", lines: expect.arrayContaining(["Missing required environment variable: API_KEY"]) },
		});
		expect(outcome.ok ? 0 : outcome.failure.lines?.length).toBe(15);
	});

	test("a lockfile that does not fit", async () => {
		const files = { "package.json": '{"dependencies":{"ms":"2.1.3"}}', "package-lock.json": '{"lockfileVersion":3,"packages":{"":{}}}' };
		const { outcome } = await builds.files(files, { install: ["npm", "ci"] });
		expect(outcome).toMatchObject({
			ok: false,
			failure: {
				code: "install_failed",
				cause: "lockfile_outdated",
				command: "npm ci",
				exitCode: 1,
				message: "package-lock.json does not fit package.json: one was changed without the other. It lacks “ms@2.1.3”.",
				action: expect.stringContaining("package-lock.json"),
			},
		});
	});

	test("a dependency that does not exist", async () => {
		const { outcome } = await builds.files({ "package.json": '{"dependencies":{"ms":"999.0.0"}}' }, { install: ["npm", "install"] });
		expect(outcome).toMatchObject({
			ok: false,
			failure: { code: "install_failed", cause: "version_not_found", message: expect.stringContaining("“ms@999.0.0”") },
		});
	});

	test("a command that is not there", async () => {
		const { outcome } = await builds.files({ "a.txt": "" }, { build: ["no-such-tool"] });
		expect(outcome).toMatchObject({
			ok: false,
			failure: { code: "build_failed", exitCode: 127, action: expect.stringContaining("dependencies") },
		});
	});

	test("too much memory, in the heap and beside it", { timeout: 300_000 }, async () => {
		const beside = "const all = []; setInterval(() => all.push(Buffer.alloc(32e6, 1)), 5);";
		const heap = "const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()));";
		for (const script of [beside, heap]) {
			expect((await buildWith(script, { memoryMb: 400 })).outcome).toMatchObject({
				ok: false,
				failure: { code: "out_of_memory", message: "node build.js used more than 400 MB of memory." },
			});
		}
	});

	test("too much time", async () => {
		expect((await buildWith("setInterval(() => {}, 1000)", { timeoutMs: 1500 })).outcome).toMatchObject({
			ok: false,
			failure: { code: "stage_timeout", message: expect.stringContaining("2 s") },
		});
	});

	test("too much output", async () => {
		const { outcome } = await buildWith(
			'const line = "x".repeat(65535) + "\\n"; const more = () => { while (process.stdout.write(line)); process.stdout.once("drain", more); }; more();',
		);
		expect(outcome).toMatchObject({ ok: false, failure: { code: "output_limit" } });
	});

	test("an abort in mid-build", async () => {
		const abort = new AbortController();
		const onOutput = (text: string) => text.includes("begun") && abort.abort();
		const script = 'console.log("begun"); setInterval(() => {}, 1000);';
		expect((await buildWith(script, { signal: abort.signal, onOutput })).outcome).toMatchObject({
			ok: false,
			failure: { code: "cancelled" },
		});
	});
});
