import { type Kysely, sql } from "kysely";

/** Where a project was pushed to last, and the encrypted access token for it. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`alter table projects add column if not exists push_remote jsonb`,
	`alter table projects add column if not exists push_token bytea`,
];
