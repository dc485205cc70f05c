import { type Kysely, sql } from "kysely";
import { AppError } from "../../lib/errors.ts";
import type { Plan, ReleaseStatus, ReleaseView } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";

/** What the environment of a release is encrypted for; the row is the release's id. */
export const releaseEnvPurpose = "release-env";

export interface ReleaseRecord {
	id: string;
	projectId: string;
	slug: string;
	deploymentId: string;
	kind: "static" | "process";
	status: ReleaseStatus;
	/** Stopped until the next visitor. */
	asleep: boolean;
	plan: Plan;
	/** Encrypted. */
	env: Uint8Array;
	/** Bound on the memory of its app, null for the default. */
	memoryMb: number | null;
	/** True once nothing more can happen in its deployment. */
	deploymentEnded: boolean;
	/** True for the release visitors of the project are sent to. */
	active: boolean;
}

export interface NewRelease {
	id: string;
	projectId: string;
	deploymentId: string;
	kind: "static" | "process";
	plan: Plan;
	commit: string | null;
	env: Uint8Array;
	sizeBytes: number;
	/** Stands for everything it is made of, null where that is not known. */
	key: string | null;
}

/** The rows of the releases of one node. */
export interface ReleaseStore {
	/** Writes the row once; a second time changes nothing. */
	insert(release: NewRelease): Promise<void>;
	/** Throws `not_found` for a release of another node. */
	get(id: string): Promise<ReleaseRecord>;
	/** The project's active release, when it is live, was made under this key and has the memory that the project has now. */
	findLive(projectId: string, key: string): Promise<{ id: string; deploymentId: string; sizeBytes: number } | null>;
	/** How large a release is and what it was made of, null where there is none. */
	find(id: string): Promise<{ sizeBytes: number; key: string | null } | null>;
	/** False when nothing changed. */
	setStatus(id: string, to: Pick<ReleaseView, "status" | "asleep" | "crash">): Promise<boolean>;
	/** Points the project at this release; answers the one it pointed at before. Throws `not_found`, also for a deleted project. */
	activate(id: string): Promise<string | null>;
	remove(id: string): Promise<void>;
	/** Every release of this node. */
	all(): Promise<ReleaseRecord[]>;
	/** Active apps that are live and may sleep, with the minutes without a visitor after which they do. */
	sleepers(): Promise<{ id: string; minutes: number }[]>;
	projectExists(slug: string): Promise<boolean>;
}

export function openReleaseStore(db: Kysely<Schema>, nodeId: string): ReleaseStore {
	const select = () =>
		db
			.selectFrom("releases")
			.innerJoin("projects", "projects.id", "releases.project_id")
			.innerJoin("deployments", "deployments.id", "releases.deployment_id")
			.where("releases.node_id", "=", nodeId)
			.select([
				"releases.id",
				"releases.project_id as projectId",
				"projects.slug",
				"releases.deployment_id as deploymentId",
				"releases.kind",
				"releases.status",
				"releases.asleep",
				"releases.plan",
				"releases.env",
				"releases.memory_mb as memoryMb",
				sql<boolean>`deployments.finished_at is not null`.as("deploymentEnded"),
				sql<boolean>`projects.active_release is not distinct from releases.id`.as("active"),
			]);

	/** What the project is allowed now stays with the release, so that going back to it brings back the whole. */
	const memorySetting = (projectId: string) =>
		db.selectFrom("projects").select(sql<number | null>`(settings->>'memoryMb')::int`.as("memory")).where("id", "=", projectId);

	return {
		async insert(release) {
			await db
				.insertInto("releases")
				.values({
					id: release.id,
					project_id: release.projectId,
					deployment_id: release.deploymentId,
					node_id: nodeId,
					kind: release.kind,
					status: "stopped",
					plan: JSON.stringify(release.plan),
					commit: release.commit,
					env: release.env,
					size_bytes: release.sizeBytes,
					memory_mb: memorySetting(release.projectId),
					build_key: release.key,
					created_at: new Date(),
				})
				.onConflict((conflict) => conflict.column("id").doNothing())
				.execute();
		},
		async get(id) {
			const row = await select().where("releases.id", "=", id).executeTakeFirst();
			if (!row) throw new AppError("not_found", { message: "There is no such release on this machine." });
			return row;
		},
		async findLive(projectId, key) {
			const row = await db
				.selectFrom("releases")
				.innerJoin("projects", "projects.active_release", "releases.id")
				.where("projects.id", "=", projectId)
				.where("releases.node_id", "=", nodeId)
				.where("releases.build_key", "=", key)
				.where("releases.status", "=", "live")
				.where(sql<boolean>`releases.memory_mb is not distinct from (projects.settings->>'memoryMb')::int`)
				.select(["releases.id", "releases.deployment_id as deploymentId", "releases.size_bytes as sizeBytes"])
				.executeTakeFirst();
			return row ?? null;
		},
		async find(id) {
			const columns = ["size_bytes as sizeBytes", "build_key as key"] as const;
			return (await db.selectFrom("releases").select(columns).where("id", "=", id).executeTakeFirst()) ?? null;
		},
		async setStatus(id, { status, asleep, crash }) {
			const changed = await db
				.updateTable("releases")
				.set({ status, asleep, crash: crash && JSON.stringify(crash) })
				.where("id", "=", id)
				.where((where) => where.or([where("status", "<>", status), where("asleep", "<>", asleep)]))
				.executeTakeFirst();
			return changed.numUpdatedRows > 0n;
		},
		activate: (id) =>
			db.transaction().execute(async (trx) => {
				const project = await trx
					.selectFrom("projects")
					.innerJoin("releases", "releases.project_id", "projects.id")
					.where("releases.id", "=", id)
					.where("projects.deleted_at", "is", null)
					.select(["projects.id", "projects.active_release"])
					.forUpdate("projects")
					.executeTakeFirst();
				if (!project) throw new AppError("not_found", { message: "There is no such release on this machine." });
				await trx.updateTable("projects").set({ active_release: id }).where("id", "=", project.id).execute();
				return project.active_release;
			}),
		async remove(id) {
			await db.transaction().execute(async (trx) => {
				await trx.updateTable("projects").set({ active_release: null }).where("active_release", "=", id).execute();
				await trx.deleteFrom("releases").where("id", "=", id).where("node_id", "=", nodeId).execute();
			});
		},
		all: () => select().orderBy("releases.id").execute(),
		sleepers: () =>
			db
				.selectFrom("projects")
				.innerJoin("releases", "releases.id", "projects.active_release")
				.where("releases.node_id", "=", nodeId)
				.where("releases.kind", "=", "process")
				.where("releases.status", "=", "live")
				.where(sql<boolean>`projects.settings ? 'sleepAfterMinutes'`)
				.select(["releases.id", sql<number>`(projects.settings->>'sleepAfterMinutes')::int`.as("minutes")])
				.execute(),
		async projectExists(slug) {
			const row = await db.selectFrom("projects").select("id").where("slug", "=", slug).where("deleted_at", "is", null).executeTakeFirst();
			return row !== undefined;
		},
	};
}
