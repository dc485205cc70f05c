import type { Kysely } from "kysely";
import { type DeploymentState, wholeState } from "../../lib/deployment/state.ts";
import type { Schema } from "../db/schema.ts";

/** As many as retention keeps the results of, and a few more. */
const maxEarlier = 5;

/** Deployments of the same project before this one, newest first. */
export async function earlierDeployments(db: Kysely<Schema>, { id, project }: DeploymentState): Promise<DeploymentState[]> {
	const rows = await db
		.selectFrom("deployments")
		.select(["id", "state"])
		.where("project_id", "=", project.id)
		.where("id", "<", id)
		.orderBy("id", "desc")
		.limit(maxEarlier)
		.execute();
	return rows.map((row) => wholeState(row.id, row.state));
}
