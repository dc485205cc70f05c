import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EventDraft } from "#lib/protocol/index.ts";
import { openDatabase } from "#server/db/database.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";
import { silentLog } from "#tests/support/database.ts";

const probe = await mkdtemp(join(tmpdir(), "quayside-full-"));
const canMount = (await execa("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], { reject: false })).exitCode === 0;
if (canMount) await execa("umount", [probe]);
await rm(probe, { recursive: true });

// A small disk of its own needs the right to mount one.
describe.runIf(canMount)("a full disk", () => {
	let disk: string;
	beforeEach(async () => {
		disk = await mkdtemp(join(tmpdir(), "quayside-full-"));
	});
	afterEach(async () => {
		await execa("umount", [disk]);
		await rm(disk, { recursive: true });
	});

	async function mountDisk(megabytes: number): Promise<void> {
		await execa("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", disk]);
		await chmod(disk, 0o755);
	}

	it("is said when the database is created", async () => {
		await mountDisk(20);
		await expect(openDatabase({ databaseUrl: null, home: join(disk, "home"), log: silentLog })).rejects.toMatchObject({
			code: "disk_full",
		});
	});

	it("is said while it lasts, loses nothing, and is over when space is freed", async () => {
		await mountDisk(100);
		const database = await openDatabase({ databaseUrl: null, home: join(disk, "home"), log: silentLog });
		const streams = await openStreams({ ...database, log: silentLog, writeRetryMs: 1_500 });
		const ballast = join(disk, "ballast");
		await writeFile(ballast, Buffer.alloc(25_000_000));

		// Random, or Postgres would compress it.
		const draft = (): EventDraft => ({
			type: "system",
			content: randomBytes(15_000).toString("base64"),
			metadata: { message_type: "info" },
		});
		const append = (to: Streams, batch: number) =>
			to.write((writer) => writer.append("user/full", [draft(), draft()], { once: { attempt: "full", key: String(batch) } }));
		let batch = 1;
		const failure = await (async () => {
			for (; ; batch++) await append(streams, batch);
		})().catch((error: unknown) => error);
		expect(failure).toMatchObject({ code: "disk_full" });

		await rm(ballast);
		const patient = await openStreams({ ...database, log: silentLog });
		await append(patient, batch);
		expect((await patient.read({ stream: "user/full", after: 2 * batch })).head).toBe(2 * batch);
		expect(database.problem()).toBeNull();
		await Promise.all([streams.stop(), patient.stop()]);
		await database.stop();
	}, 60_000);
});
