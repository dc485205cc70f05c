import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { AppError } from "#lib/errors.ts";
import { type ConnectionConfig, openPool } from "./connection.ts";
import { startEmbeddedPostgres } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import { withRetries } from "./retry.ts";
import type { Schema } from "./schema.ts";

export interface Database {
	db: Kysely<Schema>;
	/** For those that open connections of their own. */
	connection: ConnectionConfig;
	/** Process number of the embedded server; null for a database of somebody else's. */
	serverPid(): number | null;
	/** Why the embedded server is away for longer, such as `disk_full`; null when it is not. */
	problem(): AppError | null;
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

/** A database that is started together with the platform needs a moment. */
const patienceMs = 30_000;

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
		await withRetries(() => migrate(pool.db), { forMs: databaseUrl === null ? 5_000 : patienceMs });
	} catch (error) {
		await stop();
		throw databaseUrl === null ? error : explain(error);
	}
	return { db: pool.db, connection, serverPid: () => server?.pid() ?? null, problem: () => server?.problem() ?? null, stop };
}

/** The person who set DATABASE_URL reads this; the address itself may hold a password and is not repeated. */
function explain(cause: unknown): unknown {
	const code = (cause as NodeJS.ErrnoException).code ?? "";
	const say = (message: string, action: string) => new AppError("database_unavailable", { message, action, cause });
	if (code === "database_unavailable" || code === "ENOTFOUND") {
		return say("The database at DATABASE_URL does not answer.", "Check its host and port, and that it is up.");
	}
	if (code.startsWith("28")) return say("The database at DATABASE_URL refused the user or the password.", "Check both in DATABASE_URL.");
	if (code === "3D000") return say("The database named in DATABASE_URL does not exist.", "Create it, or check the name.");
	if (code === "42501") return say("The user of DATABASE_URL may not create tables.", "Grant it CREATE on the schema public.");
	return cause;
}
