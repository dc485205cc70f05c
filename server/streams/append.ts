import { type Kysely, sql, type Transaction } from "kysely";
import { monotonicFactory, ulid } from "ulid";
import { AppError } from "#lib/errors.ts";
import { type EventDraft, maxEventBytes, type StreamEvent } from "#lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { AppendOptions, StreamWriter } from "./streams.ts";

const nextId = monotonicFactory();

/** A writer whose appends become true with `trx`, and the heads of the streams it made longer. */
export function createWriter(trx: Transaction<Schema>): { writer: StreamWriter; heads: Map<string, number> } {
	const heads = new Map<string, number>();
	const writer: StreamWriter = {
		trx,
		async append(stream, drafts, options = {}) {
			if (drafts.length === 0) return [];
			const { lastSeq, closed } = await lockStream(trx, stream);
			const already = options.once ? await findBatch(trx, stream, options.once) : [];
			if (already.length > 0) return already;
			if (closed) throw new AppError("already_finished", { detail: `append to the closed stream ${stream}` });
			const events = seal(stream, lastSeq, drafts, options);
			await insertEvents(trx, stream, events, options);
			heads.set(stream, lastSeq + events.length);
			return events;
		},
		async close(stream) {
			const { lastSeq } = await lockStream(trx, stream);
			await trx.updateTable("streams").set({ closed: true }).where("name", "=", stream).execute();
			heads.set(stream, lastSeq);
		},
	};
	return { writer, heads };
}

/**
 * Takes the counter row of the stream until the end of the transaction, creating it the first time. Writers of one stream queue
 * here, which is what makes `seq` contiguous and its order the order of the commits.
 */
async function lockStream(trx: Transaction<Schema>, name: string): Promise<{ lastSeq: number; closed: boolean }> {
	const found = await selectForUpdate(trx, name);
	if (found) return found;
	await trx
		.insertInto("streams")
		.values({ name, epoch: ulid() })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	const created = await selectForUpdate(trx, name);
	if (!created) throw new Error(`The stream ${name} disappeared while it was written.`);
	return created;
}

async function selectForUpdate(trx: Kysely<Schema>, name: string) {
	return trx.selectFrom("streams").select(["last_seq as lastSeq", "closed"]).where("name", "=", name).forNoKeyUpdate().executeTakeFirst();
}

async function findBatch(trx: Kysely<Schema>, stream: string, { attempt, key }: { attempt: string; key: string }): Promise<StreamEvent[]> {
	const rows = await trx
		.selectFrom("events")
		.select("body")
		.where("attempt", "=", attempt)
		.where("key", "=", key)
		.where("stream", "=", stream)
		.orderBy("seq")
		.execute();
	return rows.map((row) => row.body);
}

function seal(
	stream: string,
	lastSeq: number,
	drafts: readonly EventDraft[],
	{ deploymentId, at = new Date() }: AppendOptions,
): StreamEvent[] {
	return drafts.map((draft, index) => {
		const event = {
			id: nextId(at.getTime()),
			seq: lastSeq + index + 1,
			stream,
			deployment_id: deploymentId ?? null,
			type: draft.type,
			timestamp: at.toISOString(),
			agent_name: draft.agent_name ?? null,
			stage: draft.stage ?? null,
			content: draft.content,
			metadata: draft.metadata,
			requires_ack: draft.requires_ack ?? false,
		} as StreamEvent;
		return storable(event);
	});
}

/** Text that JSON of Postgres cannot hold: the zero character and halves of surrogate pairs, as escaped by JSON.stringify. */
const unstorable = /\\u(?:0000|d[89a-f])/;

function storable(event: StreamEvent): StreamEvent {
	const json = JSON.stringify(event);
	if (Buffer.byteLength(json) > maxEventBytes)
		throw new RangeError(`An event of type ${event.type} is larger than ${maxEventBytes} bytes.`);
	if (!unstorable.test(json)) return event;
	return JSON.parse(json, (_, value) =>
		typeof value === "string" ? value.toWellFormed().replaceAll("\0", "\ufffd") : value,
	) as StreamEvent;
}

/** Rows and counter in one statement; the whole batch travels as one parameter. */
async function insertEvents(trx: Transaction<Schema>, stream: string, events: StreamEvent[], { deploymentId, once }: AppendOptions) {
	await sql`
		with advanced as (update streams set last_seq = last_seq + ${events.length} where name = ${stream})
		insert into events (stream, seq, id, type, deployment_id, attempt, key, at, body)
		select ${stream}, (e->>'seq')::bigint, e->>'id', e->>'type', ${deploymentId ?? null}, ${once?.attempt ?? null}, ${once?.key ?? null},
			(e->>'timestamp')::timestamptz, e
		from jsonb_array_elements(${JSON.stringify(events)}::jsonb) as e`.execute(trx);
}
