import { spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openPool } from "#server/db/connection.ts";
import { type Database, openDatabase } from "#server/db/database.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "#server/db/embedded.ts";
import { identifyProcess } from "#server/db/process-identity.ts";
import { withRetries } from "#server/db/retry.ts";
import { quickSettings, silentLog } from "#tests/support/database.ts";
import { startPlatformProcess } from "#tests/support/platform-process.ts";

const isRoot = process.getuid?.() === 0;
const nobody = 65534;

let home: string;
let cleanups: (() => Promise<void>)[];

beforeEach(async () => {
	home = await mkdtemp(join(tmpdir(), "quayside-embedded-"));
	cleanups = [];
});
afterEach(async () => {
	for (const cleanup of cleanups.reverse()) await cleanup();
	await rm(home, { recursive: true, force: true });
});

async function start(at = home): Promise<EmbeddedPostgres> {
	const server = await startEmbeddedPostgres({ home: at, log: silentLog, settings: quickSettings });
	cleanups.push(server.stop);
	return server;
}

async function open(at = home): Promise<Database> {
	const database = await openDatabase({ databaseUrl: null, home: at, log: silentLog, settings: quickSettings });
	cleanups.push(database.stop);
	return database;
}

async function waitFor<T>(look: () => Promise<T | null> | T | null, timeoutMs = 15_000): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const found = await look();
		if (found !== null) return found;
		if (Date.now() > deadline) throw new Error("it did not happen in time");
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

/** A process that has ended and that its parent never reaps. */
async function makeZombie(): Promise<number> {
	const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
	cleanups.push(async () => {
		parent.kill("SIGKILL");
	});
	const pid = await new Promise<number>((resolve) => parent.stdout.once("data", (text) => resolve(Number(text))));
	await waitFor(async () => ((await readFile(`/proc/${pid}/stat`, "utf8")).includes(") Z ") ? true : null));
	return pid;
}

const pidFile = () => join(home, "postgres/data/postmaster.pid");

describe("a fresh home", () => {
	it("holds a database that only its owner can reach", async () => {
		const server = await start();
		const socket = await stat(join(home, "postgres/run"));
		const password = await stat(join(home, "postgres/password"));
		expect(socket.mode & 0o777).toBe(0o700);
		expect(password.mode & 0o777).toBe(0o600);
		expect(password.uid).toBe(process.getuid?.());
		expect(
			(await readFile(join(home, "postgres/data/pg_hba.conf"), "utf8"))
				.match(/^(local|host).*\s(\S+)$/gm)
				?.every((line) => line.endsWith("scram-sha-256")),
		).toBe(true);

		const pool = openPool(server.connection, { onError: () => undefined });
		cleanups.push(pool.close);
		const inodes = await listeningSocketsOf(server.pid() ?? 0);
		expect(inodes.tcp).toEqual([]);

		const intruder = openPool({ ...server.connection, password: () => "guess" }, { onError: () => undefined });
		cleanups.push(intruder.close);
		await expect(intruder.db.selectFrom("meta").selectAll().execute()).rejects.toMatchObject({ code: "28P01" });
	});

	it("keeps what was written over a stop and a start", async () => {
		const first = await open();
		await first.db.insertInto("meta").values({ key: "a", value: "b" }).execute();
		await first.stop();
		cleanups.pop();
		const second = await open();
		expect(await second.db.selectFrom("meta").selectAll().where("key", "=", "a").execute()).toEqual([{ key: "a", value: "b" }]);
	});

	it("works below a long path, by a socket in the temporary folder that goes away again", async () => {
		await chmod(home, 0o711);
		const deep = join(home, "d".repeat(60), "e".repeat(60));
		const server = await startEmbeddedPostgres({ home: deep, log: silentLog, settings: quickSettings });
		const folder = server.connection.host ?? "";
		expect(folder.startsWith(tmpdir())).toBe(true);
		expect((await stat(folder)).mode & 0o777).toBe(0o700);
		await server.stop();
		await expect(stat(folder)).rejects.toMatchObject({ code: "ENOENT" });
	});

	it("forgets an initialisation that was interrupted", async () => {
		await mkdir(join(home, "postgres/data.new-1/base"), { recursive: true });
		await start();
		expect((await readdir(join(home, "postgres"))).filter((name) => name.includes(".new-"))).toEqual([]);
	});
});

