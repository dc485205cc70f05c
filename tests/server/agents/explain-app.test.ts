import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explainApp } from "#server/agents/explain-app.ts";
import { openFiles } from "#server/causes/open-files.ts";
import type { Workspace } from "#server/source/workspace.ts";
import { planOf } from "../causes/failure-fixtures.ts";

let root: string;
let files: Workspace | null;
const plan = planOf({ start: ["node", "server.js"] });

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "quayside-app-"));
	await writeFile(join(root, "server.js"), 'const http = require("node:http");\nconst port = 4321;\nhttp.createServer().listen(port);\n');
	files = await openFiles(root, "");
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("an app that crashed is explained from what it printed", async () => {
	const output = "[quayside] The app was started.\n/workspace/server.js:3\nError: Missing required environment variable: API_KEY\n";
	const failure = { code: "app_crashed" as const, message: "The app ended by itself with exit code 1.", exitCode: 1, cause: "app_crashed" };
	expect(await explainApp({ failure, output, plan, files })).toEqual({
		code: "app_crashed",
		cause: "env_missing",
		seen: { variable: "API_KEY" },
		decisive: "Error: Missing required environment variable: API_KEY",
		exitCode: 1,
		command: "node server.js",
		message: "“API_KEY” is not set: the project needs this variable when it runs.",
		action: "Add “API_KEY” on the project's Environment page, for the running app, and retry.",
		lines: ["/workspace/server.js:3", "Error: Missing required environment variable: API_KEY"],
	});
});

test("of one that runs and answers badly, what was seen is said first", async () => {
	const output = "GET / failed\nError: connect ECONNREFUSED 127.0.0.1:5432\n";
	const failure = { code: "app_unhealthy" as const, message: "The app answers / with 500, for 60 s.", cause: "app_answers_error" };
	expect(await explainApp({ failure, output, plan, files })).toMatchObject({
		cause: "database_unreachable",
		message: expect.stringMatching(/^The app answers \/ with 500, for 60 s\. PostgreSQL at “127\.0\.0\.1:5432” does not answer\./),
	});
});

test("a port that is written down is shown where it is", async () => {
	const message = "The app listens on port 4321, but not on the one in the PORT variable.";
	const failure = { code: "app_not_listening" as const, message, cause: "port_fixed" };
	expect((await explainApp({ failure, output: "listening\n", plan, files })).message).toBe(`${message} “server.js”, line 2, names it.`);
	expect((await explainApp({ failure, output: "", plan, files: null })).message).toBe(message);
});

test("a script that came to its end, and a limit, keep their own words", async () => {
	const ended = { code: "app_crashed" as const, message: "The app ended by itself with exit code 0.", exitCode: 0, cause: "app_crashed" };
	expect(await explainApp({ failure: ended, output: "done\n", plan, files })).toMatchObject({ cause: "app_ended" });
	const limit = { code: "app_crashed" as const, message: "The app used more memory than it may and was ended.", cause: "out_of_memory" };
	expect(await explainApp({ failure: limit, output: "Error: x\n", plan, files })).toMatchObject({
		cause: "out_of_memory",
		message: limit.message,
	});
	const other = { code: "cancelled" as const };
	expect(await explainApp({ failure: other, output: "Error: x\n", plan, files })).toBe(other);
});
