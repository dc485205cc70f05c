import { setMaxListeners } from "node:events";
import { type Kysely, sql } from "kysely";
import type { Logger } from "pino";
import type { AppError } from "#lib/errors.ts";
import { isConnectionBroken } from "../db/broken.ts";
import type { ConnectionConfig } from "../db/connection.ts";
import { withRetries } from "../db/retry.ts";
import type { Schema } from "../db/schema.ts";
import { createActivityBoard } from "./activity.ts";
import { openAnnouncer } from "./announcer.ts";
import { createWriter } from "./append.ts";
import { Doorbell } from "./doorbell.ts";
import { follow } from "./follow.ts";
import { createNews } from "./news.ts";
import { readStream } from "./read.ts";
import { startSafetyReread } from "./safety-reread.ts";
import type { Streams } from "./streams.ts";

export interface StreamsOptions {
	db: Kysely<Schema>;
	connection: ConnectionConfig;
	log: Logger;
	/** Why the database is away, where somebody knows: said instead of `database_unavailable`. */
	problem?: () => AppError | null;
	/** How often watched streams are looked at without being rung. */
	safetyRereadMs?: number;
	/** How long a write is tried again while the database is away. */
	writeRetryMs?: number;
}

/** Somebody waits for the answer: long enough for a database that is started again. */
const readRetryMs = 5_000;

/** Opens the streams of a database for this node. */
export async function openStreams(options: StreamsOptions): Promise<Streams> {
	const { db, connection, log, safetyRereadMs = 3_000, writeRetryMs = 30_000 } = options;
	const stopping = new AbortController();
	// Every write that waits for the database listens to it.
	setMaxListeners(0, stopping.signal);
	const doorbell = new Doorbell((err) => log.error({ err }, "a listener of streams failed"));
	const reread = startSafetyReread(db, doorbell, log, safetyRereadMs);
	const announcer = openAnnouncer({
		connection,
		log,
		onGrowth: (stream, head) => doorbell.ring(stream, head),
		onActivity: (activity) => board.hear(activity),
		onCleared: (id) => board.forget(id),
		onChanged: (topic) => heard.hear(topic),
		// What was announced while nobody listened is looked up.
		onListening() {
			reread.now();
			heard.hearAll();
		},
	});
	const heard = createNews(announcer.changed);
	const board = createActivityBoard({ set: announcer.activity, clear: announcer.cleared }, (err) =>
		log.error({ err }, "a listener of activity failed"),
	);
	const sweeping = setInterval(board.sweep, 30_000);
	sweeping.unref();

	return {
		async write(work) {
			const { result, growth } = await withRetries(
				() =>
					// Read committed, whatever the database's default: after the wait for the counter row its latest state must be seen.
					db
						.transaction()
						.setIsolationLevel("read committed")
						.execute(async (trx) => {
							const { writer, growth } = createWriter(trx);
							return { result: await work(writer), growth };
						}),
				{ forMs: writeRetryMs, signal: stopping.signal },
			).catch((error: unknown) => {
				throw (isConnectionBroken(error) && options.problem?.()) || error;
			});
			for (const [stream, { head, added }] of growth) {
				doorbell.ring(stream, head, added);
				announcer.growth(stream, head);
			}
			return result;
		},
		read: (cursor, limit) => withRetries(() => readStream(db, cursor, limit), { forMs: readRetryMs, signal: stopping.signal }),
		follow: (cursor, signal) => follow((at) => readStream(db, at), doorbell, cursor, AbortSignal.any([signal, stopping.signal])),
		onGrowth: (listener, watched = () => []) => doorbell.onGrowth(listener, watched),
		truncate: (stream, minSeq) => truncate(db, stream, minSeq),
		activity: board.board,
		news: heard.news,
		async stop() {
			stopping.abort();
			clearInterval(sweeping);
			await Promise.all([reread.stop(), announcer.stop()]);
		},
	};
}

async function truncate(db: Kysely<Schema>, stream: string, minSeq: number): Promise<void> {
	await db
		.transaction()
		.setIsolationLevel("read committed")
		.execute(async (trx) => {
			const kept = sql<number>`greatest(min_seq, least(${minSeq}::bigint, last_seq + 1))`;
			const row = await trx
				.updateTable("streams")
				.set({ min_seq: kept })
				.where("name", "=", stream)
				.returning("min_seq")
				.executeTakeFirst();
			if (row) await trx.deleteFrom("events").where("stream", "=", stream).where("seq", "<", row.min_seq).execute();
		});
}