describe("a server that an earlier platform left", () => {
	it("is adopted when it still runs, and stopped with the platform", async () => {
		const killed = await startPlatformProcess(home);
		await killed.end("SIGKILL");
		const database = await open();
		expect(database.serverPid()).toBe(killed.serverPid);
		expect(await database.db.selectFrom("meta").selectAll().execute()).toEqual([]);
		await database.stop();
		cleanups.pop();
		expect(await identifyProcess(killed.serverPid)).toBeNull();
	});

	it("is watched like one of our own after adoption", async () => {
		const killed = await startPlatformProcess(home);
		await killed.end("SIGKILL");
		const server = await start();
		process.kill(killed.serverPid, "SIGKILL");
		const pid = await waitFor(() => (server.pid() === killed.serverPid ? null : server.pid()));
		expect(await identifyProcess(pid)).not.toBeNull();
	});

	it("is replaced when it runs with other settings", async () => {
		const killed = await startPlatformProcess(home);
		await killed.end("SIGKILL");
		const server = await startEmbeddedPostgres({ home, log: silentLog, settings: { ...quickSettings, work_mem: "8MB" } });
		cleanups.push(server.stop);
		expect(server.pid()).not.toBe(killed.serverPid);
		expect(await identifyProcess(killed.serverPid)).toBeNull();
	});

	it("is started again from what was committed when both were killed", async () => {
		const killed = await startPlatformProcess(home);
		await killed.end("SIGKILL");
		process.kill(killed.serverPid, "SIGKILL");
		const server = await start();
		expect(server.pid()).not.toBe(killed.serverPid);
	});

	it.each([
		["names nobody", async () => 2 ** 22 - 1],
		["names a process of somebody else's", async () => process.pid],
		["names a zombie", makeZombie],
		["is not a pid file", async () => Number.NaN],
	])("has a pid file that %s: it is removed", async (_, pid) => {
		await (await startEmbeddedPostgres({ home, log: silentLog, settings: quickSettings })).stop();
		await writeFile(pidFile(), `${await pid()}\n${join(home, "postgres/data")}\n0\n5432\n\n\n\nready\n`, { mode: 0o600 });
		const { uid, gid } = await stat(join(home, "postgres/data"));
		if (isRoot) await chown(pidFile(), uid, gid);
		const server = await start();
		expect((await readFile(pidFile(), "utf8")).split("\n")[0]).toBe(String(server.pid()));
	});
});

describe("a server that dies", () => {
	it("is started again, each time", async () => {
		const database = await open();
		for (let round = 0; round < 3; round++) {
			const pid = database.serverPid() ?? 0;
			process.kill(pid, "SIGKILL");
			await waitFor(() => (database.serverPid() === pid ? null : database.serverPid()));
			expect(await database.db.selectFrom("meta").selectAll().execute()).toEqual([]);
		}
	});

	it("comes back by itself when one of its connections is killed, which takes all others along", async () => {
		const database = await open();
		const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(database.db);
		process.kill(rows[0]?.pid ?? 0, "SIGKILL");
		await withRetries(() => database.db.selectFrom("meta").selectAll().execute(), { forMs: 10_000 });
		expect(database.serverPid()).not.toBeNull();
	});

	it("stays down when the platform stops in the middle of starting it again", async () => {
		const server = await startEmbeddedPostgres({ home, log: silentLog, settings: quickSettings });
		process.kill(server.pid() ?? 0, "SIGKILL");
		await server.stop();
		expect(server.pid()).toBeNull();
		expect(
			await readFile(pidFile(), "utf8").then(
				async (text) => identifyProcess(Number(text.split("\n")[0])),
				() => null,
			),
		).toBeNull();
	});
});

describe("another user", () => {
	it.runIf(isRoot)("runs the database when the platform runs as root", async () => {
		const server = await start();
		const status = await readFile(`/proc/${server.pid()}/status`, "utf8");
		expect(status.match(/^Uid:\s+(\d+)/m)?.[1]).not.toBe("0");
		expect((await stat(join(home, "postgres/data"))).uid).toBe(Number(status.match(/^Uid:\s+(\d+)/m)?.[1]));
	});

	it.runIf(isRoot)("can be the platform itself", async () => {
		await chown(home, nobody, nobody);
		const platform = await startPlatformProcess(home, { uid: nobody });
		cleanups.push(() => platform.end("SIGKILL"));
		const status = await readFile(`/proc/${platform.serverPid}/status`, "utf8");
		expect(status.match(/^Uid:\s+(\d+)/m)?.[1]).toBe(String(nobody));
		await platform.end("SIGKILL");
		const again = await startPlatformProcess(home, { uid: nobody });
		expect(again.serverPid).toBe(platform.serverPid);
		await again.end("SIGTERM");
		expect(await identifyProcess(platform.serverPid)).toBeNull();
	});

	it.runIf(isRoot)("who comes later is told whose the database is", async () => {
		await (await startEmbeddedPostgres({ home, log: silentLog, settings: quickSettings })).stop();
		await chown(home, nobody, nobody);
		await expect(startPlatformProcess(home, { uid: nobody })).rejects.toThrow("belongs to another user");
	});

	it.runIf(isRoot)("that cannot reach the home is told about in plain words", async () => {
		await chmod(home, 0o700);
		const closed = join(home, "inner");
		await mkdir(closed);
		await expect(startEmbeddedPostgres({ home: closed, log: silentLog, settings: quickSettings })).rejects.toMatchObject({
			code: "database_unavailable",
			message: expect.stringContaining(`${home} is closed`),
		});
	});
});

/** Inodes of the listening TCP sockets that a process holds. */
async function listeningSocketsOf(pid: number): Promise<{ tcp: string[] }> {
	const links = await readdir(`/proc/${pid}/fd`);
	const { readlink } = await import("node:fs/promises");
	const inodes = new Set(
		(await Promise.all(links.map((fd) => readlink(`/proc/${pid}/fd/${fd}`)))).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]),
	);
	const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")));
	const listening = tables.flatMap((table) =>
		table
			.split("\n")
			.slice(1)
			.map((line) => line.trim().split(/\s+/)[9]),
	);
	return { tcp: listening.filter((inode): inode is string => inode !== undefined && inodes.has(inode)) };
}
