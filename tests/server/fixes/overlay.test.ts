import { lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { type FixProposal, planSchema, type WorkFailure } from "#lib/protocol/index.ts";
import { layOver, patchTexts } from "#server/fixes/overlay.ts";
import { proposeFix } from "#server/fixes/propose.ts";
import { isKnowable } from "#server/fixes/rules/environment.ts";
import { openWorkspace } from "#server/source/workspace.ts";

let dir: string;
let base: string;
beforeEach(async () => {
	dir = await mkdtemp(join(tmpdir(), "quayside-fix-"));
	base = join(dir, "base");
	await mkdir(base);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

async function files(all: Record<string, string>): Promise<void> {
	for (const [path, text] of Object.entries(all)) {
		await mkdir(join(base, path, ".."), { recursive: true });
		await writeFile(join(base, path), text);
	}
}

const plan = planSchema.parse({
	provider: "node",
	framework: "Node",
	summary: "",
	kind: "process",
	directory: "",
	nodeVersion: "24",
	packageManager: "npm",
	install: ["npm", "ci"],
	build: null,
	test: null,
	start: ["node", "server.js"],
	output: null,
	spaFallback: false,
	healthPath: "/",
	confidence: 1,
	evidence: [],
	warnings: [],
	dockerfile: null,
});

async function propose(
	failure: Partial<WorkFailure>,
	changes: Partial<Parameters<typeof proposeFix>[0]> = {},
): Promise<FixProposal | null> {
	const folder = await openWorkspace(base, null);
	return proposeFix({
		stage: "build",
		failure: { code: "build_failed", ...failure },
		plan,
		project: folder,
		app: folder,
		installed: folder,
		settings: {},
		variables: new Set(),
		memoryMb: 1024,
		mostMemoryMb: 1536,
		...changes,
	});
}

const overlay = (fixes: readonly FixProposal[]) =>
	layOver({ base, into: join(dir, "patched"), fixes, mark: "01JATTEMPT", signal: AbortSignal.timeout(20_000) });

const missing = { cause: "lockfile_missing", command: "npm ci" };

describe("a repair laid over a copy", () => {
	it("is the file its diff says, and the source stays as it was", async () => {
		await files({ "package.json": "{}\n", "quayside.json": '{\n\t"install": "npm ci",\n\t"port": 80\n}\n' });
		const fix = await propose(missing);
		expect(fix?.diff).toBe(
			'--- a/quayside.json\n+++ b/quayside.json\n@@ -1,4 +1,4 @@\n {\n-\t"install": "npm ci",\n+\t"install": "npm install",\n \t"port": 80\n }\n',
		);
		expect(await overlay(fix ? [fix] : [])).toMatchObject({ ok: true });
		expect(await readFile(join(dir, "patched/quayside.json"), "utf8")).toBe('{\n\t"install": "npm install",\n\t"port": 80\n}\n');
		expect(await readFile(join(base, "quayside.json"), "utf8")).toContain("npm ci");
	});

	it("is made again from the record, one after the other", async () => {
		await files({ "package.json": '{ "scripts": { "start": "node server.js" } }\n' });
		const first = await propose(missing);
		if (!first) throw new Error("no repair");
		expect(await overlay([first])).toMatchObject({ ok: true });
		const patched = await openWorkspace(join(dir, "patched"), null);
		const second = await propose({ cause: "port_fixed", seen: { ports: "4321" } }, { project: patched, app: patched, installed: patched });
		await rm(join(dir, "patched"), { recursive: true });
		expect(await overlay(second ? [first, second] : [])).toMatchObject({ ok: true });
		expect(JSON.parse(await readFile(join(dir, "patched/quayside.json"), "utf8"))).toEqual({ install: "npm install", port: 4321 });
	});

	it("never writes through a link", async () => {
		await writeFile(join(dir, "outside"), '{ "install": "npm ci" }\n');
		await files({ "package.json": "{}\n" });
		const fix = await propose(missing);
		await symlink(join(dir, "outside"), join(base, "quayside.json"));
		expect(await overlay(fix ? [fix] : [])).toMatchObject({ ok: true });
		expect((await lstat(join(dir, "patched/quayside.json"))).isFile()).toBe(true);
		expect(await readlink(join(base, "quayside.json"))).toBe(join(dir, "outside"));
		expect(await readFile(join(dir, "outside"), "utf8")).toContain("npm ci");
	});

	it("does not fit a file that is another one by now", async () => {
		await files({ "quayside.json": '{ "install": "npm ci" }\n' });
		const fix = await propose(missing);
		if (!fix) throw new Error("no repair");
		const workspace = await openWorkspace(base, null);
		expect(await patchTexts(workspace, new Map(), fix)).not.toBeNull();
		await files({ "quayside.json": '{ "install": "npm ci --no-optional" }\n' });
		expect(await patchTexts(workspace, new Map(), fix)).toBeNull();
		expect(await overlay([fix])).toMatchObject({ ok: false, failure: { code: "result_missing" } });
		await expect(lstat(join(dir, "patched"))).rejects.toThrow("ENOENT");
	});
});

test.each([
	["./Pages/Harbour.js", "./pages/harbour.js"],
	["./Pages/Harbour", "./pages/harbour"],
	["../src/pages/HARBOUR.js", "../src/pages/harbour.js"],
])("an import of %s is written as the file is called: %s", async (written, meant) => {
	await files({ "src/server.js": `import { a } from "${written}";\nimport b from "./pages/other.js";\n`, "src/pages/harbour.js": "" });
	const seen = { module: "/workspace/src/Pages/Harbour.js", real: "src/pages/harbour.js", from: "src/server.js" };
	const fix = await propose({ cause: "file_name_case", seen });
	expect(fix?.title).toBe(`Import “${meant}”, as the file is called, in place of “${written}”`);
	expect(fix?.diff).toContain(`+import { a } from "${meant}";\n import b from "./pages/other.js";`);
});

describe("no repair is proposed", () => {
	it("of a field that the project's settings fix: they would win", async () => {
		await files({ "package.json": "{}\n" });
		expect(await propose(missing, { settings: { install: "npm ci" } })).toBeNull();
	});

	it("that would show a secret", async () => {
		const token = `ghp_${"a1B2".repeat(9)}`;
		await files({ "quayside.json": `{ "install": "npm ci", "env": { "FETCH": "${token}" } }\n` });
		expect(await propose(missing)).toBeNull();
	});

	it("for a cause that no rule knows, an app on two ports, a script that may be either of two", async () => {
		await files({
			"package.json": '{ "scripts": { "builda": "x", "buildb": "x" } }\n',
			"quayside.json": '{ "build": "npm run build1" }\n',
		});
		expect(await propose({ cause: "tests_failed" })).toBeNull();
		expect(await propose({ cause: "port_fixed", seen: { ports: "4321 9229" } })).toBeNull();
		expect(await propose({ cause: "script_missing", seen: { script: "build1" } })).toBeNull();
	});

	it("that gives a build more memory than the machine can spare", async () => {
		expect(await propose({ cause: "out_of_memory" })).toMatchObject({ build_memory_mb: 1536, files: [] });
		expect(await propose({ cause: "out_of_memory" }, { memoryMb: 1536 })).toBeNull();
	});
});

it.each([
	["GREETING", "Hello", true],
	["LOG_LEVEL", "info", true],
	["API_KEY", "abc", false],
	["SESSION_SECRET", "abc", false],
	["DATABASE_URL", "postgres://localhost/app", false],
	["CACHE", "redis://user:pass@cache/0", false],
	["SITE_NAME", "<your site>", false],
	["TITLE", "change me", false],
	["EMPTY", "", false],
])("%s=%s of an example is a value that is known: %s", (name, value, known) => {
	expect(isKnowable(name, value)).toBe(known);
});
