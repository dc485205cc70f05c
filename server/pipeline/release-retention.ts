import { type Kysely, sql } from "kysely";
import { outputOf } from "../../lib/deployment/selectors.ts";
import type { Schema } from "../db/schema.ts";

export interface ReleaseRetentionOptions {
	db: Kysely<Schema>;
	/** Deletes a release unless visitors are sent to it or it runs; true when it is gone. */
	discardRelease(releaseId: string): Promise<boolean>;
	log: { info(fields: object, text: string): void };
	/** Releases a project keeps to go back to where it says nothing else, the active one included. */
	keptPerProject?: number;
	/** Older ones are deleted, however few there are. */
	maxAgeMs?: number;
	/** What never went live is kept this long after its deployment, for a retry. */
	failedAgeMs?: number;
}

const dayMs = 24 * 60 * 60_000;

/**
 * Deletes releases nobody can want any more: beyond the number its project keeps, too old, or never live. Never the active one, one
 * that runs, or one that a deployment that has not ended uses.
 */
export async function deleteOldReleases({
	db,
	discardRelease,
	log,
	keptPerProject = 10,
	maxAgeMs = 90 * dayMs,
	failedAgeMs = 60 * 60_000,
}: ReleaseRetentionOptions): Promise<string[]> {
	const inUse = await usedByOpenDeployments(db);
	const now = Date.now();
	const deleted: string[] = [];
	const kept = new Map<string, number>();
	for (const { id, projectId, slug, keep, active, createdAt, succeeded, finishedAt } of await releases(db)) {
		if (active || inUse.has(id) || finishedAt === null) continue;
		if (succeeded) {
			const others = (kept.get(projectId) ?? 0) + 1;
			kept.set(projectId, others);
			if (others < (keep ?? keptPerProject) && now - createdAt.getTime() < maxAgeMs) continue;
		} else if (now - finishedAt.getTime() < failedAgeMs) continue;
		if (!(await discardRelease(id))) continue;
		deleted.push(id);
		log.info({ project: slug, release: id }, "an old release was deleted");
	}
	return deleted;
}

/** Every release, newest first. */
function releases(db: Kysely<Schema>) {
	return db
		.selectFrom("releases")
		.innerJoin("projects", "projects.id", "releases.project_id")
		.innerJoin("deployments", "deployments.id", "releases.deployment_id")
		.where("projects.deleted_at", "is", null)
		.select([
			"releases.id",
			"releases.project_id as projectId",
			"projects.slug",
			"releases.created_at as createdAt",
			"deployments.finished_at as finishedAt",
			sql<number | null>`(projects.settings->>'keepReleases')::int`.as("keep"),
			sql<boolean>`projects.active_release is not distinct from releases.id`.as("active"),
			sql<boolean>`deployments.status = 'succeeded'`.as("succeeded"),
		])
		.orderBy("releases.id", "desc")
		.execute();
}

/** A retry may go on from the release that another deployment made. */
async function usedByOpenDeployments(db: Kysely<Schema>): Promise<Set<string>> {
	const open = await db.selectFrom("deployments").select("state").where("finished_at", "is", null).execute();
	return new Set(open.flatMap(({ state }) => outputOf(state, "deploy").release ?? []));
}
