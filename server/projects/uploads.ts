import { rm } from "node:fs/promises";
import { type Kysely, sql } from "kysely";
import { ulid } from "ulid";
import { AppError } from "../../lib/errors.ts";
import type { UploadView } from "../../lib/protocol/index.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";

/** Folders that people send to be deployed. */
export interface Uploads {
	/** Unpacks a gzipped tar as it arrives and keeps it for its owner. Throws `upload_invalid`, `too_large`, `rate_limited`. */
	take(principal: Principal, name: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<UploadView>;
}

export interface UploadsOptions {
	db: Kysely<Schema>;
	/** Host folder of an upload; its parent is there. */
	folder(id: string): string;
	/** Puts the files of a gzipped tar into a folder that does not exist yet; it appears whole or not at all. */
	unpack(body: AsyncIterable<Uint8Array>, into: string, signal: AbortSignal): Promise<{ bytes: number }>;
}

const maxAtOnce = 4;
/** A slow sender takes no place from others. */
const maxAtOncePerOwner = 2;
/** Uploads of one person that are kept; those nobody needs any more go after an hour. */
const maxPerOwner = 100;
const maxBytesPerOwner = 8_000_000_000;

export function createUploads({ db, folder, unpack }: UploadsOptions): Uploads {
	/** Owners of what is being received. */
	const running: string[] = [];
	return {
		async take({ user }, name, body, signal) {
			const own = running.filter((owner) => owner === user.id).length;
			if (running.length >= maxAtOnce || own >= maxAtOncePerOwner)
				throw busy("Too many folders are being received at this moment.", "Wait a moment and send it again.");
			running.push(user.id);
			try {
				await refuseTooMany(db, user.id);
				const id = ulid();
				const { bytes } = await unpack(body, folder(id), signal);
				const createdAt = new Date();
				await db
					.insertInto("uploads")
					.values({ id, owner_id: user.id, name, bytes, created_at: createdAt })
					.execute()
					.catch(async (error: unknown) => {
						await rm(folder(id), { recursive: true, force: true });
						throw error;
					});
				return { id, name, bytes, createdAt: createdAt.toISOString() };
			} finally {
				running.splice(running.indexOf(user.id), 1);
			}
		},
	};
}

async function refuseTooMany(db: Kysely<Schema>, ownerId: string): Promise<void> {
	const { count, bytes } = await db
		.selectFrom("uploads")
		.select([sql<number>`count(*)::int`.as("count"), sql<number>`coalesce(sum(bytes), 0)::float8`.as("bytes")])
		.where("owner_id", "=", ownerId)
		.executeTakeFirstOrThrow();
	if (count < maxPerOwner && bytes < maxBytesPerOwner) return;
	throw busy("You have sent too many folders within the last hour.", "Wait an hour, or deploy from a git repository.");
}

function busy(message: string, action: string): AppError {
	return new AppError("rate_limited", { message, action });
}
