import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { type ConnectionConfig, openPool } from "./connection.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import type { Schema } from "./schema.ts";

export interface Database {
	db: Kysely<Schema>;
	/** For those that open connections of their own. */
	connection: ConnectionConfig;
	/** Process number of the embedded server; null for a database of somebody else's. */
	serverPid(): number | null;
	/** Ends the pool, and the embedded server with it. */
	stop(): Promise<void>;
}

export interface DatabaseOptions {
	/** Null for the embedded database. */
	databaseUrl: string | null;
	home: string;
	log: Logger;
	/** Settings of the embedded server over ours; for tests. */
	settings?: Readonly<Record<string, string>>;
}

/** Opens the database, embedded or given, and brings its tables up to date. */
export async function openDatabase({ databaseUrl, home, log, settings }: DatabaseOptions): Promise<Database> {
	const server = databaseUrl === null ? await startEmbeddedPostgres({ home, log, settings }) : null;
	const connection = server?.connection ?? { connectionString: databaseUrl ?? "" };
	const pool = openPool(connection, { onError: (err) => log.debug({ err }, "an idle database connection broke") });
	const stop = async () => {
		await pool.close();
		await server?.stop();
	};
	try {
		await migrate(pool.db);
	} catch (error) {
		await stop();
		throw error;
	}
	return { db: pool.db, connection, serverPid: () => server?.pid() ?? null, stop };
}
