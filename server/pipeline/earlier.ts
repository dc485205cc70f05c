import { type Kysely, sql } from "kysely";
import { type DeploymentState, wholeState } from "../../lib/deployment/state.ts";
import type { EarlierOnly } from "../agents/agent.ts";
import type { Schema } from "../db/schema.ts";

/** As many as retention keeps the results of, and a few more. */
const maxEarlier = 5;

/** Deployments of the same project before this one, newest first; of all of them those that are as asked. */
export async function earlierDeployments(
	db: Kysely<Schema>,
	{ id, project }: DeploymentState,
	{ id: wanted, brief }: EarlierOnly = {},
): Promise<DeploymentState[]> {
	const recorded = sql`state->'source'->'brief'`;
	const rows = await db
		.selectFrom("deployments")
		.select(["id", "state"])
		.where("project_id", "=", project.id)
		.where("id", "<", id)
		.$if(wanted !== undefined, (query) => query.where("id", "=", wanted ?? ""))
		.$if(brief !== undefined, (query) =>
			query
				.where(sql<boolean>`${recorded}->>'text' = ${brief?.text}`)
				.where(sql<boolean>`${recorded}->'messages' = ${JSON.stringify(brief?.messages)}::jsonb`),
		)
		.orderBy("id", "desc")
		.limit(maxEarlier)
		.execute();
	return rows.map((row) => wholeState(row.id, row.state));
}
