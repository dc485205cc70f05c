import { createHash } from "node:crypto";
import { type DeploymentState, wholeState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { type StreamEvent, streamOf } from "../../lib/protocol/index.ts";
import type { Db } from "../projects/project-row.ts";
import type { StreamWriter } from "../streams/streams.ts";

interface Begun {
	state: DeploymentState;
	/** The first one. */
	events: StreamEvent[];
}

export interface OnceRequest {
	ownerId: string;
	/** The one the client chose, null where it chose none. */
	key: string | null;
	/** All that was asked for; under the same key it has to be the same. */
	request: object;
	/** Id of the deployment to be made. */
	id: string;
}

/**
 * Answers the deployment that was made of this request under its key, null where there is none. Asked before a request is judged: what was
 * fine the first time may be refused by now. Throws `idempotency_conflict` for another request under the key.
 */
export async function startedBefore(db: Db, one: Pick<OnceRequest, "ownerId" | "key" | "request">): Promise<Begun | null> {
	const earlier = one.key === null ? null : await madeUnder(db, one.ownerId, one.key, hashOf(one.request));
	return earlier === null ? null : firstOf(db, earlier);
}

/**
 * Makes a deployment, or answers the one that was made of the same request under this key. Throws `idempotency_conflict` for another
 * request under it. A commit whose answer was lost is tried again, and makes no second one either.
 */
export async function startOnce(
	writer: StreamWriter,
	{ ownerId, key, request, id }: OnceRequest,
	make: (writer: StreamWriter) => Promise<Begun>,
): Promise<Begun> {
	const earlier = key === null ? await madeBefore(writer, id) : await claimKey(writer, ownerId, key, hashOf(request));
	if (earlier) return firstOf(writer.trx, earlier);
	const begun = await make(writer);
	if (key !== null) await fillKey(writer, ownerId, key, begun.state.id);
	return begun;
}

const hashOf = (request: object): string => createHash("sha256").update(JSON.stringify(request)).digest("hex");

/** Takes the key, or answers the deployment that was made under it. Throws `idempotency_conflict` for another request. */
async function claimKey({ trx }: StreamWriter, ownerId: string, key: string, requestHash: string): Promise<string | null> {
	const row = { owner_id: ownerId, key, request_hash: requestHash, deployment_id: "", created_at: new Date() };
	const inserted = await trx
		.insertInto("idempotency")
		.values(row)
		.onConflict((conflict) => conflict.doNothing())
		.returning("key")
		.executeTakeFirst();
	return inserted ? null : madeUnder(trx, ownerId, key, requestHash);
}

async function madeUnder(db: Db, ownerId: string, key: string, requestHash: string): Promise<string | null> {
	const row = await db
		.selectFrom("idempotency")
		.select(["request_hash", "deployment_id"])
		.where("owner_id", "=", ownerId)
		.where("key", "=", key)
		.executeTakeFirst();
	if (row && row.request_hash !== requestHash) throw new AppError("idempotency_conflict");
	return row?.deployment_id ?? null;
}

async function fillKey({ trx }: StreamWriter, ownerId: string, key: string, deploymentId: string): Promise<void> {
	await trx
		.updateTable("idempotency")
		.set({ deployment_id: deploymentId })
		.where("owner_id", "=", ownerId)
		.where("key", "=", key)
		.execute();
}

/** The id when its deployment is there already. */
async function madeBefore({ trx }: StreamWriter, id: string): Promise<string | null> {
	return (await trx.selectFrom("deployments").select("id").where("id", "=", id).executeTakeFirst())?.id ?? null;
}

async function firstOf(db: Db, id: string): Promise<Begun> {
	const { state } = await db.selectFrom("deployments").select("state").where("id", "=", id).executeTakeFirstOrThrow();
	const first = await db
		.selectFrom("events")
		.select("body")
		.where("stream", "=", streamOf.deployment(id))
		.orderBy("seq")
		.limit(1)
		.execute();
	return { state: wholeState(id, state), events: first.map(({ body }) => body) };
}
