import { type Kysely, sql } from "kysely";
import type { Schema } from "../db/schema.ts";
import type { Db, ProjectRow } from "./project-row.ts";

/**
 * True for a row of `projects` that was never more than an address, most likely a mistyped one: every deployment of it failed because
 * nothing was found there, and nobody has set anything up for it.
 */
export const isNeverCloned = sql<boolean>`(
	projects.active_release is null and projects.deploy_key is null and projects.settings = '{}'::jsonb
	and not exists (select from project_env where project_env.project_id = projects.id)
	and exists (select from deployments where deployments.project_id = projects.id)
	and not exists (
		select from deployments where deployments.project_id = projects.id
			and (deployments.status <> 'failed'
				or coalesce(deployments.state->'error'->>'code', '') not in ('repository_not_found', 'repository_unreachable'))
	))`;

/** The owner's project of this name that was never cloned: who corrects an address goes on with it. */
export function findNeverCloned(db: Db, ownerId: string, name: string): Promise<ProjectRow | undefined> {
	return db
		.selectFrom("projects")
		.selectAll()
		.where("owner_id", "=", ownerId)
		.where("name", "=", name)
		.where("deleted_at", "is", null)
		.where(isNeverCloned)
		.orderBy("id", "desc")
		.limit(1)
		.executeTakeFirst();
}

const keptMs = 24 * 60 * 60_000;

/** Deletes what was never cloned and was left alone for a day. `removeProject` removes what belongs to it. */
export async function forgetNeverCloned(db: Kysely<Schema>, removeProject: (projectId: string) => void): Promise<void> {
	const rows = await db
		.updateTable("projects")
		.set({ deleted_at: new Date() })
		.where("deleted_at", "is", null)
		.where(isNeverCloned)
		.where(({ not, exists, selectFrom }) =>
			not(
				exists(
					selectFrom("deployments")
						.select("deployments.id")
						.whereRef("deployments.project_id", "=", "projects.id")
						.where("deployments.created_at", ">", new Date(Date.now() - keptMs)),
				),
			),
		)
		.returning("id")
		.execute();
	for (const { id } of rows) removeProject(id);
}
