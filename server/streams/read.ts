import { type Kysely, sql } from "kysely";
import { type Cursor, maxReadBytes, maxReadEvents, type ReadResult, type ResetReason, type StreamEvent } from "#lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

interface Row {
	epoch: string;
	head: number;
	min: number;
	closed: boolean;
	body: StreamEvent | null;
}

/**
 * Up to `limit` events after the cursor (at most 200 or 64 KB, at least one), with the state of the stream at the same instant:
 * it is one statement. Because `seq` has no gaps, a range of it is a page: nothing beyond is visited. A cursor that does not belong to this log is answered with `reset` and no events.
 */
export async function readStream(db: Kysely<Schema>, cursor: Cursor, limit = maxReadEvents): Promise<ReadResult> {
	const count = Math.max(1, Math.min(limit, maxReadEvents));
	const { rows } = await sql<Row>`
		select s.epoch, s.last_seq as head, s.min_seq as min, s.closed, e.body
		from streams s
		left join lateral (
			select seq, body, bytes, sum(bytes) over (order by seq) as total
			from (
				select seq, body, coalesce(bytes, octet_length(body::text)) as bytes from events
				where stream = s.name and seq > ${cursor.after} and seq <= ${cursor.after + count}
			) page
		) e on e.total = e.bytes or e.total <= ${maxReadBytes}
		where s.name = ${cursor.stream}
		order by e.seq`.execute(db);
	const [first] = rows;
	if (!first) return { epoch: "", min: 1, head: 0, closed: false, events: [], ...resetOf(cursor, { epoch: "", min: 1, head: 0 }) };
	const { epoch, min, head, closed } = first;
	const reset = resetOf(cursor, first);
	const events = reset.reset ? [] : rows.flatMap((row) => (row.body ? [row.body] : []));
	return { epoch, min, head, closed, events, ...reset };
}

function resetOf({ epoch, after }: Cursor, stream: { epoch: string; min: number; head: number }): { reset?: ResetReason } {
	if (epoch && epoch !== stream.epoch) return { reset: "epoch" };
	if (after > stream.head) return { reset: "ahead" };
	if (after < stream.min - 1) return { reset: "truncated" };
	return {};
}
