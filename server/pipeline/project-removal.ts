import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { outputOf, sourceIdOf } from "../../lib/deployment/selectors.ts";
import { isAppError } from "../../lib/errors.ts";
import { streamOf } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { Folders } from "./folders.ts";
import type { Ledger } from "./ledger.ts";

export interface ProjectRemovalOptions {
	db: Kysely<Schema>;
	ledger: Pick<Ledger, "apply">;
	/** Ends the attempt that runs on this node, so that a cancel does not wait for the next heartbeat. */
	cancelRunning(deploymentId: string): void;
	/** Stops a release, with proof, and deletes its files and its row. */
	removeRelease(releaseId: string): Promise<void>;
	folders: Folders;
	log: { info(fields: object, text: string): void };
	reportError: (error: unknown, context: Record<string, string>) => string;
	/** How long the end of a cancelled deployment is waited for before the removal is put off. */
	cancelWithinMs?: number;
}

/** Removes what belongs to projects that were deleted: nothing of them is left, in the database or on the disk. */
export interface ProjectRemoval {
	/** Begins, behind this call, to remove a project that is marked as deleted. */
	begin(projectId: string): void;
	/** Takes up every removal that is not finished, now and every minute. */
	start(): void;
	/** Resolves when nothing is being removed any more; what is not finished is taken up at the next start. */
	stop(): Promise<void>;
}

const againMs = 60_000;
const lookEveryMs = 100;

