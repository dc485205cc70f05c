import { type Kysely, sql } from "kysely";

/** Accounts, sessions and API tokens. Tokens are stored as SHA-256, passwords as scrypt. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create table if not exists users (
		id text primary key, email text not null unique, name text not null, role text not null,
		password_hash text, created_at timestamptz not null default now())`,
	`create table if not exists sessions (
		token_hash text primary key, user_id text not null references users (id) on delete cascade,
		created_at timestamptz not null default now(), expires_at timestamptz not null)`,
	`create index if not exists sessions_user on sessions (user_id, created_at desc)`,
	`create table if not exists api_tokens (
		id text primary key, user_id text not null references users (id) on delete cascade, name text not null,
		token_hash text not null unique, created_at timestamptz not null default now(), last_used_at timestamptz, expires_at timestamptz)`,
	`create index if not exists api_tokens_user on api_tokens (user_id, id desc)`,
];
