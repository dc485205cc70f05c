import type { Kysely } from "kysely";
import { wholeState } from "../../lib/deployment/state.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";

export interface StreamAccess {
	/** Whether this principal may see this stream; false also for one that does not exist. */
	mayWatch(principal: Principal, stream: string): Promise<boolean>;
	/**
	 * Where a newcomer begins: the fold of a deployment's stream and the position it stands for. Other streams have no fold but an
	 * end, for who reads them shows lists fetched elsewhere. Null for a stream that nothing was written to yet.
	 */
	snapshot(stream: string): Promise<{ state: unknown; seq: number; epoch: string } | null>;
}

/** Who may watch what: their own deployments, projects and lists; an admin those of everybody. */
export function createStreamAccess(db: Kysely<Schema>): StreamAccess {
	async function ownerOf(stream: string): Promise<string | null> {
		const [kind, id = ""] = stream.split("/", 2);
		if (kind === "user") return id;
		if (kind === "deployment")
			return (await db.selectFrom("deployments").select("owner_id").where("id", "=", id).executeTakeFirst())?.owner_id ?? null;
		if (kind === "project")
			return (
				(await db.selectFrom("projects").select("owner_id").where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst())
					?.owner_id ?? null
			);
		return null;
	}

	async function endOf(stream: string) {
		const row = await db.selectFrom("streams").select(["last_seq", "epoch"]).where("name", "=", stream).executeTakeFirst();
		return row ? { state: null, seq: row.last_seq, epoch: row.epoch } : null;
	}

	return {
		async mayWatch({ user }, stream) {
			const owner = await ownerOf(stream);
			return owner !== null && (owner === user.id || (user.role === "admin" && !stream.startsWith("user/")));
		},
		async snapshot(stream) {
			if (!stream.startsWith("deployment/")) return endOf(stream);
			const id = stream.slice("deployment/".length);
			const row = await db
				.selectFrom(["deployments", "streams"])
				.select(["deployments.state", "streams.epoch"])
				.where("deployments.id", "=", id)
				.where("streams.name", "=", stream)
				.executeTakeFirst();
			return row ? { state: wholeState(id, row.state), seq: row.state.lastSeq, epoch: row.epoch } : null;
		},
	};
}
