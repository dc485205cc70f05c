import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyTree } from "#server/targets/local/copy-tree.ts";
import { openReleaseFolders } from "#server/targets/local/folders.ts";
import { createOneAtATime } from "#server/targets/local/one-at-a-time.ts";
import { lastAppLines, openRotatingLog, readLogTail } from "#server/targets/local/rotating-log.ts";
import { type AppStatus, superviseApp } from "#server/targets/local/supervisor.ts";

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "qs-parts-"));
});
afterAll(() => rm(folder, { recursive: true }));

const soon = () => AbortSignal.timeout(10_000);

test("a log keeps the newest and at most twice its size", async () => {
	const path = join(folder, "rotating");
	const log = await openRotatingLog(path, 1_000);
	for (let line = 1; line <= 500; line++) void log.append(`line ${line}\n`);
	await log.close();
	expect((await stat(path)).size).toBeLessThanOrEqual(1_000);
	expect((await stat(`${path}.1`)).size).toBeLessThanOrEqual(1_000);
	expect(await readdir(folder)).toEqual(["rotating", "rotating.1"]);
	const tail = (await readLogTail(path, 1_500)).split("\n");
	expect(tail.at(-2)).toBe("line 500");
	expect(tail[0]).toMatch(/^line \d+$/);
	expect(tail.length).toBeGreaterThan(100);
	const again = await openRotatingLog(path, 1_000);
	await again.append("\u001b[31m[quayside] not the app\n\u001b[32mgreen\u001b[0m\n");
	await again.close();
	expect((await lastAppLines(path)).slice(-2)).toEqual(["line 500", "green"]);
	expect(await lastAppLines(path)).toHaveLength(15);
	expect(await lastAppLines(join(folder, "none"))).toEqual([]);
});

test("a copy leaves out what leads outside, goes round, or is no file", async () => {
	const from = join(folder, "from");
	await mkdir(join(from, "deep"), { recursive: true });
	await writeFile(join(from, "deep", "a.txt"), "a");
	await symlink("..", join(from, "deep", "up"));
	await symlink("deep/a.txt", join(from, "b.txt"));
	await symlink("/etc/passwd", join(from, "passwd"));
	await symlink("nowhere", join(from, "broken"));
	const to = join(folder, "to");
	const copied = await copyTree({ from, to, how: "link", symlinks: "resolve", signal: soon() });
	expect(copied.leftOut.sort()).toEqual(["broken", "deep/up", "passwd"]);
	expect((await readdir(to, { recursive: true })).sort()).toEqual(["b.txt", "deep", "deep/a.txt"]);
	expect((await stat(join(to, "b.txt"))).ino).toBe((await stat(join(from, "deep", "a.txt"))).ino);
	expect(copied).toMatchObject({ files: 2, bytes: 2 });

	const own = join(folder, "own");
	await copyTree({ from, to: own, how: "copy", symlinks: "keep", signal: soon() });
	await writeFile(join(own, "deep", "a.txt"), "changed");
	expect(await readFile(join(from, "deep", "a.txt"), "utf8")).toBe("a");
	expect(await readlink(join(own, "passwd"))).toBe("/etc/passwd");
});

test("socket paths stay short under any home, and nobody else gets in", async () => {
	const near = await openReleaseFolders(join(folder, "home"));
	expect(near.of("0".repeat(26)).controlSocket.startsWith(folder)).toBe(true);
	const deep = join(folder, "a".repeat(80));
	const far = (await openReleaseFolders(deep)).of("0".repeat(26));
	for (const path of [far.appSocket, far.controlSocket]) expect(Buffer.byteLength(path)).toBeLessThan(100);
	expect((await openReleaseFolders(deep)).of("0".repeat(26))).toEqual(far);
	const sockets = join(far.appSocket, "..");
	expect((await stat(sockets)).mode & 0o077).toBe(0);
	await rm(sockets, { recursive: true });
	await symlink(folder, sockets);
	await expect(openReleaseFolders(deep)).rejects.toThrow("belongs to somebody else");
	await rm(sockets);
});

test("work on one key happens in order, also after a failure", async () => {
	const inTurn = createOneAtATime();
	const order: number[] = [];
	const first = inTurn("a", async () => {
		await new Promise((resolve) => setImmediate(resolve));
		order.push(1);
		throw new Error("first");
	});
	const second = inTurn("a", async () => order.push(2));
	const other = inTurn("b", async () => order.push(0));
	await expect(first).rejects.toThrow("first");
	await Promise.all([second, other]);
	expect(order).toEqual([0, 1, 2]);
});

const policy = { firstDelayMs: 10, maxDelayMs: 20, maxRestarts: 2, stableMs: 60_000 };
const proof = { stopped: 1, durationMs: 1, left: [] };

/** An app whose end the test decides. */
function fakeApp() {
	const end = Promise.withResolvers<{ exitCode: number | null; signal: null; reason: "exited" | "aborted" }>();
	const stop = async () => {
		end.resolve({ exitCode: null, signal: null, reason: "aborted" });
		return proof;
	};
	return { pid: 1, ended: end.promise, stop, exit: (exitCode: number) => end.resolve({ exitCode, signal: null, reason: "exited" }) };
}

test("an app that cannot be started is given up after as many tries", async () => {
	const seen: string[] = [];
	const supervisor = superviseApp(
		() => Promise.reject(new Error("no sandbox")),
		policy,
		({ phase }) => seen.push(phase),
	);
	expect(await supervisor.finished).toMatchObject({ phase: "crashed", starts: 0 });
	expect(seen).toEqual(["waiting", "waiting", "crashed"]);
});

test("an app that is stopped while it starts, runs or waits does not come back", async () => {
	const starting = Promise.withResolvers<ReturnType<typeof fakeApp>>();
	const early = superviseApp(
		() => starting.promise,
		policy,
		() => {},
	);
	const stopped = early.stop();
	starting.resolve(fakeApp());
	expect(await stopped).toEqual(proof);
	expect(early.status()).toMatchObject({ phase: "stopped", starts: 0 });

	const running = superviseApp(
		async () => fakeApp(),
		policy,
		() => {},
	);
	await expect.poll(() => running.status().phase).toBe("running");
	expect(await running.stop()).toEqual(proof);

	const app = fakeApp();
	const waited = Promise.withResolvers<AppStatus>();
	const waiting = superviseApp(
		async () => app,
		{ ...policy, firstDelayMs: 60_000, maxDelayMs: 60_000 },
		(status) => {
			if (status.phase === "waiting") waited.resolve(status);
		},
	);
	app.exit(1);
	expect(await waited.promise).toMatchObject({ end: { exitCode: 1 } });
	await waiting.stop();
	expect(waiting.status()).toMatchObject({ phase: "stopped", starts: 1 });
});
