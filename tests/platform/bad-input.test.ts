import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ReleaseView } from "#lib/protocol/index.ts";
import { deploy, followToEnd, getDeployment, getPreview, submit, waitForEvent } from "#tests/support/deployments.ts";
import { type GitServer, startGitServer } from "#tests/support/git-server.ts";
import { commandOf, type Platform, processesOf, startPlatform } from "#tests/support/platform.ts";

let platform: Platform;
let git: GitServer;
let neighbour: string;

const manifest = (scripts: Record<string, string>, more = {}) => JSON.stringify({ name: "bad", version: "1.0.0", scripts, ...more });
const server = (before = "", answer = 'response.end("up")') =>
	`${before}\nrequire("node:http").createServer((request, response) => { ${answer} }).listen(process.env.PORT);\n`;

beforeAll(async () => {
	git = await startGitServer({ fixtures: ["static", "failing-build"] });
	platform = await startPlatform({ env: { QUAYSIDE_BUILDS: "4" } });
	neighbour = (await deploy(platform, git.url("static"), { project: "neighbour" })).previewUrl ?? "";
}, 120_000);
afterAll(async () => {
	await platform?.stop();
	await git?.stop();
});

/** Whatever came in: the platform is ready, and the other project answers. */
afterEach(async () => {
	expect((await platform.fetch("/api/ready")).status).toBe(200);
	expect(await getPreview(neighbour)).toMatchObject({ status: 200, body: expect.stringContaining("Harbour lights") });
});

interface BadProject {
	name: string;
	files: Record<string, string>;
	stage: string;
	error: { code: string; cause: string | null; message: RegExp };
	/** A line that is shown. */
	line?: RegExp;
}

const badProjects: BadProject[] = [
	{
		name: "nothing-to-deploy",
		files: { "notes.txt": "nothing here" },
		stage: "plan",
		error: { code: "nothing_deployable", cause: null, message: /./ },
	},
	{
		name: "broken-manifest",
		files: { "package.json": "\u0001\u0002 not json {{{" },
		stage: "plan",
		error: { code: "nothing_deployable", cause: null, message: /package\.json/ },
	},
	{
		name: "install-fails",
		files: { "package.json": manifest({ start: "node server.js" }, { dependencies: { ms: "999.0.0" } }), "server.js": server() },
		stage: "build",
		error: { code: "install_failed", cause: "version_not_found", message: /“ms@999\.0\.0” does not exist/ },
		line: /No matching version found for ms@999\.0\.0/,
	},
	{
		name: "build-fails",
		files: {
			"package.json": manifest({ build: "node build.js", start: "node server.js" }),
			"build.js": 'for (let n = 0; n < 500; n++) console.log("\\u001b[32mstep\\u001b[0m", n); require("./Missing");',
			"server.js": server(),
		},
		stage: "build",
		error: { code: "build_failed", cause: "file_missing", message: /“build\.js” imports “\.\/Missing”, and there is no such file/ },
		line: /Cannot find module '\.\/Missing'/,
	},
	{
		name: "hostile-script",
		files: {
			"package.json": manifest({ build: `echo "$(id -un)" '\\' \`uname\` && exit 3 # "'; rm -rf /`, start: "node server.js" }),
			"server.js": server(),
		},
		stage: "build",
		error: { code: "build_failed", cause: null, message: /^npm run build ended with exit code 3\.$/ },
	},
	{
		name: "test-fails",
		files: {
			"package.json": manifest({ test: "node --test", start: "node server.js" }),
			"server.js": server(),
			"sum.test.js": 'require("node:test")("adds up", () => require("node:assert").equal(1, 2));',
		},
		stage: "test",
		error: { code: "test_failed", cause: "tests_failed", message: /A test failed in npm test: “adds up”/ },
		line: /adds up/,
	},
	{
		name: "variable-missing",
		files: {
			"package.json": manifest({ start: "node server.js" }),
			"server.js": server('if (!process.env.API_KEY) throw new Error("Missing required environment variable: API_KEY");'),
		},
		stage: "verify",
		error: { code: "app_crashed", cause: "env_missing", message: /^“API_KEY” is not set/ },
		line: /Missing required environment variable: API_KEY/,
	},
	{
		name: "ends-at-once",
		files: { "package.json": manifest({ start: "node server.js" }), "server.js": 'console.log("the report is written");' },
		stage: "verify",
		error: { code: "app_crashed", cause: "app_ended", message: /came to its end by itself/ },
		line: /the report is written/,
	},
	{
		name: "crashes-after-its-answer",
		files: {
			"package.json": manifest({ start: "node server.js" }),
			"server.js": server(
				"",
				'response.end("up"); setTimeout(() => { console.error("Error: the queue is gone"); process.exit(9); }, 1000);',
			),
		},
		stage: "verify",
		error: { code: "app_crashed", cause: "uncaught_error", message: /“Error: the queue is gone”/ },
		line: /the queue is gone/,
	},
];

