import { type Kysely, sql } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { type Outcome, type ProjectView, type ReleaseView, type Reporter, streamOf } from "../../lib/protocol/index.ts";
import type { Principal, ProjectService } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import type { Streams } from "../streams/streams.ts";
import { isNeverCloned } from "./never-cloned.ts";
import { getSeenProject, type ProjectRow } from "./project-row.ts";
import type { ProjectSecrets } from "./project-secrets.ts";
import { replaceSettings } from "./project-settings.ts";
import { announceRelease } from "./release-events.ts";
import { type LogPage, type LogQuery, readProjectLog } from "./release-log.ts";

/** What a project asks of the place where its releases run. It keeps the releases' status and the active release in the database. */
export interface ReleaseControl {
	start(releaseId: string, reporter: Reporter, signal: AbortSignal): Promise<Outcome<null>>;
	stop(releaseId: string): Promise<void>;
	/** Stops a release that visitors are not sent to. */
	abandon(releaseId: string): Promise<void>;
	check(releaseId: string, reporter: Reporter, signal: AbortSignal, how: { healthyBefore: boolean }): Promise<Outcome<unknown>>;
	activate(releaseId: string): Promise<unknown>;
	readLog(releaseId: string, query: LogQuery): Promise<LogPage>;
}

export interface ProjectServiceOptions {
	db: Kysely<Schema>;
	streams: Pick<Streams, "write">;
	secrets: ProjectSecrets;
	target: ReleaseControl;
	/** Begins to remove what belongs to a project that is marked as deleted. */
	removeProject(projectId: string): void;
	publicUrlFor(slug: string): string;
}

const maxProjects = 500;
const maxReleases = 100;
const checkTimeoutMs = 60_000;
const silent: Reporter = { progress() {}, awaiting() {}, output() {} };

