import type { Kysely } from "kysely";
import { type Plan, planSchema } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** Plans of the apps that run on this node, or that their project points at and may start at any moment. */
export async function plansInUse(db: Kysely<Schema>, nodeId: string): Promise<Plan[]> {
	const rows = await db
		.selectFrom("releases")
		.leftJoin("projects", "projects.active_release", "releases.id")
		.select("releases.plan")
		.where("releases.node_id", "=", nodeId)
		.where("releases.kind", "=", "process")
		.where((where) => where.or([where("projects.id", "is not", null), where("releases.status", "in", ["live", "starting"])]))
		.execute();
	return rows.map(({ plan }) => planSchema.parse(plan));
}
