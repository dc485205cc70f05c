import { type Kysely, type RawBuilder, sql } from "kysely";
import {
	type EventOf,
	type LogLinesQuery,
	type LogPage,
	maxLogPageBytes,
	streamOf,
	type Timeline,
	type TimelineQuery,
} from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** Number of an event's last log line, written as the index `events_log_lines` has it. */
const lastLine = sql<number>`((body#>>'{metadata,last}')::bigint)`;

interface LogRow {
	first: number;
	last: number;
	body: EventOf<"log"> | null;
}

/**
 * Up to `limit` lines of a deployment's log before a line, at most 1 MB of events but at least one, with where the log begins and
 * ends at the same instant. It is one statement that visits the events of the page and no others, however long the log is.
 */
export async function readLogPage(db: Kysely<Schema>, deploymentId: string, query: LogLinesQuery): Promise<LogPage> {
	const { rows } = await selectLogPage(deploymentId, query).execute(db);
	const [bounds] = rows;
	if (!bounds) return { first: 0, last: 0, lines: [] };
	const until = Math.min(query.before ?? bounds.last + 1, bounds.last + 1);
	const lines = rows.flatMap(({ body }) => (body ? body.metadata.lines.map((line) => ({ ...line, stage: body.stage })) : []));
	return { first: bounds.first, last: bounds.last, lines: lines.filter(({ n }) => n >= until - query.limit && n < until) };
}

export function selectLogPage(deploymentId: string, { before, limit }: LogLinesQuery): RawBuilder<LogRow> {
	const stream = streamOf.deployment(deploymentId);
	const oldest = sql`select (body#>>'{metadata,first}')::bigint as first from events
		where stream = ${stream} and type = 'log' order by ${lastLine} limit 1`;
	const newest = sql`select ${lastLine} as last from events where stream = ${stream} and type = 'log' order by ${lastLine} desc limit 1`;
	// The page ends with the event that holds the line before `before`, which may hold later lines as well.
	const end =
		before === undefined
			? sql`(select last from newest)`
			: sql`coalesce((select ${lastLine} from events where stream = ${stream} and type = 'log' and ${lastLine} >= ${before - 1}
				order by ${lastLine} limit 1), (select last from newest))`;
	const to = before === undefined ? sql`(select last from newest)` : sql`least(${before - 1}::bigint, (select last from newest))`;
	return sql<LogRow>`
		with oldest as materialized (${oldest}), newest as materialized (${newest}), page as (
			select ${lastLine} as at, body, coalesce(bytes, octet_length(body::text)) as bytes from events
			where stream = ${stream} and type = 'log' and ${lastLine} > ${to} - ${limit} and ${lastLine} <= ${end}
			order by ${lastLine} desc limit ${limit}
		), sized as (select at, body, bytes, sum(bytes) over (order by at desc) as total from page)
		select oldest.first, newest.last, sized.body from oldest cross join newest
		left join sized on sized.total = sized.bytes or sized.total <= ${maxLogPageBytes}
		order by sized.at`;
}

/** Up to `limit` events of a deployment besides its log and the parts of messages that are told whole, before a seq. */
export async function readTimeline(db: Kysely<Schema>, deploymentId: string, query: TimelineQuery): Promise<Timeline> {
	const rows = await selectTimeline(db, deploymentId, query).execute();
	const events = rows.slice(0, query.limit).map(({ body }) => body);
	return { events: events.reverse(), more: rows.length > query.limit };
}

/** One more than asked for, newest first. */
export function selectTimeline(db: Kysely<Schema>, deploymentId: string, { before, limit }: TimelineQuery) {
	const select = db
		.selectFrom("events")
		.select("body")
		.where("stream", "=", streamOf.deployment(deploymentId))
		.where("type", "<>", sql.lit("log"))
		.where(sql<boolean>`body#>>'{metadata,final}' is distinct from 'false'`)
		.orderBy("seq", "desc")
		.limit(limit + 1);
	return before === undefined ? select : select.where("seq", "<", before);
}
