import { type Kysely, sql } from "kysely";
import type { ArtifactHistory } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** Deployments that are looked through, newest first, and files that are told. */
const maxDeployments = 50;
const maxRows = 5000;

/** The files that the newest deployments of a project made, by name, each with its versions. */
export async function readArtifactHistory(db: Kysely<Schema>, projectId: string): Promise<ArtifactHistory[]> {
	const newest = db
		.selectFrom("deployments")
		.select(["id", "number"])
		.where("project_id", "=", projectId)
		.orderBy("number", "desc")
		.limit(maxDeployments)
		.as("newest");
	const rows = await db
		.selectFrom("artifacts")
		.innerJoin(newest, "newest.id", "artifacts.deployment_id")
		.select(["newest.id", "newest.number", "name", "media_type", "size", "sha256", "created_at"])
		.orderBy(sql`newest.number`, "desc")
		.limit(maxRows)
		.execute();
	const byName = Map.groupBy(rows, ({ name }) => name);
	return [...byName.entries()]
		.sort(([one], [other]) => (one < other ? -1 : 1))
		.map(([name, versions]) => ({
			name,
			mediaType: versions[0]?.media_type ?? "",
			versions: versions.map(({ id, number, size, sha256, created_at }) => ({
				...{ deploymentId: id, number, size, sha256 },
				createdAt: created_at.toISOString(),
			})),
		}));
}