/** What people do with their projects. Everything of somebody else's is `not_found`. */
export function createProjectService({ db, streams, secrets, target, removeProject, publicUrlFor }: ProjectServiceOptions): ProjectService {
	const seen = (principal: Principal, slug: string): Promise<ProjectRow> => getSeenProject(db, principal, slug);

	async function activeRelease(principal: Principal, slug: string): Promise<ReleaseView> {
		const project = await seen(principal, slug);
		const [release] = project.active_release ? await releasesOf(db, project, project.active_release) : [];
		if (release) return release;
		throw new AppError("conflict", { message: "This project has no release yet.", action: "Deploy it first." });
	}

	/** Does something to the active release and answers how it is afterwards. */
	async function control(principal: Principal, slug: string, command: (releaseId: string) => Promise<void>): Promise<ReleaseView> {
		const release = await activeRelease(principal, slug);
		if (release.status === "lost") throw lost();
		await command(release.id);
		return activeRelease(principal, slug);
	}

	/** Whatever is started here has answered once before: it was deployed. */
	async function startChecked(releaseId: string): Promise<void> {
		const deadline = AbortSignal.timeout(checkTimeoutMs);
		const started = await target.start(releaseId, silent, deadline);
		if (!started.ok) throw new AppError(started.failure.code, started.failure);
		const checked = await target.check(releaseId, silent, deadline, { healthyBefore: true }).catch((error: unknown) => {
			throw deadline.aborted ? new AppError("app_not_listening", { cause: error }) : error;
		});
		if (!checked.ok) throw new AppError(checked.failure.code, checked.failure);
	}

	return {
		async list(principal) {
			const rows = await db
				.selectFrom("projects")
				.leftJoin("releases", "releases.id", "projects.active_release")
				.selectAll("projects")
				.select(["releases.status as releaseStatus", "releases.asleep", newestFailure.as("failure")])
				.where("deleted_at", "is", null)
				// One that exists as a mistyped address alone is nobody's project.
				.where(({ not }) => not(isNeverCloned))
				.$if(principal.user.role !== "admin", (query) => query.where("owner_id", "=", principal.user.id))
				.orderBy("projects.id", "desc")
				.limit(maxProjects)
				.execute();
			return rows.map((row) => ({
				...viewOf(row, row.releaseStatus && { status: row.releaseStatus, asleep: row.asleep ?? false }, publicUrlFor),
				failure: row.failure,
			}));
		},
		async get(principal, slug) {
			const project = await seen(principal, slug);
			const failed = await db.selectFrom("projects").select(newestFailure.as("failure")).where("id", "=", project.id).executeTakeFirst();
			const release = project.active_release
				? await db.selectFrom("releases").select(["status", "asleep"]).where("id", "=", project.active_release).executeTakeFirst()
				: undefined;
			return { ...viewOf(project, release ?? null, publicUrlFor), failure: failed?.failure ?? null };
		},
		releases: async (principal, slug) => releasesOf(db, await seen(principal, slug)),

		settings: async (principal, slug) => (await seen(principal, slug)).settings,
		async setSettings(principal, slug, settings) {
			const { id } = await seen(principal, slug);
			return streams.write((writer) => replaceSettings(writer, principal, id, settings));
		},

		env: async (principal, slug) => secrets.listEnv((await seen(principal, slug)).id),
		async setEnv(principal, slug, input) {
			const { id } = await seen(principal, slug);
			return streams.write(async (writer) => {
				const view = await secrets.setEnv(writer.trx, id, input);
				await writer.append(streamOf.project(id), [settingsChanged(`${input.name} was set. It is used from the next deployment on.`)]);
				return view;
			});
		},
		async deleteEnv(principal, slug, name) {
			const { id } = await seen(principal, slug);
			await streams.write(async (writer) => {
				await secrets.deleteEnv(writer.trx, id, name);
				await writer.append(streamOf.project(id), [settingsChanged(`${name} was deleted. It is left out from the next deployment on.`)]);
			});
		},

		async delete(principal, slug) {
			const { id, name, owner_id } = await seen(principal, slug);
			await streams.write(async (writer) => {
				const marked = await writer.trx
					.updateTable("projects")
					.set({ deleted_at: new Date() })
					.where("id", "=", id)
					.where("deleted_at", "is", null)
					.returning("id")
					.executeTakeFirst();
				if (!marked) return;
				const content = `${principal.user.name} deleted ${name}. Its app is stopped and everything that belongs to it is removed.`;
				await writer.append(streamOf.user(owner_id), [{ type: "system", source: "projects", content, metadata: { message_type: "info" } }]);
			});
			removeProject(id);
		},

		async rollback(principal, slug, releaseId) {
			const project = await seen(principal, slug);
			const [release] = await releasesOf(db, project, releaseId);
			if (!release) throw new AppError("not_found");
			if (release.status === "lost") throw lost();
			if (release.active) return release;
			try {
				await startChecked(releaseId);
			} catch (error) {
				// Another rollback to it may have got through meanwhile: then it goes on.
				await target.abandon(releaseId);
				throw error;
			}
			await target.activate(releaseId);
			const active = await activeRelease(principal, slug);
			const [before] = project.active_release ? await releasesOf(db, project, project.active_release) : [];
			const isBack = before !== undefined && release.deploymentNumber < before.deploymentNumber;
			const [place, done] = isBack ? ["back on", "rolled it back"] : ["on", "chose it"];
			const text = `${project.name} is ${place} the release of deployment ${release.deploymentNumber}: ${principal.user.name} ${done}.`;
			await streams.write((writer) => announceRelease(writer, { releaseId, status: active.status, reason: null, text }));
			return active;
		},
		start: (principal, slug) => control(principal, slug, startChecked),
		stop: (principal, slug) => control(principal, slug, (releaseId) => target.stop(releaseId)),
		restart: (principal, slug) =>
			control(principal, slug, async (releaseId) => {
				await target.stop(releaseId);
				await startChecked(releaseId);
			}),
		async runtimeLog(principal, slug, query, signal) {
			const { id } = await seen(principal, slug);
			const releaseId = query.release ? () => ownRelease(db, id, query.release ?? "") : () => activeReleaseOf(db, id);
			return readProjectLog({ projectId: id, secrets, releaseId, readLog: target.readLog }, query, signal);
		},
	};
}

