import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { planSchema } from "#lib/protocol/index.ts";
import { choosePlan } from "#server/plan/choose.ts";
import { detectPlans } from "#server/plan/detect.ts";
import { openWorkspace } from "#server/source/workspace.ts";

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "quayside-hostile-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const at = (path: string) => join(root, path);
const plansOf = async () => detectPlans(await openWorkspace(root, null));

const hostile: [string, () => Promise<unknown>][] = [
	["binary garbage", () => writeFile(at("package.json"), Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 37) % 256)))],
	["nothing", () => writeFile(at("package.json"), "")],
	["null", () => writeFile(at("package.json"), "null")],
	["a list", () => writeFile(at("package.json"), "[1]")],
	["a folder", () => mkdir(at("package.json"))],
	["a link to itself", () => symlink("package.json", at("package.json"))],
	["a link to a file of the machine", () => symlink("/etc/passwd", at("package.json"))],
	["a link to a device without an end", () => symlink("/dev/zero", at("package.json"))],
	["a pipe that nobody writes to", () => promisify(execFile)("mkfifo", [at("package.json")])],
	["a text without an end", () => writeFile(at("package.json"), `{"scripts":{"build":"${"x".repeat(30_000_000)}"}}`)],
	["a hundred thousand brackets", () => writeFile(at("package.json"), "[".repeat(100_000))],
	[
		"values of the wrong kind",
		() => writeFile(at("package.json"), '{"scripts":5,"dependencies":[],"engines":"x","main":{},"workspaces":7}'),
	],
];

describe("package.json that is no package.json: no plan and no exception, in a moment", () => {
	test.each(hostile)("%s", async (_name, make) => {
		await make();
		const startedAt = performance.now();
		const chosen = await choosePlan(await openWorkspace(root, null));
		expect(chosen).toMatchObject({ ok: false, failure: { code: "nothing_deployable", message: expect.stringMatching(/^[A-Z].{10,}\.$/) } });
		expect(JSON.stringify(chosen)).not.toContain("root:x:0");
		expect(performance.now() - startedAt).toBeLessThan(5_000);
	});
});

describe("scripts with hostile text", () => {
	test.each([
		["shell metacharacters", "echo $(id) `id` && rm -rf / ; cat </etc/passwd | tee 'x\" > y"],
		["a new line", "echo one\nrm -rf /"],
		["a zero byte", "echo \u0000 x"],
		["100 KB", `echo ${"x".repeat(100_000)}`],
		["a line that looks like options", "--eval=process.exit(0) -rf"],
	])("%s: the script is run by its name, its text reaches no command of ours", async (_name, script) => {
		await writeFile(
			at("package.json"),
			JSON.stringify({ name: "shop", version: "1.0.0", scripts: { build: script, start: script, test: script } }),
		);
		await writeFile(at("index.html"), "");
		for (const plan of await plansOf()) {
			expect(planSchema.safeParse(plan).success).toBe(true);
			const commands = [plan.install, plan.build, plan.test].filter((command) => command !== null);
			expect(commands.flat().filter((part) => part.includes("rm -rf") || part.includes("$(") || part.includes("\u0000"))).toEqual([]);
		}
	});
});

test("ten thousand files and a deep tree are looked through in a moment", async () => {
	for (let folder = 0; folder < 100; folder++) {
		await mkdir(at(`many/${folder}`), { recursive: true });
		await Promise.all(Array.from({ length: 100 }, (_, n) => writeFile(at(`many/${folder}/${n}.txt`), "")));
	}
	await mkdir(at(Array.from({ length: 200 }, () => "deep").join("/")), { recursive: true });
	await writeFile(at("index.html"), "<h1>here</h1>");
	const startedAt = performance.now();
	expect((await plansOf())[0]?.provider).toBe("static");
	expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test("an empty folder has no plan", async () => {
	expect(await plansOf()).toEqual([]);
});
