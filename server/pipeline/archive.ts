import { setImmediate as pause } from "node:timers/promises";
import { Zip, ZipDeflate } from "fflate";
import { type Kysely, sql } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { createTurns } from "../../lib/turns.ts";
import type { Schema } from "../db/schema.ts";

/** What one archive may hold before it is packed. It stands in memory twice, so that only a few are made at a time. */
const maxArchiveBytes = 64 * 1024 * 1024;
/** What is packed before others get their turn on the event loop: a few milliseconds. */
const sliceBytes = 1024 * 1024;

const inTurn = createTurns({ atOnce: 2, maxWaiting: 20 });

export interface ArchiveFile {
	name: string;
	body: Uint8Array;
	at: Date;
}

/**
 * The artifacts of a deployment as a zip, all of them or those with these names. How much they are is known before any is read, by
 * `read`, once it is their turn. Throws `too_large`, `rate_limited`.
 */
export async function zipArtifacts(
	db: Kysely<Schema>,
	{ deploymentId, names, read }: { deploymentId: string; names?: readonly string[]; read: () => Promise<readonly ArchiveFile[]> },
): Promise<Uint8Array> {
	let stored = db.selectFrom("artifacts").where("deployment_id", "=", deploymentId);
	if (names) stored = stored.where("name", "in", names);
	const { bytes } = await stored.select(sql<number>`coalesce(sum(size), 0)::float8`.as("bytes")).executeTakeFirstOrThrow();
	if (bytes > maxArchiveBytes) throw new AppError("too_large");
	return inTurn(async () => packZip(await read()));
}

/** Packs files into a zip as they are: to make them smaller would cost the event loop more than the network saves. */
export async function packZip(files: readonly ArchiveFile[]): Promise<Uint8Array> {
	const packed: Uint8Array[] = [];
	const zip = new Zip((error, chunk) => {
		if (error) throw error;
		packed.push(chunk);
	});
	for (const { name, body, at } of files) {
		const entry = new ZipDeflate(name, { level: 0 });
		entry.mtime = at;
		zip.add(entry);
		for (let from = 0, isLast = false; !isLast; from += sliceBytes) {
			isLast = from + sliceBytes >= body.length;
			entry.push(body.subarray(from, from + sliceBytes), isLast);
			await pause();
		}
	}
	zip.end();
	return Buffer.concat(packed);
}
