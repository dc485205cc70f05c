import { type Kysely, sql } from "kysely";

/** Language models: providers with their keys and limits, the ledger of calls, and kept answers. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create table if not exists model_providers (
		id text primary key, kind text not null, base_url text not null, key bytea, allow_private boolean not null default false,
		requests_per_minute integer not null, tokens_per_minute integer not null, models jsonb not null default '[]',
		turn bigint not null default 0, paused_until timestamptz, created_at timestamptz not null default now())`,
	`create table if not exists model_calls (
		id text primary key, deployment_id text, owner_id text, project_id text, agent text, purpose text not null,
		provider text not null, model text not null, attempt integer not null, status text not null, turn bigint not null default 0,
		input_tokens integer not null, output_tokens integer not null, measured boolean not null default false,
		cost_usd double precision, error text, node text not null, created_at timestamptz not null default now(),
		seen_at timestamptz not null default now(), granted_at timestamptz, first_at timestamptz, finished_at timestamptz)`,
	`create index if not exists model_calls_window on model_calls (provider, granted_at) where granted_at is not null`,
	`create index if not exists model_calls_waiting on model_calls (provider, turn, id) where status = 'waiting'`,
	`create index if not exists model_calls_open on model_calls (node) where status in ('waiting', 'running')`,
	`create index if not exists model_calls_deployment on model_calls (deployment_id)`,
	`create table if not exists model_answers (
		key text primary key, project_id text not null references projects (id) on delete cascade, body jsonb not null,
		created_at timestamptz not null default now())`,
	`create index if not exists model_answers_age on model_answers (created_at)`,
	`create index if not exists model_answers_project on model_answers (project_id)`,
];
