import { type Kysely, sql } from "kysely";

/** The threads of AG-UI clients, and the switches of an administrator. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create table if not exists agui_threads (
		owner_id text not null references users (id) on delete cascade, thread_id text not null,
		deployment_id text not null references deployments (id) on delete cascade, primary key (owner_id, thread_id))`,
	`create index if not exists agui_threads_deployment on agui_threads (deployment_id)`,
	`create table if not exists system_settings (
		name text primary key, value jsonb not null, set_by text not null, set_at timestamptz not null)`,
];
