import type { Kysely } from "kysely";
import type { Schema } from "../db/schema.ts";

/** Which deployment a client means by a thread it named itself. */
export interface Threads {
	find(ownerId: string, threadId: string): Promise<string | null>;
	remember(ownerId: string, threadId: string, deploymentId: string): Promise<void>;
}

export function createThreads(db: Kysely<Schema>): Threads {
	return {
		async find(ownerId, threadId) {
			const row = await db
				.selectFrom("agui_threads")
				.select("deployment_id")
				.where("owner_id", "=", ownerId)
				.where("thread_id", "=", threadId)
				.executeTakeFirst();
			return row?.deployment_id ?? null;
		},
		async remember(ownerId, threadId, deploymentId) {
			await db
				.insertInto("agui_threads")
				.values({ owner_id: ownerId, thread_id: threadId, deployment_id: deploymentId })
				.onConflict((conflict) => conflict.doNothing())
				.execute();
		},
	};
}