/** How the newest deployment of a row of `projects` failed; null where it did not. */
const newestFailure = sql<ProjectView["failure"]>`(
	select case when newest.status = 'failed'
		then jsonb_build_object('deploymentId', newest.id, 'message', coalesce(newest.state->'error'->>'message', newest.text)) end
	from deployments newest where newest.project_id = projects.id order by newest.number desc limit 1)`;

/** What people are shown of a project. */
export function viewOf(
	project: ProjectRow,
	release: Pick<ReleaseView, "status" | "asleep"> | null,
	publicUrlFor: (slug: string) => string,
): ProjectView {
	return {
		id: project.id,
		slug: project.slug,
		name: project.name,
		source: sourceViewOf(project.source),
		target: project.target,
		previewUrl: project.active_release ? publicUrlFor(project.slug) : null,
		releaseStatus: release?.status ?? null,
		asleep: release?.asleep ?? false,
		failure: null,
		createdAt: project.created_at.toISOString(),
	};
}

/** How many repairs the deployment of a release was made with. */
const repairsOf = sql<number>`jsonb_array_length(jsonb_path_query_array(deployments.state, '$.fixes[*] ? (@.status == "applied")'))`;

/** The project's releases, newest first, or the one of this id. */
async function releasesOf(db: Kysely<Schema>, project: ProjectRow, releaseId?: string): Promise<ReleaseView[]> {
	const rows = await db
		.selectFrom("releases")
		.innerJoin("deployments", "deployments.id", "releases.deployment_id")
		.selectAll("releases")
		.select(["deployments.number", repairsOf.as("repairs")])
		.where("releases.project_id", "=", project.id)
		// What never answered is nothing to go back to.
		.where((where) => where.or([where("deployments.status", "=", "succeeded"), where("releases.id", "=", project.active_release)]))
		.$if(releaseId !== undefined, (query) => query.where("releases.id", "=", releaseId ?? ""))
		.orderBy("releases.id", "desc")
		.limit(maxReleases)
		.execute();
	return rows.map((row) => ({
		id: row.id,
		deploymentId: row.deployment_id,
		deploymentNumber: row.number,
		status: row.status,
		kind: row.kind,
		active: row.id === project.active_release,
		asleep: row.asleep,
		crash: row.crash,
		framework: row.plan.framework,
		commit: row.commit,
		sizeBytes: row.size_bytes,
		repairs: row.repairs,
		createdAt: row.created_at.toISOString(),
	}));
}

async function activeReleaseOf(db: Kysely<Schema>, projectId: string): Promise<string | null> {
	const row = await db.selectFrom("projects").select("active_release").where("id", "=", projectId).executeTakeFirst();
	return row?.active_release ?? null;
}

/** Throws `not_found` for what is no release of this project. */
async function ownRelease(db: Kysely<Schema>, projectId: string, id: string): Promise<string> {
	const row = await db.selectFrom("releases").select("id").where("id", "=", id).where("project_id", "=", projectId).executeTakeFirst();
	if (!row) throw new AppError("not_found");
	return row.id;
}

function settingsChanged(content: string) {
	return { type: "system" as const, source: "projects" as const, content, metadata: { message_type: "info" as const } };
}

function lost(): AppError {
	return new AppError("conflict", {
		message: "The files of this release are gone with the machine it ran on.",
		action: "Deploy the project again.",
	});
}

/** Where a project comes from, without what its deployments alone need. */
function sourceViewOf({ type, url, ref, directory, private: isPrivate }: ProjectRow["source"]): ProjectView["source"] {
	return { type, url, ref, directory, private: isPrivate };
}
