import { type Kysely, sql } from "kysely";
import type { StreamEvent } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** A place in one log. */
export interface Place {
	stream: string;
	epoch: string;
	seq: number;
}

/** What people have seen of the events that ask for it (`requires_ack`): one place for each person and stream, which only goes on. */
export interface Acknowledgements {
	/** Keeps that this person has seen everything up to this place. */
	keep(userId: string, place: Place): Promise<void>;
	/** Up to where this person has seen the stream, and the newest of the events before `place` that are not seen yet, oldest first. */
	find(userId: string, place: Place): Promise<Attention>;
	/** The newest events of the stream, as it stands, that this person has not seen yet, oldest first. */
	unseen(userId: string, stream: string): Promise<StreamEvent[]>;
}

export interface Attention {
	seen: number;
	unseen: StreamEvent[];
}

/** More than a person would look at. */
const maxUnseen = 10;

/** Opens the acknowledgements of a database. */
export function openAcknowledgements(db: Kysely<Schema>): Acknowledgements {
	async function find(userId: string, { stream, epoch, seq }: Place): Promise<Attention> {
		const { rows } = await sql<{ seen: number; body: StreamEvent | null }>`
			select place.seen, e.body
			from (select coalesce((select seq from acknowledgements
				where user_id = ${userId} and stream = ${stream} and epoch = ${epoch}), 0) as seen) place
			left join lateral (
				select seq, body from events
				where stream = ${stream} and seq > place.seen and seq <= ${seq} and body->>'requires_ack' = 'true'
				order by seq desc limit ${maxUnseen}
			) e on true
			order by e.seq`.execute(db);
		return { seen: rows[0]?.seen ?? 0, unseen: rows.flatMap(({ body }) => body ?? []) };
	}

	return {
		find,
		async unseen(userId, stream) {
			const { rows } = await sql<{ epoch: string; seq: number }>`
				select epoch, last_seq as seq from streams where name = ${stream}`.execute(db);
			return rows[0] ? (await find(userId, { stream, ...rows[0] })).unseen : [];
		},
		async keep(userId, { stream, epoch, seq }) {
			// A stream that was removed or rewritten meanwhile has nothing to acknowledge.
			await sql`
				insert into acknowledgements (user_id, stream, epoch, seq)
				select users.id, streams.name, streams.epoch, least(${seq}::bigint, streams.last_seq) from streams, users
				where streams.name = ${stream} and streams.epoch = ${epoch} and users.id = ${userId}
				on conflict (user_id, stream) do update set epoch = excluded.epoch, seq = case
					when acknowledgements.epoch = excluded.epoch then greatest(acknowledgements.seq, excluded.seq) else excluded.seq end`.execute(db);
		},
	};
}
