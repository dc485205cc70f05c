import { type Kysely, sql } from "kysely";

/** Which API tokens may answer approvals. Those that were made before anything was asked may not. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [`alter table api_tokens add column if not exists may_approve boolean not null default false`];
