import type { Kysely } from "kysely";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import type { Principal } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import { loadState } from "./load-state.ts";

/** The state of a deployment, if this principal may see it: their own, an administrator everybody's. Throws `not_found` otherwise. */
export async function seenDeployment(db: Kysely<Schema>, { user }: Principal, id: string): Promise<DeploymentState> {
	const state = await loadState(db, id);
	if (!state || (state.ownerId !== user.id && user.role !== "admin")) throw new AppError("not_found");
	return state;
}