/** Every step may run twice, and the project's row goes last: a removal that was interrupted is found by it and finished. */
export function createProjectRemoval(options: ProjectRemovalOptions): ProjectRemoval {
	const { db, ledger, folders, log, reportError, cancelWithinMs = 60_000 } = options;
	const running = new Map<string, Promise<void>>();
	const stopping = new AbortController();
	let timer: NodeJS.Timeout | null = null;

	function begin(projectId: string): void {
		if (stopping.signal.aborted || running.has(projectId)) return;
		const removed = remove(projectId)
			.catch((error: unknown) => {
				if (!stopping.signal.aborted) reportError(error, { part: "removal of a project", project: projectId });
			})
			.finally(() => running.delete(projectId));
		running.set(projectId, removed);
	}

	async function remove(projectId: string): Promise<void> {
		const project = await db
			.selectFrom("projects")
			.select(["slug", "owner_id"])
			.where("id", "=", projectId)
			.where("deleted_at", "is not", null)
			.executeTakeFirst();
		if (!project) return;
		// Visitors are told at once that there is no such project; a deployment that still runs may add a release.
		await removeReleases(projectId);
		await cancelOpen(projectId, project.owner_id);
		await removeReleases(projectId);
		await removeFiles(projectId);
		await removeRows(projectId, project.owner_id);
		log.info({ project: project.slug }, "a deleted project was removed");
	}

	async function removeReleases(projectId: string): Promise<void> {
		const releases = await db.selectFrom("releases").select("id").where("project_id", "=", projectId).execute();
		for (const { id } of releases) await options.removeRelease(id);
	}

	async function cancelOpen(projectId: string, by: string): Promise<void> {
		const open = () =>
			db.selectFrom("deployments").select("id").where("project_id", "=", projectId).where("finished_at", "is", null).execute();
		for (const { id } of await open()) {
			await ledger.apply(id, { type: "cancel", by }).catch((error: unknown) => {
				// It has ended in the meantime.
				if (!isAppError(error) || error.status >= 500) throw error;
			});
			options.cancelRunning(id);
		}
		const until = performance.now() + cancelWithinMs;
		while ((await open()).length > 0) {
			if (performance.now() > until) throw new Error("a deployment of a deleted project did not end in time");
			await delay(lookEveryMs, undefined, { signal: stopping.signal });
		}
	}

	async function removeFiles(projectId: string): Promise<void> {
		const deployments = await db.selectFrom("deployments").select("state").where("project_id", "=", projectId).execute();
		const attempts = await attemptsOf(projectId);
		const results = deployments.flatMap(({ state }) => [
			sourceIdOf(state) ?? undefined,
			outputOf(state, "build").build,
			...(state.fixes ?? []).map(({ id }) => id),
		]);
		for (const id of new Set([...results, ...attempts])) {
			if (id === undefined) continue;
			for (const path of [folders.source(id), folders.build(id)]) await rm(path, { recursive: true, force: true });
		}
		await rm(folders.cache(projectId), { recursive: true, force: true });
		await removeUploads(projectId, new Set(deployments.flatMap(({ state }) => state.source?.upload ?? [])));
	}

	/** What was sent may be deployed as another project, too. */
	async function removeUploads(projectId: string, ids: Set<string>): Promise<void> {
		if (ids.size === 0) return;
		const upload = sql<string>`state->'source'->>'upload'`;
		const others = await db
			.selectFrom("deployments")
			.select(upload.as("upload"))
			.where("project_id", "<>", projectId)
			.where(upload, "in", [...ids])
			.execute();
		for (const id of ids.difference(new Set(others.map((other) => other.upload)))) {
			await rm(folders.upload(id), { recursive: true, force: true });
			await db.deleteFrom("uploads").where("id", "=", id).execute();
		}
	}

	async function attemptsOf(projectId: string): Promise<string[]> {
		const rows = await db
			.selectFrom("attempts")
			.innerJoin("deployments", "deployments.id", "attempts.deployment_id")
			.select("attempts.id")
			.where("deployments.project_id", "=", projectId)
			.execute();
		return rows.map(({ id }) => id);
	}

	async function removeRows(projectId: string, ownerId: string): Promise<void> {
		await db.transaction().execute(async (trx) => {
			const rows = await trx.selectFrom("deployments").select("id").where("project_id", "=", projectId).execute();
			const ids = rows.map(({ id }) => id);
			await forgetInLists(trx, streamOf.user(ownerId), projectId, ids);
			const streams = [streamOf.project(projectId), ...ids.map(streamOf.deployment)];
			await trx.deleteFrom("events").where("stream", "in", streams).execute();
			await trx.deleteFrom("streams").where("name", "in", streams).execute();
			if (ids.length > 0) {
				await trx.deleteFrom("artifacts").where("deployment_id", "in", ids).execute();
				await trx.deleteFrom("attempts").where("deployment_id", "in", ids).execute();
				await trx.deleteFrom("idempotency").where("deployment_id", "in", ids).execute();
				await trx.deleteFrom("deployments").where("id", "in", ids).execute();
			}
			// Variables and secrets go with it.
			await trx.deleteFrom("projects").where("id", "=", projectId).execute();
		});
	}

	async function resume(): Promise<void> {
		const rows = await db.selectFrom("projects").select("id").where("deleted_at", "is not", null).execute();
		for (const { id } of rows) begin(id);
	}

	return {
		begin,
		start() {
			const look = (): void => void resume().catch((error: unknown) => reportError(error, { part: "removal of projects" }));
			look();
			timer = setInterval(look, againMs);
			timer.unref();
		},
		async stop() {
			stopping.abort();
			if (timer) clearInterval(timer);
			await Promise.all(running.values());
		},
	};
}

/** The owner's stream goes on without a gap, so what it tells of the project stays in its place and says nothing of it any more. */
async function forgetInLists(trx: Kysely<Schema>, stream: string, projectId: string, deployments: readonly string[]): Promise<void> {
	const forgotten = {
		type: "system",
		content: "This was about a project that was deleted.",
		deployment_id: null,
		agent_name: null,
		stage: null,
	};
	await trx
		.updateTable("events")
		.set({
			type: "system",
			deployment_id: null,
			body: sql<string>`body || ${JSON.stringify({ ...forgotten, metadata: { message_type: "info" } })}::jsonb`,
		})
		.where("stream", "=", stream)
		.where((where) =>
			where.or([
				where("deployment_id", "in", deployments.length > 0 ? deployments : [""]),
				where(sql<string>`body->'metadata'->>'project_id'`, "=", projectId),
			]),
		)
		.execute();
}
