import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliOptions, runCli } from "#tests/support/cli.ts";
import { getDeployment, getPreview } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { freePort, type Platform, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;
let scratch: string;
/** Called by a fetch that the git server then never answers. */
let held: (() => void) | null = null;
beforeAll(async () => {
	scratch = await mkdtemp(join(tmpdir(), "quayside-cli-"));
	git = await startGitServer({
		fixtures: ["static", "nothing-deployable"],
		intercept: ({ url }) => {
			if (held === null || !url?.includes("/slow.git")) return false;
			held();
			return true;
		},
	});
	await git.add("slow", { "index.html": "slow" });
	platform = await startPlatform();
}, 120_000);
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
	await rm(scratch, { recursive: true, force: true });
});

/** As somebody who set the two variables. */
const cli = (args: readonly string[], options: CliOptions = {}) =>
	runCli(args, { ...options, env: { QUAYSIDE_URL: platform.url, QUAYSIDE_TOKEN: platform.token, ...options.env } });

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
	const root = join(scratch, name);
	for (const [path, text] of Object.entries(files)) {
		await mkdir(join(root, path, ".."), { recursive: true });
		await writeFile(join(root, path), text);
	}
	return root;
}

describe("deploy", () => {
	it("of a repository goes live, tells each stage and ends with 0", async () => {
		const { code, stdout } = await cli(["deploy", git.url("static"), "--env", "GREETING=hi=there"]);
		expect(stdout).toMatch(/^✓ clone +Cloned static, 4 files, /m);
		expect(stdout).toMatch(/^✓ verify /m);
		expect(stdout).toMatch(/^Live: http:\/\/static\.localhost:\d+$/m);
		expect(code).toBe(0);
		expect((await cli(["env", "list", "static"])).stdout).toBe("GREETING=hi=there\n");
	});

	it("of a folder sends what belongs to it, and goes to the same project again", async () => {
		const root = await folder("my site", {
			"index.html": "one",
			".env": "SECRET=1",
			".env.local": "SECRET=2",
			".env.example": "SECRET=",
			".gitignore": "*.log\n/private/\n",
			"debug.log": "x",
			"private/note.txt": "x",
			"node_modules/x/index.js": "x",
			"docs/.gitignore": "drafts\n",
			"docs/drafts/a.html": "x",
			"docs/page.html": "page",
			".quaysideignore": "big.bin\n",
			"big.bin": "x",
		});
		await symlink("/etc/passwd", join(root, "passwd"));
		await symlink("docs/page.html", join(root, "link.html"));
		const first = await cli(["deploy", ".", "--json"], { cwd: root });
		const result = first.records().at(-1);
		expect(result).toMatchObject({ type: "result", project: "my-site", number: 1, status: "succeeded" });
		expect(first.code).toBe(0);
		expect(first.stderr).toContain("passwd is a link that leads out of the folder");
		const started = first.records().find((record) => (record.event as { type?: string })?.type === "deployment_started");
		expect(started).toMatchObject({ event: { metadata: { source: { type: "upload", url: "upload:my site" } } } });
		const preview = String(result?.previewUrl);
		for (const path of ["/index.html", "/docs/page.html", "/link.html"]) expect((await getPreview(preview, path)).status).toBe(200);
		for (const path of [
			"/.env",
			"/.env.local",
			"/debug.log",
			"/private/note.txt",
			"/docs/drafts/a.html",
			"/node_modules/x/index.js",
			"/big.bin",
			"/passwd",
		])
			expect([path, (await getPreview(preview, path)).status]).toEqual([path, 404]);

		await writeFile(join(root, "index.html"), "two");
		const second = await cli(["deploy", root, "--json"]);
		expect(second.records().at(-1)).toMatchObject({ project: "my-site", number: 2, status: "succeeded" });
		expect((await getPreview(preview)).body).toBe("two");
	});

	it("that fails ends with 1 and says what to do", async () => {
		const { code, stdout } = await cli(["deploy", git.url("nothing-deployable")]);
		expect(code).toBe(1);
		expect(stdout).toMatch(/^✗ plan +Failed$/m);
		expect(stdout).toContain("Add an index.html");
	});

	it("that is cancelled ends with 3", async () => {
		const { promise: reached, resolve } = Promise.withResolvers<void>();
		held = resolve;
		const deploying = cli(["deploy", git.url("slow"), "--project", "slow"]);
		await reached;
		expect(await cli(["cancel", "slow"])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Cancel/) });
		expect(await deploying).toMatchObject({ code: 3, stdout: expect.stringContaining("Cancelled.") });
		expect((await cli(["wait", "slow"])).code).toBe(3);
	});

	it("goes on when its watcher leaves, who is told how to come back", async () => {
		const { promise: reached, resolve } = Promise.withResolvers<void>();
		held = resolve;
		const { promise: watching, resolve: watched } = Promise.withResolvers<ChildProcess>();
		const interrupted = Promise.all([watching, reached]).then(([child]) => child.kill("SIGINT"));
		const { code, stderr } = await cli(["deploy", git.url("slow"), "--project", "slow"], { onOutput: watched });
		expect(await interrupted).toBe(true);
		expect(code).toBe(130);
		const [, id = ""] = /quayside logs --follow (\w+)/.exec(stderr) ?? [];
		expect((await getDeployment(platform, id)).status).toBe("running");
		await cli(["cancel", id]);
	});

	it("of a brief makes a product, which messages change and undo takes back", { timeout: 240_000 }, async () => {
		const file = join(await folder("words", { "brief.txt": "A waiting list for Foxglove\n" }), "brief.txt");
		const made = await cli(["deploy", "--brief-file", file, "--project", "foxglove"]);
		expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^✓ write +Wrote \d+ files[\s\S]*^Live: http:\/\/foxglove\./m)]);
		const changed = await cli(["message", "foxglove", "make the header blue", "--json"]);
		const result = changed.records().at(-1);
		expect([changed.code, result]).toEqual([0, expect.objectContaining({ type: "result", number: 2, status: "succeeded" })]);
		expect((await getPreview(String(result?.previewUrl), "/styles.css")).body).toContain("--header: #2563eb;");
		const undone = await cli(["message", "foxglove", "--undo", "--no-wait", "--json"]);
		expect(undone.records()).toMatchObject([{ type: "started", project: "foxglove", number: 3 }]);
		expect((await cli(["wait", "foxglove"])).code).toBe(0);
		expect((await getPreview(String(result?.previewUrl), "/styles.css")).body).not.toContain("--header: #2563eb;");
		const refused = await cli(["message", "foxglove", "make it pop", "--json"]);
		await git.addEmpty("foxglove");
		await git.allowPush("foxglove");
		const pushed = await cli(["push", "foxglove", git.url("foxglove"), "--branch", "site"]);
		expect([pushed.code, pushed.stdout]).toEqual([
			0,
			expect.stringMatching(/^Pushed \d+ files to .+foxglove\.git, branch site, as [0-9a-f]{7}$/m),
		]);
		expect((await cli(["push", "foxglove", "--json"])).records()).toMatchObject([{ type: "push", branch: "site", unchanged: true }]);
		expect([refused.code, refused.records()]).toMatchObject([1, [{ type: "error", error: { code: "message_not_understood" } }]]);
		expect(await cli(["deploy", "--brief", "build a time machine"])).toMatchObject({ code: 1, stdout: "" });
	});

	it("does not wait when it is told so", async () => {
		const started = await cli(["deploy", git.url("static"), "--no-wait", "--json"]);
		const [record] = started.records();
		expect(started.code).toBe(0);
		expect(record).toMatchObject({ type: "started", project: "static", number: 2 });
		expect((await cli(["wait", String(record?.id)])).code).toBe(0);
	});
});

