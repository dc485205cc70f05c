import { randomBytes } from "node:crypto";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packZip, zipArtifacts } from "#server/pipeline/archive.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type WrittenDeployment, writeDeployment } from "#tests/support/long-deployment.ts";

let database: TestDatabase;
let written: WrittenDeployment;
beforeAll(async () => {
	database = await startTestDatabase();
	written = await writeDeployment(database, "01JADMIN000000000000000000");
}, 60_000);
afterAll(() => database.stop());

it("files are packed as they are, and others get their turn meanwhile", async () => {
	const at = new Date("2026-05-04T03:02:02");
	const files = [0, 5, 70_000, 1024 * 1024, 9_000_001].map((bytes, n) => ({ name: `ä/${n}.bin`, body: randomBytes(bytes), at }));
	let turns = 0;
	let isPacked = false;
	const count = () => {
		turns++;
		if (!isPacked) setImmediate(count);
	};
	count();
	const packed = await packZip(files);
	isPacked = true;
	expect(turns).toBeGreaterThan(10);
	const unpacked = unzipSync(packed);
	expect(Object.keys(unpacked)).toEqual(files.map(({ name }) => name));
	for (const { name, body } of files) expect(Buffer.from(unpacked[name] ?? []).equals(body)).toBe(true);
});

it("what is too much is known before any of it is read; other files than those that are packed do not count", async () => {
	const file = {
		deployment_id: written.id,
		media_type: "text/plain",
		sha256: "0".repeat(64),
		body: Buffer.from("a"),
		created_at: new Date(),
	};
	await database.db
		.insertInto("artifacts")
		.values([
			{ ...file, name: "small", size: 1 },
			{ ...file, name: "huge", size: 65 * 1024 * 1024 },
		])
		.execute();
	let reads = 0;
	const read = async () => {
		reads++;
		return [{ name: "small", body: file.body, at: file.created_at }];
	};
	await expect(zipArtifacts(database.db, { deploymentId: written.id, read })).rejects.toMatchObject({ code: "too_large" });
	expect(reads).toBe(0);
	expect(Object.keys(unzipSync(await zipArtifacts(database.db, { deploymentId: written.id, names: ["small"], read })))).toEqual(["small"]);
});
