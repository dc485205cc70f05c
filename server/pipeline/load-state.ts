import type { Kysely } from "kysely";
import { type DeploymentState, wholeState } from "../../lib/deployment/state.ts";
import type { Schema } from "../db/schema.ts";

/** The committed state of a deployment, or null when there is none. */
export async function loadState(db: Kysely<Schema>, id: string): Promise<DeploymentState | null> {
	const row = await db.selectFrom("deployments").select("state").where("id", "=", id).executeTakeFirst();
	return row ? wholeState(id, row.state) : null;
}
