import { type Kysely, sql } from "kysely";

/** Additive and idempotent: running it on a database that already has it changes nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create table if not exists meta (key text primary key, value text not null)`,
	`create table if not exists streams (
		name text primary key, epoch text not null, last_seq bigint not null default 0, min_seq bigint not null default 1,
		closed boolean not null default false) with (fillfactor = 50)`,
	`create table if not exists events (
		stream text not null, seq bigint not null, id text not null, type text not null, deployment_id text,
		attempt text, key text, at timestamptz not null, body jsonb not null, primary key (stream, seq))`,
	`create index if not exists events_attempt_key on events (attempt, key) where attempt is not null`,
	`create index if not exists events_at on events (stream, at)`,
	`create table if not exists projects (
		id text primary key, owner_id text not null, slug text not null unique, name text not null, source jsonb not null,
		target text not null, settings jsonb not null default '{}', git_token bytea, active_release text,
		next_number integer not null default 1, created_at timestamptz not null default now(), deleted_at timestamptz)`,
	`create index if not exists projects_owner on projects (owner_id)`,
	`create table if not exists project_env (
		project_id text not null references projects (id) on delete cascade, name text not null, value bytea not null,
		secret boolean not null, updated_at timestamptz not null default now(), primary key (project_id, name))`,
	`create table if not exists deployments (
		id text primary key, project_id text not null references projects (id), owner_id text not null, number integer not null,
		status text not null, fence integer not null default 0, state jsonb not null, text text not null,
		created_at timestamptz not null default now(), finished_at timestamptz, unique (project_id, number)) with (fillfactor = 70)`,
	`create index if not exists deployments_owner on deployments (owner_id, id desc)`,
	`create index if not exists deployments_open on deployments (id) where finished_at is null`,
	`create table if not exists attempts (
		id text primary key, deployment_id text not null references deployments (id), stage text not null, number integer not null,
		fence integer not null, node_id text not null, started_at timestamptz not null default now(),
		heartbeat_at timestamptz not null default now(), ended_at timestamptz, unique (deployment_id, fence))`,
	`create index if not exists attempts_open on attempts (node_id) where ended_at is null`,
	`create table if not exists releases (
		id text primary key, project_id text not null references projects (id), deployment_id text not null references deployments (id),
		node_id text not null, kind text not null, status text not null, plan jsonb not null, commit text, env bytea not null,
		size_bytes bigint not null default 0, created_at timestamptz not null default now())`,
	`create index if not exists releases_project on releases (project_id, id desc)`,
	`create table if not exists artifacts (
		deployment_id text not null references deployments (id), name text not null, media_type text not null, size integer not null,
		sha256 text not null, body bytea not null, created_at timestamptz not null default now(), primary key (deployment_id, name))`,
	`create table if not exists idempotency (
		owner_id text not null, key text not null, request_hash text not null, deployment_id text not null,
		created_at timestamptz not null default now(), primary key (owner_id, key))`,
	`create table if not exists nodes (id text primary key, name text not null, boot text not null, lease_until timestamptz not null)`,
];
