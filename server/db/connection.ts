import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Schema } from "./schema.ts";

/** How to reach the database. Everything that opens connections of its own (pools, listeners, the job queue) takes this. */
export interface ConnectionConfig {
	connectionString?: string;
	/** Folder of the Unix socket of an embedded database. */
	host?: string;
	user?: string;
	/** A function, so that the password does not end up in a log with the rest. */
	password?: () => string;
	database?: string;
}

/** Reads `bigint` as a number, for the connections that use it only. */
const types = {
	getTypeParser: ((oid: number, format?: "text" | "binary") =>
		oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser,
};

const connectTimeoutMs = 5_000;

export interface Pool {
	db: Kysely<Schema>;
	/** Ends every connection. Running queries may finish first, for up to 3 s. */
	close(): Promise<void>;
}

/** Opens a bounded pool of at most `max` connections. `onError` hears of idle connections that broke; they are replaced. */
export function openPool(connection: ConnectionConfig, options: { max?: number; onError: (error: Error) => void }): Pool {
	const pool = new pg.Pool({
		...connection,
		types,
		max: options.max ?? 10,
		connectionTimeoutMillis: connectTimeoutMs,
		idleTimeoutMillis: 30_000,
		keepAlive: true,
		statement_timeout: 60_000,
		idle_in_transaction_session_timeout: 60_000,
		application_name: "quayside",
	});
	pool.on("error", options.onError);
	// The pool listens to idle connections only: one that breaks in somebody's hands would end the process. Its query fails anyway.
	pool.on("connect", (client) => client.on("error", () => undefined));
	const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
	return { db, close: () => atMost(3_000, db.destroy()) };
}

/** One connection of its own, outside any pool; not yet connected. */
export function openClient(connection: ConnectionConfig): pg.Client {
	return new pg.Client({
		...connection,
		types,
		connectionTimeoutMillis: connectTimeoutMs,
		query_timeout: 10_000,
		keepAlive: true,
		application_name: "quayside",
	});
}

/** Says goodbye, for up to a second: the other side may be gone without a word. */
export function closeClient(client: pg.Client): Promise<void> {
	return atMost(1_000, client.end());
}

async function atMost(ms: number, work: Promise<void>): Promise<void> {
	const timer = new AbortController();
	const late = sleep(ms, undefined, { signal: timer.signal }).catch(() => undefined);
	await Promise.race([work.catch(() => undefined), late]);
	timer.abort();
}
