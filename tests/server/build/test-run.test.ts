import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

test("the tests of a process pass in its app", async () => {
	const built = await builds.fixture("plain-http");
	const { outcome, heard } = await builds.test(built);
	expect(outcome).toMatchObject({ ok: true, value: { durationMs: expect.any(Number) } });
	expect(heard.log).toContain("pass 1");
	expect(heard.sentences).toContain("Running npm test");
});

test("a failing test says what failed", async () => {
	const files = {
		"package.json": '{"scripts":{"test":"node --test"}}',
		"a.test.js": 'require("node:test")("adds up", () => require("node:assert").equal(1, 2));',
	};
	const { outcome } = await builds.test(await builds.files(files, { kind: "process", test: ["npm", "test"], start: ["node", "a.js"] }));
	expect(outcome).toMatchObject({ ok: false, failure: { code: "test_failed", command: "npm test", exitCode: 1 } });
	expect(outcome.ok ? "" : outcome.failure.lines?.join("\n")).toContain("adds up");
});

test("the tests of a site see what was built and cannot change what is served", async () => {
	const files = {
		"build.js": 'require("node:fs").mkdirSync("dist"); require("node:fs").writeFileSync("dist/index.html", "built");',
		"test.js":
			'const fs = require("node:fs"); if (fs.readFileSync("dist/index.html", "utf8") !== "built") process.exit(1); fs.writeFileSync("dist/index.html", "changed");',
	};
	const built = await builds.files(files, { build: ["node", "build.js"], test: ["node", "test.js"] });
	expect((await builds.test(built)).outcome.ok).toBe(true);
	expect(await readFile(join(built.outDir, "site/index.html"), "utf8")).toBe("built");
});

test("what the tests of a process write is neither released nor seen by the next run", async () => {
	const files = {
		"start.js": "",
		"test.js":
			'const fs = require("node:fs"); if (fs.existsSync("left")) process.exit(1); fs.writeFileSync("left", "over"); fs.writeFileSync("start.js", "changed");',
	};
	const built = await builds.files(files, { kind: "process", test: ["node", "test.js"], start: ["node", "start.js"] });
	expect((await builds.test(built)).outcome.ok).toBe(true);
	expect((await builds.test(built)).outcome.ok).toBe(true);
	expect(await readFile(join(built.outDir, "app/start.js"), "utf8")).toBe("");
	expect((await readdir(join(built.outDir, "app"))).sort()).toEqual(["start.js", "test.js"]);
});

test("tests that hang are ended", async () => {
	const built = await builds.files(
		{ "t.js": "setInterval(() => {}, 1000)" },
		{ kind: "process", test: ["node", "t.js"], start: ["node", "t.js"] },
	);
	expect((await builds.test(built, { timeoutMs: 1000 })).outcome).toMatchObject({ ok: false, failure: { code: "stage_timeout" } });
});

test("a plan without tests is done at once", async () => {
	const built = await builds.fixture("static");
	expect((await builds.test(built)).outcome).toEqual({ ok: true, value: { durationMs: 0 } });
});

test("a secret is hidden also where its line is cut, and where its output arrives in two halves", { timeout: 60_000 }, async () => {
	const secret = "hunter2-långes-passwort-0123456789";
	const hidden = await openBuilds([secret]);
	try {
		const halves = `const bytes = Buffer.from("error: a " + secret + " b\\n"); const at = bytes.indexOf(Buffer.from("å")) + 1;
process.stdout.write(bytes.subarray(0, at)); setTimeout(() => { process.stdout.write(bytes.subarray(at)); process.exit(1); }, 300);`;
		const script = `const secret = ${JSON.stringify(secret)}; console.log("error: " + "x".repeat(980) + " " + secret); ${halves}`;
		const built = await hidden.files({ "a.js": script }, { kind: "process", test: ["node", "a.js"], start: ["node", "a.js"] });
		const { outcome } = await hidden.test(built);
		const { lines = [] } = outcome.ok ? {} : outcome.failure;
		expect(lines).toContain("error: a [hidden] b");
		expect(lines.find((line) => line.includes("xxx"))).toBe(`error: ${"x".repeat(980)} [hidden]`);
		expect(JSON.stringify(outcome)).not.toContain("hunter2");
	} finally {
		await hidden.stop();
	}
});
