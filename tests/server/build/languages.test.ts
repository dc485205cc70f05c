import { access, readdir } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Builds, openBuilds } from "./builds.ts";

let builds: Builds;
beforeAll(async () => {
	builds = await openBuilds();
});
afterAll(() => builds.stop());

test("an install that does not find its registry fails with the lines that say so", { timeout: 120_000 }, async (context) => {
	const places = (await readdir("/usr/lib"))
		.filter((name) => name.startsWith("python3."))
		.map((name) => access(`/usr/lib/${name}/ensurepip`));
	await Promise.any(places).catch(() => context.skip("Python's venv (Debian: python3-venv) is not installed on this machine"));
	// Nothing listens there, and the sandbox leads to no private address: the same wherever this runs.
	const { outcome } = await builds.fixture("flask", { env: { PIP_INDEX_URL: "http://127.0.0.1:9/simple" } });
	expect(outcome).toMatchObject({
		ok: false,
		failure: {
			code: "install_failed",
			command: expect.stringContaining("pip install -r requirements.txt"),
			exitCode: 1,
			lines: expect.arrayContaining([expect.stringContaining("No matching distribution found for flask==3.1.0")]),
		},
	});
});

test("a plan whose program is too old fails before anything of it runs", async () => {
	const { outcome, phases, heard } = await builds.files(
		{ "app.py": "print('must not run')\n" },
		{ nodeVersion: null, build: ["python3", "app.py"], tools: [{ name: "python", version: "3.999" }] },
	);
	expect(outcome).toMatchObject({
		ok: false,
		failure: { code: "tool_missing", message: expect.stringContaining("Python 3.999 or newer") },
	});
	expect(phases).toEqual([["toolchain", null]]);
	expect(heard.log).toBe("");
});
