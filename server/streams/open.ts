import { setTimeout as sleep } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import type { Logger } from "pino";
import { AppError } from "#lib/errors.ts";
import { isConnectionBroken, isContention, isDiskFull } from "../db/broken.ts";
import type { ConnectionConfig } from "../db/connection.ts";
import type { Schema } from "../db/schema.ts";
import { createActivityBoard } from "./activity.ts";
import { openAnnouncer } from "./announcer.ts";
import { createWriter } from "./append.ts";
import { Doorbell } from "./doorbell.ts";
import { follow } from "./follow.ts";
import { readStream } from "./read.ts";
import { startSafetyReread } from "./safety-reread.ts";
import type { Streams } from "./streams.ts";

export interface StreamsOptions {
	db: Kysely<Schema>;
	connection: ConnectionConfig;
	log: Logger;
	/** How often watched streams are looked at without being rung. */
	safetyRereadMs?: number;
	/** How long a write is tried again while the database is away. */
	retryForMs?: number;
}

/** Opens the streams of a database for this node. */
export async function openStreams(options: StreamsOptions): Promise<Streams> {
	const { db, connection, log, safetyRereadMs = 3_000, retryForMs = 30_000 } = options;
	const stopping = new AbortController();
	const doorbell = new Doorbell((err) => log.error({ err }, "a listener of streams failed"));
	const reread = startSafetyReread(db, doorbell, log, safetyRereadMs);
	const announcer = openAnnouncer({
		connection,
		log,
		onGrowth: (stream, head) => doorbell.ring(stream, head),
		onActivity: (activity) => board.hear(activity),
		onCleared: (id) => board.forget(id),
		// What was announced while nobody listened is looked up.
		onListening: () => reread.now(),
	});
	const board = createActivityBoard({ set: announcer.activity, clear: announcer.cleared }, (err) =>
		log.error({ err }, "a listener of activity failed"),
	);
	const sweeping = setInterval(board.sweep, 30_000);
	sweeping.unref();

	return {
		async write(work) {
			const { result, heads } = await withRetries(retryForMs, stopping.signal, () =>
				db.transaction().execute(async (trx) => {
					const { writer, heads } = createWriter(trx);
					return { result: await work(writer), heads };
				}),
			);
			for (const [stream, head] of heads) {
				doorbell.ring(stream, head);
				announcer.growth(stream, head);
			}
			return result;
		},
		read: (cursor, limit) => readStream(db, cursor, limit),
		follow: (cursor, signal) => follow((at) => readStream(db, at), doorbell, cursor, AbortSignal.any([signal, stopping.signal])),
		onGrowth: (listener, watched = () => []) => doorbell.onGrowth(listener, watched),
		truncate: (stream, minSeq) => truncate(db, stream, minSeq),
		activity: board.board,
		async stop() {
			stopping.abort();
			clearInterval(sweeping);
			await Promise.all([reread.stop(), announcer.stop()]);
		},
	};
}

/** Runs a transaction until it is committed: again at once after contention, again for a while when the connection broke. */
async function withRetries<T>(retryForMs: number, stopping: AbortSignal, transaction: () => Promise<T>): Promise<T> {
	const deadline = Date.now() + retryForMs;
	for (let pauseMs = 25; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
		try {
			return await transaction();
		} catch (error) {
			if (isDiskFull(error)) throw new AppError("disk_full", { message: "The database has no space left on its disk.", cause: error });
			const isBroken = isConnectionBroken(error);
			if (!isBroken && !isContention(error)) throw error;
			if (Date.now() + pauseMs > deadline || stopping.aborted)
				throw isBroken ? new AppError("database_unavailable", { cause: error }) : error;
			await sleep(pauseMs, undefined, { signal: stopping }).catch(() => undefined);
		}
	}
}

async function truncate(db: Kysely<Schema>, stream: string, minSeq: number): Promise<void> {
	await db.transaction().execute(async (trx) => {
		const kept = sql<number>`greatest(min_seq, least(${minSeq}::bigint, last_seq + 1))`;
		const row = await trx.updateTable("streams").set({ min_seq: kept }).where("name", "=", stream).returning("min_seq").executeTakeFirst();
		if (row) await trx.deleteFrom("events").where("stream", "=", stream).where("seq", "<", row.min_seq).execute();
	});
}
