import { type Kysely, sql } from "kysely";

/** Links to finished deployments for people without a login; finds the few events that tell when stages and phases began and ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create table if not exists shares (
		id text primary key, deployment_id text not null references deployments (id) on delete cascade, created_by text not null,
		token_hash text not null unique, created_at timestamptz not null default now(), expires_at timestamptz not null,
		last_opened_at timestamptz)`,
	`create index if not exists shares_deployment on shares (deployment_id)`,
	`create index if not exists events_timed on events (stream, seq) where type in
		('stage_started', 'stage_completed', 'stage_failed', 'build_phase_started', 'status', 'deployment_completed')`,
];
