import { randomUUID } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Tool } from "#lib/protocol/index.ts";
import { openSystemTools, systemPath } from "#server/build/system-tools.ts";
import { toolEnvironment, toolFolders } from "#server/build/tool-environment.ts";
import { openScratch, type Scratch } from "#tests/support/scratch.ts";

let scratch: Scratch;
beforeAll(async () => {
	scratch = await openScratch();
});
afterAll(() => scratch.stop());

const check = (tools: Tool[], path = "") =>
	openSystemTools({ path }).check(tools, { sandbox: scratch.sandbox, mark: randomUUID(), signal: new AbortController().signal });

// Every machine that runs these tests has a Python 3 in /usr.
test("a program of the machine is found with its version, as builds see it", async () => {
	const found = await check([
		{ name: "python", version: null },
		{ name: "node", version: "24" },
	]);
	expect(found).toMatchObject({ ok: true });
	expect(found.ok && [...found.value]).toEqual([["python", expect.stringMatching(/^3\.\d+/)]]);
	expect(await check([{ name: "python", version: "3.2" }])).toMatchObject({ ok: true });
});

test("one that is too old is named with what is there and what is asked for", async () => {
	const checked = await check([{ name: "python", version: "3.999" }]);
	expect(checked).toMatchObject({ ok: false, failure: { code: "tool_missing", action: expect.stringContaining("retry") } });
	expect(!checked.ok && checked.failure.message).toMatch(/^This project needs Python 3\.999 or newer; this machine has 3\.\d+\.\d+\.$/);
});

test("one that is missing is named with its package, and with the place where builds cannot see it", async () => {
	const folder = join(scratch.dir, "tools");
	await mkdir(folder);
	await writeFile(join(folder, "zola"), "#!/bin/sh\necho zola 0.19.2\n");
	await chmod(join(folder, "zola"), 0o755);
	expect(await check([{ name: "zola", version: null }])).toMatchObject({
		ok: false,
		failure: {
			code: "tool_missing",
			message: "This project needs Zola, and this machine has none.",
			action: expect.stringContaining("apt-get install zola"),
		},
	});
	const hidden = await check([{ name: "zola", version: "0.19" }], folder);
	expect(!hidden.ok && hidden.failure.message).toBe(
		`This project needs Zola 0.19 or newer, and this machine has none. There is one at ${folder}/zola, but builds see programs in /usr only.`,
	);
});

test("what is cancelled while a program is asked says so", async () => {
	const abort = new AbortController();
	abort.abort();
	const use = { sandbox: scratch.sandbox, mark: randomUUID(), signal: abort.signal };
	expect(await openSystemTools({ path: "" }).check([{ name: "python", version: null }], use)).toMatchObject({
		ok: false,
		failure: { code: "cancelled" },
	});
});

test("caches lie in the project's own folder, and Java fits the run's memory", () => {
	const place = { cacheDir: "/quayside/cache", memoryMb: 512, proxied: true };
	const env = toolEnvironment(["python", "pip", "go", "java", "maven", "node"], place);
	expect(env).toMatchObject({ GOCACHE: "/quayside/cache/go-build", PIP_CACHE_DIR: "/quayside/cache/pip" });
	expect(env.JAVA_TOOL_OPTIONS).toMatch(/-XX:MaxRAM=512m .*-Dhttps\.proxyHost=127\.0\.0\.1/);
	expect(toolEnvironment(["java"], { ...place, proxied: false }).JAVA_TOOL_OPTIONS).not.toContain("proxy");
	expect(toolEnvironment(["rust"], { ...place, cacheDir: null })).toMatchObject({ CARGO_HOME: "/home/app/.cache/cargo" });
	expect([...toolFolders(["python", "pip"]), systemPath].join(":")).toBe(".venv/bin:/usr/local/bin:/usr/bin:/bin");
});