describe.concurrent("a project that does not work is told what is the matter, and never called live", () => {
	it.for(badProjects)("$name", { timeout: 150_000 }, async ({ name, files, stage, error, line }) => {
		await git.add(name, files);
		const { id } = await submit(platform, git.url(name));
		const events = await followToEnd(platform, id, 140_000);
		const state = await getDeployment(platform, id);
		expect(state).toMatchObject({
			status: "failed",
			previewUrl: null,
			error: {
				code: error.code,
				cause: error.cause,
				message: expect.stringMatching(error.message),
				action: expect.stringMatching(/^.{10,}\.$/),
				reference: expect.stringMatching(/./),
			},
		});
		expect(state.stages.find((one) => one.status === "failed")?.stage).toBe(stage);
		expect(events.filter(({ type }) => type === "preview_ready")).toEqual([]);
		const shown = state.error?.lines ?? [];
		expect(shown.length).toBeLessThanOrEqual(15);
		if (line) expect(shown).toContainEqual(expect.stringMatching(line));
		if (line) {
			// The number leads to the line in the log from which the card's lines begin.
			const logged = events.flatMap((event) => (event.type === "log" ? event.metadata.lines : []));
			const first = logged.find(({ n }) => n === state.error?.first_line);
			// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken out here
			expect(first?.text.replaceAll(/\u001b\[\d+m/g, "").trim()).toBe(shown[0]?.trim());
		}
	});
});

const post = (path: string, body?: unknown) =>
	platform.fetch(path, {
		method: "POST",
		...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
	});

async function releaseOf(slug: string): Promise<ReleaseView | undefined> {
	const { releases } = (await (await platform.fetch(`/api/projects/${slug}/releases`)).json()) as { releases: ReleaseView[] };
	return releases[0];
}

it("variables with hostile values arrive as they are", { timeout: 120_000 }, async () => {
	const values = {
		QUOTES: `"'\`\\`,
		SHELL_WORDS: "$(touch /tmp/owned); rm -rf / && echo ${HOME}",
		LINES: "one\ntwo\r\nthree",
		UNICODE: "⚓ Hafen ‮",
		LONG: "x".repeat(4000),
	};
	await git.add("hostile-values", {
		"package.json": manifest({ build: "node build.js", start: "node server.js" }),
		"build.js": 'require("node:fs").writeFileSync("seen.json", JSON.stringify(process.env));',
		"server.js": server(
			"",
			'response.end(JSON.stringify({ built: JSON.parse(require("node:fs").readFileSync("seen.json", "utf8")), run: process.env }));',
		),
	});
	expect((await post("/api/projects", { source: { type: "git", url: git.url("hostile-values") }, name: "hostile-values" })).status).toBe(
		201,
	);
	for (const [name, value] of Object.entries(values)) {
		expect((await post("/api/projects/hostile-values/env", { name, value, scope: "both" })).status).toBeLessThan(300);
	}
	const { status, previewUrl, error } = await deploy(platform, git.url("hostile-values"), { project: "hostile-values" });
	expect({ status, error }).toEqual({ status: "succeeded", error: null });
	const seen = JSON.parse((await getPreview(previewUrl ?? "")).body) as Record<"built" | "run", Record<string, string>>;
	expect(seen.built).toMatchObject(values);
	expect(seen.run).toMatchObject(values);
});

it("the same submission twice is one deployment", { timeout: 60_000 }, async () => {
	const idempotencyKey = "bad-input-twice-0123456789";
	const [one, two] = await Promise.all([
		submit(platform, git.url("static"), { project: "twice", idempotencyKey }),
		submit(platform, git.url("static"), { project: "twice", idempotencyKey }),
	]);
	expect(two.id).toBe(one.id);
	await followToEnd(platform, one.id);
	expect((await submit(platform, git.url("static"), { project: "twice", idempotencyKey })).id).toBe(one.id);
});

it("an app that crashes after five seconds is not called live any more, and why is said", { timeout: 120_000 }, async () => {
	await git.add("crashes-later", {
		"package.json": manifest({ start: "node server.js" }),
		"server.js": server('setTimeout(() => { console.error("Error: out of ideas"); process.exit(7); }, 5000);'),
	});
	expect((await deploy(platform, git.url("crashes-later"))).status).toBe("succeeded");
	await expect.poll(async () => (await releaseOf("crashes-later"))?.status, { timeout: 30_000, interval: 200 }).not.toBe("live");
	const log = (await (await platform.fetch("/api/projects/crashes-later/logs")).json()) as { log: string };
	expect(log.log).toContain("Error: out of ideas");
	expect(log.log).toContain("The app ended by itself with exit code 7. It is started again in 1 s.");
});

it("a project is deleted while it is built, with an app that ignores the end and leaks a process", { timeout: 120_000 }, async () => {
	const stubborn = `process.on("SIGTERM", () => {});
require("node:child_process").spawn("sleep", ["600"], { detached: true, stdio: "ignore" }).unref();`;
	await git.add("stubborn", {
		"package.json": manifest({ build: "node build.js", start: "node server.js" }),
		"build.js": 'if (process.env.SLOW) { console.log("building slowly"); process.on("SIGTERM", () => {}); setTimeout(() => {}, 600000); }',
		"server.js": server(stubborn),
	});
	const { previewUrl } = await deploy(platform, git.url("stubborn"));
	expect(await getPreview(previewUrl ?? "")).toMatchObject({ status: 200, body: "up" });
	await post("/api/projects/stubborn/env", { name: "SLOW", value: "1", scope: "build" });
	const { id } = await submit(platform, git.url("stubborn"));
	await waitForEvent(platform, id, (event) => event.type === "log" && event.metadata.lines.some(({ text }) => text === "building slowly"));
	expect((await platform.fetch("/api/projects/stubborn", { method: "DELETE" })).status).toBe(202);
	await expect.poll(async () => (await platform.fetch("/api/projects/stubborn")).status, { timeout: 30_000, interval: 200 }).toBe(404);
	const leftOver = async () => {
		const commands = await Promise.all((await processesOf(platform.home)).map(commandOf));
		return commands.filter((command) => command.includes("sleep 600") || command.includes("building slowly") || command.includes(id));
	};
	await expect.poll(leftOver, { timeout: 15_000, interval: 200 }).toEqual([]);
	await expect.poll(async () => (await platform.fetch(`/api/deployments/${id}`)).status, { timeout: 30_000, interval: 200 }).toBe(404);
});