describe("what is deployed", () => {
	it("is listed, shown and opened", async () => {
		expect((await cli(["list"])).stdout).toMatch(/^static +live +http:\/\/static\.localhost/m);
		expect((await cli(["list", "--json"])).records()).toContainEqual(expect.objectContaining({ type: "project", slug: "my-site" }));
		expect((await cli(["list", "static"])).stdout).toMatch(/#2 {2}succeeded/);
		expect((await cli(["status", "static"])).stdout).toMatch(/^static #2 {2}succeeded {2}/);
		expect((await cli(["status"])).stdout).toMatch(/^Quayside \S+, as .+ \(admin\)$/m);
		expect((await cli(["open", "static", "--print"])).stdout).toMatch(/^http:\/\/static\.localhost:\d+\n$/);
	});

	it("goes back to the release before", async () => {
		const { stdout, code } = await cli(["rollback", "my-site"]);
		expect(stdout).toContain("my-site is on the release of deployment 1. http://my-site.localhost");
		expect(code).toBe(0);
		expect((await getPreview(`http://my-site.localhost:${platform.port}`)).body).toBe("one");
		expect((await cli(["rollback", "my-site", "--list"])).stdout).toMatch(/^\* {2}\w+ {2}#1 /m);
		expect(await cli(["rollback", "my-site"])).toMatchObject({ code: 1, stderr: expect.stringContaining("no older release") });
		expect(await cli(["rollback", "my-site", "9"])).toMatchObject({ code: 1, stderr: expect.stringContaining("no release “9”") });
		expect((await cli(["rollback", "my-site", "#2"])).stdout).toContain("my-site is on the release of deployment 2.");
	});

	it("has logs, of its deployment and at run time", async () => {
		const followed = await cli(["logs", "--follow", "static"]);
		expect(followed).toMatchObject({ code: 0, stdout: expect.stringContaining("Live: ") });
		expect((await cli(["logs", "static", "--stage", "clone"])).code).toBe(0);
		expect((await cli(["logs", "static", "--runtime", "--json"])).code).toBe(0);
	});

	it("has variables, with values from standard input", async () => {
		expect(await cli(["env", "set", "static", "API_KEY", "--secret", "--build"], { stdin: "s3cr3t-value\n" })).toMatchObject({ code: 0 });
		const listed = await cli(["env", "list", "static"]);
		expect(listed.stdout).toBe("API_KEY=[secret]  (build only)\nGREETING=hi=there\n");
		expect((await cli(["env", "rm", "static", "API_KEY"])).code).toBe(0);
		expect(await cli(["env", "rm", "static", "API_KEY"])).toMatchObject({
			code: 1,
			stderr: expect.stringContaining("no variable API_KEY"),
		});
		expect((await cli(["env", "list", "static", "--json"])).records()).toMatchObject([
			{ name: "GREETING", value: "hi=there", scope: "both" },
		]);
	});
});

describe("login", () => {
	it("keeps address and token for this user alone, and is not needed again", async () => {
		const env = { XDG_CONFIG_HOME: join(scratch, "config") };
		expect(await runCli(["login", platform.url], { env, stdin: `${platform.token}\n` })).toMatchObject({ code: 0 });
		const file = join(env.XDG_CONFIG_HOME, "quayside/config.json");
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ url: platform.url, token: platform.token });
		expect((await runCli(["list"], { env })).code).toBe(0);
		const elsewhere = await runCli(["list"], { env: { ...env, QUAYSIDE_URL: `http://localhost:${await freePort()}` } });
		expect(elsewhere).toMatchObject({ code: 2, stderr: expect.stringContaining("no token") });
	});

	it("refuses a token that does not work, and stores nothing", async () => {
		const env = { XDG_CONFIG_HOME: join(scratch, "other") };
		expect((await runCli(["login", platform.url], { env, stdin: "wrong\n" })).code).toBe(1);
		await expect(stat(join(scratch, "other"))).rejects.toThrow();
	});
});

describe("what goes wrong", () => {
	it("wrong use ends with 2, what is not there with 1, each with a sentence and nothing else", async () => {
		const uses: [string[], number][] = [
			[[], 2],
			[["nothing"], 2],
			[["deploy"], 2],
			[["deploy", "a", "b"], 2],
			[["deploy", ".", "--brief", "a blog"], 2],
			[["deploy", "--brief", "a blog", "--ref", "main"], 2],
			[["deploy", "--brief-file", "/not/there"], 2],
			[["message", "static"], 2],
			[["push", "static", "https://git.example.com/a/b", "--branch", "a..b"], 2],
			[["push", "static", "https://git.example.com/a/b"], 1],
			[["message", "static", "make it blue", "--undo"], 2],
			[["message", "static", "make it blue"], 1],
			[["deploy", "x", "--nothing"], 2],
			[["deploy", "./not-there"], 2],
			[["deploy", "example:static-site", "--env", "NOVALUE"], 2],
			[["deploy", "example:static-site", "--project", "Not A Slug"], 2],
			[["env", "set", "static", "PORT"], 2],
			[["logs", "static", "--stage", "nothing"], 2],
			[["logs", "static", "--runtime", "--lines", "0"], 2],
			[["wait", "no-such-project"], 1],
			[["deploy", "javascript:alert(1)"], 1],
		];
		const runs = await Promise.all(uses.map(([args]) => cli(args)));
		expect(runs.map(({ code, stdout }, index) => [uses[index]?.[0], code, stdout])).toEqual(uses.map(([args, code]) => [args, code, ""]));
		for (const { stderr } of runs) {
			expect(stderr.trim()).not.toBe("");
			expect(stderr).not.toMatch(/^\s+at /m);
		}
	});

	it("a wrong token, no token, and a server that is away are said in words, and as JSON", async () => {
		expect(await cli(["list"], { env: { QUAYSIDE_TOKEN: "wrong" } })).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/not logged in[\s\S]*quayside login/),
		});
		expect(await runCli(["list"], {})).toMatchObject({ code: 2, stderr: expect.stringContaining("quayside login") });
		const away = await cli(["list", "--json"], { env: { QUAYSIDE_URL: `http://localhost:${await freePort()}` } });
		expect(away.code).toBe(1);
		expect(away.records()).toMatchObject([{ type: "error", error: { code: "unreachable" } }]);
	});

	it("a reader that goes away ends it quietly", async () => {
		const program = fileURLToPath(new URL("../../bin/quayside.js", import.meta.url));
		const child = spawn(process.execPath, [program, "list", "--json"], {
			env: { PATH: process.env.PATH, NODE_ENV: "test", QUAYSIDE_URL: platform.url, QUAYSIDE_TOKEN: platform.token },
			stdio: ["ignore", "pipe", "pipe"],
		});
		let stderr = "";
		child.stderr.on("data", (text) => {
			stderr += text;
		});
		child.stdout.destroy();
		const [code] = await once(child, "close");
		expect([code, stderr]).toEqual([141, ""]);
	});
});

describe("help", () => {
	it("is there for everything and for each command, and needs no server", async () => {
		const { stdout, code } = await runCli(["--help"]);
		expect(code).toBe(0);
		const commands = [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, name = ""]) => name);
		expect(commands).toEqual([
			"deploy",
			"message",
			"push",
			"logs",
			"wait",
			"approve",
			"status",
			"list",
			"open",
			"rollback",
			"cancel",
			"env",
			"login",
		]);
		const pages = await Promise.all(commands.map((name) => runCli([name, "--help"])));
		for (const [index, page] of pages.entries())
			expect([page.code, page.stdout]).toEqual([0, expect.stringMatching(new RegExp(`^quayside ${commands[index]} `))]);
		expect(pages.every(({ stdout: text }) => text.includes("--json"))).toBe(true);
	});
});
