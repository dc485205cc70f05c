import { type Kysely, sql } from "kysely";

/** Finds the log lines of a number, and the newest events that are no log, without visiting what lies between. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create index if not exists events_log_lines on events (stream, ((body#>>'{metadata,last}')::bigint)) where type = 'log'`,
	`create index if not exists events_not_log on events (stream, seq) where type <> 'log'`,
];
