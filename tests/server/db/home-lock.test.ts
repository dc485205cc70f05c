import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockHome } from "#server/db/home-lock.ts";
import { identifyProcess } from "#server/db/process-identity.ts";
import { startPlatformProcess } from "#tests/support/platform-process.ts";

let home: string;
beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "quayside-lock-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

it("lets one in, tells the second who is there, and the next one in afterwards", async () => {
	const release = await lockHome(home);
	await expect(lockHome(home)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(`(process ${process.pid})`) });
	await release();
	expect(await readdir(home)).toEqual([]);
	await (await lockHome(home))();
});

it("lets exactly one of many in, also over the lock of a dead one", async () => {
	for (const stale of [null, JSON.stringify({ pid: 2 ** 22 - 1, startedAt: "1" })]) {
		if (stale) await writeFile(join(home, "platform.pid"), stale);
		const tries = await Promise.allSettled(Array.from({ length: 10 }, () => lockHome(home)));
		const won = tries.filter((attempt) => attempt.status === "fulfilled");
		expect(won).toHaveLength(1);
		await won[0]?.value();
	}
});

it.each([
	["a process that is gone", async () => JSON.stringify({ pid: 2 ** 22 - 1, startedAt: "1" })],
	["a number that is in use again", async () => JSON.stringify({ pid: process.ppid, startedAt: "1" })],
	["an empty file of a crash", async () => ""],
	["something else", async () => "[]"],
])("takes over from %s", async (_, content) => {
	await writeFile(join(home, "platform.pid"), await content());
	const release = await lockHome(home);
	expect(JSON.parse(await readFile(join(home, "platform.pid"), "utf8"))).toEqual({
		pid: process.pid,
		startedAt: (await identifyProcess(process.pid))?.startedAt,
	});
	await release();
});

it("is held by another platform until that is killed", async () => {
	const platform = await startPlatformProcess(home);
	await expect(lockHome(home)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(String(platform.pid)) });
	await platform.end("SIGKILL");
	await (await lockHome(home))();
	process.kill(platform.serverPid, "SIGINT");
	while (await identifyProcess(platform.serverPid)) await new Promise((resolve) => setTimeout(resolve, 20));
});
