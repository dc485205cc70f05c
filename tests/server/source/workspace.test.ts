import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { facts } from "#server/source/facts.ts";
import { scanForSecrets } from "#server/source/secret-scan.ts";
import { openWorkspace, type Workspace } from "#server/source/workspace.ts";

let dir: string;
let workspace: Workspace;
beforeAll(async () => {
	dir = await mkdtemp(join(tmpdir(), "quayside-workspace-"));
	const root = join(dir, "repository");
	await mkdir(join(root, "app/src/deep"), { recursive: true });
	await mkdir(join(root, "app/node_modules/x"), { recursive: true });
	await writeFile(join(dir, "outside.txt"), "outside");
	await writeFile(join(root, "readme.md"), "read me");
	await writeFile(join(root, "app/index.html"), "<p>hello</p>");
	await writeFile(join(root, "app/src/main.ts"), "export {};\n");
	await writeFile(join(root, "app/src/deep/style.css"), "p {}\n");
	await writeFile(join(root, "app/node_modules/x/index.js"), "not mine");
	await writeFile(join(root, "app/bom.json"), "\uFEFF{}");
	await symlink("../readme.md", join(root, "app/inside-link"));
	await symlink("../../outside.txt", join(root, "app/outside-link"));
	await symlink("/etc", join(root, "app/etc"));
	await symlink("loop", join(root, "app/loop"));
	await symlink(".", join(root, "app/self"));
	await promisify(execFile)("mkfifo", [join(root, "app/pipe")]);
	workspace = await openWorkspace(root, "app");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("the workspace", () => {
	test("reads its own files, up to a bound", async () => {
		expect(await workspace.read("index.html")).toBe("<p>hello</p>");
		expect(await workspace.read("./src//main.ts")).toBe("export {};\n");
		expect(await workspace.read("index.html", 4)).toBe("<p>h");
		expect(await workspace.read("bom.json")).toBe("{}");
	});

	test("follows links within the repository and no further", async () => {
		expect(await workspace.read("inside-link")).toBe("read me");
		for (const path of [
			"outside-link",
			"etc/passwd",
			"loop",
			"../../outside.txt",
			"../../../etc/passwd",
			"/etc/passwd",
			join(dir, "outside.txt"),
			"a\0b",
		]) {
			expect(await workspace.read(path), path).toBeNull();
			expect(await workspace.isFile(path), path).toBe(false);
		}
		expect(await workspace.isDirectory("etc")).toBe(false);
		expect(await workspace.list("etc")).toEqual([]);
	});

	test("a folder, a pipe and nothing are no files", async () => {
		for (const path of ["src", "pipe", "none"]) expect(await workspace.read(path), path).toBeNull();
		expect(await workspace.isDirectory("src")).toBe(true);
	});

	test("lists by name and kind", async () => {
		expect(await workspace.list("src")).toEqual([
			{ name: "deep", kind: "directory" },
			{ name: "main.ts", kind: "file" },
		]);
		expect((await workspace.list()).find(({ name }) => name === "etc")).toEqual({ name: "etc", kind: "other" });
	});

	test("walks its files without dependencies and links, and stops at its bound", async () => {
		const walked = async (max?: number) => {
			const paths: string[] = [];
			for await (const { path } of workspace.walk(max)) paths.push(path);
			return paths;
		};
		expect((await walked()).sort()).toEqual(["bom.json", "index.html", "src/deep/style.css", "src/main.ts"]);
		expect(await walked(2)).toHaveLength(2);
	});

	test.each(["..", "../..", "none", "etc", "app/etc", "/etc", "app/index.html", "app/../.."])(
		"cannot be opened at %s",
		async (directory) => {
			await expect(openWorkspace(join(dir, "repository"), directory)).rejects.toThrow("must lie in its repository");
		},
	);
});

test("facts count files and languages", async () => {
	expect(await facts(workspace)).toEqual({
		files: 4,
		bytes: 33,
		languages: [
			{ name: "HTML", files: 1, percent: 43 },
			{ name: "TypeScript", files: 1, percent: 39 },
			{ name: "CSS", files: 1, percent: 18 },
		],
		complete: true,
	});
});

describe("the search for secrets", () => {
	// Put together here, so that no tool takes this file for a leak.
	const secrets: [string, string][] = [
		["an AWS access key", `AKIA${"ABCDEFGH12345678"}`],
		["a GitHub token", `ghp_${"a1B2".repeat(9)}`],
		["a GitLab token", `glpat-${"x".repeat(20)}`],
		["a Stripe live key", `sk_live_${"4eC39HqLyjWDarjtT1zdp7dc"}`],
		["an Anthropic key", `sk-ant-${"api03-abcdefghijklmnopqrstuvwx"}`],
		["an OpenAI key", `sk-proj-${"abcdefghijklmnopqrstuvwxyz0123456789"}`],
		["a Google API key", `AIza${"SyA1234567890abcdefghijklmnopqrstuv"}`],
		["an npm token", `npm_${"a".repeat(36)}`],
		["a private key", `-----BEGIN RSA ${"PRIVATE"} KEY-----`],
		["a database address with a password", `postgres://app:${"s3cr3t-pass"}@db.example.com/app`],
	];

	test("names file, line and kind, never the value", async () => {
		const root = join(dir, "leaky");
		await mkdir(root);
		await writeFile(join(root, "config.js"), `// keys\n${secrets.map(([, value]) => `const x = "${value}";`).join("\n")}\n`);
		const scan = await scanForSecrets(await openWorkspace(root, null), AbortSignal.timeout(5000));
		expect(scan.findings).toEqual(secrets.map(([kind], index) => ({ file: "config.js", line: index + 2, kind })));
		for (const [, value] of secrets) expect(JSON.stringify(scan)).not.toContain(value);
	});

	test("finds committed environment files and keys, not their examples", async () => {
		const root = join(dir, "files");
		await mkdir(join(root, "deploy"), { recursive: true });
		for (const name of [".env", ".env.production", "deploy/id_rsa", ".env.example", "deploy/.env.sample", "environment.ts"])
			await writeFile(join(root, name), "A=1\n");
		const scan = await scanForSecrets(await openWorkspace(root, null), AbortSignal.timeout(5000));
		expect(scan.findings.map(({ file, line }) => [file, line]).sort()).toEqual([
			[".env", null],
			[".env.production", null],
			["deploy/id_rsa", null],
		]);
	});

	test("passes over harmless text, lockfiles and binaries", async () => {
		const root = join(dir, "clean");
		await mkdir(root);
		await writeFile(join(root, "package-lock.json"), secrets.map(([, value]) => value).join("\n"));
		await writeFile(join(root, "data.bin"), `\0${secrets[0]?.[1]}`);
		await writeFile(
			join(root, "readme.md"),
			"postgres://postgres:password@localhost/app\nsk-learn is a library\npostgres://user:${DB_PASSWORD}@db/app\n",
		);
		expect((await scanForSecrets(await openWorkspace(root, null), AbortSignal.timeout(5000))).findings).toEqual([]);
	});

	test("stays bounded on hostile input", async () => {
		const root = join(dir, "hostile");
		await mkdir(root);
		await writeFile(join(root, "long.txt"), "a:b@".repeat(100_000));
		await writeFile(join(root, "many.txt"), `${secrets[0]?.[1]}\n`.repeat(500));
		const started = performance.now();
		const scan = await scanForSecrets(await openWorkspace(root, null), AbortSignal.timeout(5000));
		expect(scan.findings).toHaveLength(50);
		expect(performance.now() - started).toBeLessThan(2000);
	});
});
