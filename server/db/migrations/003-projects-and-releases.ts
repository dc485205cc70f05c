import { type Kysely, sql } from "kysely";

/** Scopes of variables, deploy keys, uploads, and what releases remember. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`alter table project_env add column if not exists scope text not null default 'both'`,
	`alter table projects add column if not exists deploy_key bytea`,
	`alter table projects add column if not exists deploy_key_public text`,
	`alter table projects add column if not exists deploy_key_at timestamptz`,
	`alter table projects add column if not exists known_hosts jsonb not null default '[]'`,
	`alter table projects add column if not exists next_source jsonb`,
	`alter table projects add column if not exists next_git_token bytea`,
	`alter table releases add column if not exists build_key text`,
	`alter table releases add column if not exists asleep boolean not null default false`,
	`alter table releases add column if not exists crash jsonb`,
	`alter table releases add column if not exists memory_mb integer`,
	`create table if not exists uploads (
		id text primary key, owner_id text not null, name text not null, bytes bigint not null,
		created_at timestamptz not null default now())`,
	`create index if not exists uploads_owner on uploads (owner_id, id desc)`,
	// so that a reader need not look into every event to know how many fit into a page
	`alter table events add column if not exists bytes integer`,
];
