import { type Kysely, sql, type Transaction } from "kysely";
import { monotonicFactory, ulid } from "ulid";
import { AppError } from "#lib/errors.ts";
import { type EventDraft, maxEventBytes, type StreamEvent, sourceOf } from "#lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import { type Growth, grow, type SizedEvent, type StreamState } from "./growth.ts";
import type { AppendOptions, StreamWriter } from "./streams.ts";

const nextId = monotonicFactory();

/** A writer whose appends become true with `trx`, and what it adds to which stream. */
export function createWriter(trx: Transaction<Schema>): { writer: StreamWriter; growth: Map<string, Growth> } {
	const growth = new Map<string, Growth>();
	const writer: StreamWriter = {
		trx,
		async append(stream, drafts, options = {}) {
			if (drafts.length === 0) return [];
			const state = await lockStream(trx, stream);
			const { lastSeq, closed } = state;
			const already = options.once ? await findBatch(trx, stream, options.once) : [];
			if (already.length > 0) return already;
			if (closed) throw new AppError("already_finished", { detail: `append to the closed stream ${stream}` });
			const sealed = seal(stream, lastSeq, drafts, options);
			const events = sealed.map(({ event }) => event);
			await insertEvents(trx, stream, sealed, options);
			growth.set(stream, grow(growth.get(stream), state, sealed));
			return events;
		},
		async close(stream) {
			const state = await lockStream(trx, stream);
			await trx.updateTable("streams").set({ closed: true }).where("name", "=", stream).execute();
			growth.set(stream, grow(growth.get(stream), { ...state, closed: true }, []));
		},
	};
	return { writer, growth };
}

/**
 * Takes the counter row of the stream until the end of the transaction, creating it the first time. Writers of one stream queue
 * here, which is what makes `seq` contiguous and its order the order of the commits.
 */
async function lockStream(trx: Transaction<Schema>, name: string): Promise<StreamState> {
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
	return trx
		.selectFrom("streams")
		.select(["epoch", "min_seq as min", "last_seq as lastSeq", "closed"])
		.where("name", "=", name)
		.forNoKeyUpdate()
		.executeTakeFirst();
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

function seal(stream: string, lastSeq: number, drafts: readonly EventDraft[], { deploymentId, at = new Date() }: AppendOptions): Sealed[] {
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
			source: sourceOf(draft),
			content: draft.content,
			metadata: draft.metadata,
			requires_ack: draft.requires_ack ?? false,
		} as StreamEvent;
		return storable(event);
	});
}

/** Text that JSON of Postgres cannot hold: the zero character and halves of surrogate pairs, as escaped by JSON.stringify. */
const unstorable = /\\u(?:0000|d[89a-f])/;

/** An event as it is stored; its JSON is made once. */
interface Sealed extends SizedEvent {
	json: string;
}

function storable(event: StreamEvent): Sealed {
	const sealed = measured(event);
	if (sealed.bytes > maxEventBytes) throw new RangeError(`An event of type ${event.type} is larger than ${maxEventBytes} bytes.`);
	if (!unstorable.test(sealed.json)) return sealed;
	const clean = (_: string, value: unknown) => (typeof value === "string" ? value.toWellFormed().replaceAll("\0", "\ufffd") : value);
	return measured(JSON.parse(sealed.json, clean) as StreamEvent);
}

function measured(event: StreamEvent): Sealed {
	const json = JSON.stringify(event);
	return { event, json, bytes: Buffer.byteLength(json) };
}

/** Rows and counter in one statement; the whole batch travels as one parameter. */
async function insertEvents(trx: Transaction<Schema>, stream: string, events: Sealed[], { deploymentId, once }: AppendOptions) {
	const sizes = events.map(({ bytes }) => bytes);
	await sql`
		with advanced as (update streams set last_seq = last_seq + ${events.length} where name = ${stream})
		insert into events (stream, seq, id, type, deployment_id, attempt, key, at, body, bytes)
		select ${stream}, (e->>'seq')::bigint, e->>'id', e->>'type', ${deploymentId ?? null}, ${once?.attempt ?? null}, ${once?.key ?? null},
			(e->>'timestamp')::timestamptz, e, (${sizes}::integer[])[place]
		from jsonb_array_elements(${`[${events.map(({ json }) => json).join(",")}]`}::jsonb) with ordinality as given (e, place)`.execute(trx);
}
