import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openPool } from "#server/db/connection.ts";
import { openDatabase } from "#server/db/database.ts";
import { openStreams } from "#server/streams/open.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { startPlatformProcess } from "#tests/support/platform-process.ts";
import { range, say } from "./drafts.ts";

let test: TestDatabase;

beforeEach(async () => {
	test = await startTestDatabase();
});
afterEach(() => test.stop());

it("loses no acknowledged event and doubles none when Postgres is killed in the middle of writing", async () => {
	const stream = "deployment/killed";
	const reader = new AbortController();
	const seen: number[] = [];
	const following = (async () => {
		for await (const result of test.streams.follow({ stream, after: 0 }, reader.signal))
			seen.push(...result.events.map((event) => event.seq));
	})();
	const acknowledged: string[] = [];
	let isWriting = true;
	const writers = range(1, 8).map(async (writer) => {
		for (let round = 1; isWriting; round++) {
			const key = `${writer}.${round}`;
			await test.streams.write((to) => to.append(stream, [say(key)], { once: { attempt: "a", key } }));
			acknowledged.push(key);
		}
	});
	for (const kill of range(1, 3)) {
		const before = acknowledged.length;
		while (acknowledged.length < before + 50) await sleep(5);
		const pid = test.serverPid();
		if (pid === null) throw new Error(`no server before kill ${kill}`);
		process.kill(pid, "SIGKILL");
		while (test.serverPid() === pid || test.serverPid() === null) await sleep(5);
	}
	const before = acknowledged.length;
	while (acknowledged.length < before + 50) await sleep(5);
	isWriting = false;
	await Promise.all(writers);
	await test.streams.write((writer) => writer.close(stream));
	await following;

	const rows = await test.db.selectFrom("events").select(["seq", "key"]).where("stream", "=", stream).orderBy("seq").execute();
	expect(rows.map((row) => row.seq)).toEqual(range(1, rows.length));
	expect(rows.map((row) => row.key).sort()).toEqual([...acknowledged].sort());
	expect(seen).toEqual(range(1, rows.length));
}, 60_000);

it("loses no acknowledged event when the platform and Postgres are killed in the middle of writing", async () => {
	const home = await mkdtemp(join(tmpdir(), "quayside-killed-"));
	const acknowledged: number[] = [];
	for (const _ of range(1, 3)) {
		const first = Math.max(0, ...acknowledged) + 1000;
		const writer = await startPlatformProcess(home, { script: "writer-stub.ts", args: [String(first)] });
		while (writer.printed.length < 100) await sleep(5);
		process.kill(writer.serverPid, "SIGKILL");
		await writer.end("SIGKILL");
		acknowledged.push(...writer.printed.filter((line) => line !== "").map(Number));
	}
	const database = await openDatabase({ databaseUrl: null, home, log: silentLog });
	const rows = await database.db.selectFrom("events").select(["seq", "body"]).orderBy("seq").execute();
	const written = rows.map((row) => Number(row.body.content));
	await database.stop();
	await rm(home, { recursive: true });
	expect(rows.map((row) => row.seq)).toEqual(range(1, rows.length));
	expect(acknowledged.length).toBeGreaterThanOrEqual(300);
	expect(acknowledged.filter((number) => !written.includes(number))).toEqual([]);
	expect(new Set(written).size).toBe(written.length);
}, 60_000);

it("says that the database is unavailable when it stays away", async () => {
	const nowhere = { ...test.connection, host: "/nonexistent" };
	const pool = openPool(nowhere, { onError: () => undefined });
	const hasty = await openStreams({ db: pool.db, connection: nowhere, log: silentLog, writeRetryMs: 300 });
	await expect(hasty.write((writer) => writer.append("user/x", [say("x")]))).rejects.toMatchObject({ code: "database_unavailable" });
	await hasty.stop();
	await pool.close();
});
