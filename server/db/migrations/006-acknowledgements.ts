import { type Kysely, sql } from "kysely";

/** How far each person has seen the events of a stream that need a person's attention, and a way to find those events. */
export async function up(db: Kysely<unknown>): Promise<void> {
	for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
	`create table if not exists acknowledgements (
		user_id text not null references users (id) on delete cascade, stream text not null references streams (name) on delete cascade,
		epoch text not null, seq bigint not null, primary key (user_id, stream))`,
	`create index if not exists acknowledgements_stream on acknowledgements (stream)`,
	`create index if not exists events_requires_ack on events (stream, seq) where body->>'requires_ack' = 'true'`,
];
