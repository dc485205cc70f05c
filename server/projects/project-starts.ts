import { sql, type Transaction } from "kysely";
import { AppError } from "../../lib/errors.ts";
import type { ApprovalPolicy, CreateDeployment, DeploymentSource } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { StreamWriter } from "../streams/streams.ts";
import type { DeployKeys } from "./deploy-keys.ts";
import { findNeverCloned } from "./never-cloned.ts";
import { insertProject } from "./project-insert.ts";
import { findBySlug, type ProjectRow } from "./project-row.ts";
import type { ProjectSecrets } from "./project-secrets.ts";
import { proposeSource, type Source, sourceOf } from "./project-source.ts";
import { nameOfSource } from "./slug.ts";

/** What a new deployment takes from its project. */
export interface StartingProject {
	project: { id: string; slug: string; name: string };
	source: DeploymentSource;
	target: string;
	/** What the project asks a person to allow. */
	approvals: ApprovalPolicy;
	/** Number of the deployment within its project, from 1. */
	number: number;
}

/** Projects as the start of a deployment meets them, inside its transaction. */
export interface ProjectStarts {
	/**
	 * The owner's project for this source or of this slug, made if there is none, and its next deployment number. A source
	 * is the same when repository (or name of the folder that was sent) and directory are. What a project that exists is deployed
	 * from becomes its own source with `adoptSource`. Throws `name_taken` for the slug of somebody else's project, `invalid_url`,
	 * `upload_missing`.
	 */
	forSource(writer: Pick<StreamWriter, "trx">, ownerId: string, input: CreateDeployment): Promise<StartingProject>;
	/** The next deployment of a project that exists. Throws `not_found`. */
	next(writer: Pick<StreamWriter, "trx">, projectId: string): Promise<StartingProject>;
}

type Trx = Transaction<Schema>;

export function createProjectStarts(secrets: ProjectSecrets, keys: DeployKeys): ProjectStarts {
	return {
		async forSource({ trx }, ownerId, input) {
			const source = await sourceOf(trx, ownerId, input.source);
			const token = input.source.type === "git" ? input.source.token || undefined : undefined;
			await lockSource(trx, ownerId, source);
			const found = input.project
				? await ownProject(trx, ownerId, input.project)
				: ((await projectOfSource(trx, ownerId, source)) ??
					(await findNeverCloned(trx, ownerId, nameOfSource(source.url, source.directory))));
			if (!found) {
				const wanted = { ownerId, source, token, name: null, slug: input.project ?? null };
				return next(trx, (await insertProject(trx, wanted, { secrets, keys })).id);
			}
			const proposed = await proposeSource(trx, found, source, token, secrets.sealGitToken);
			await keys.makeIfNeeded(trx, found, source.url);
			return { ...(await next(trx, found.id)), source: proposed };
		},
		next: ({ trx }, projectId) => next(trx, projectId),
	};
}

/** Takes the next number; the row stays locked, so that numbers follow the order in which deployments begin. */
async function next(trx: Trx, projectId: string): Promise<StartingProject> {
	const row = await trx
		.updateTable("projects")
		.set((update) => ({ next_number: update("next_number", "+", 1) }))
		.where("id", "=", projectId)
		.where("deleted_at", "is", null)
		.returningAll()
		.executeTakeFirst();
	if (!row) throw new AppError("not_found");
	return {
		project: { id: row.id, slug: row.slug, name: row.name },
		source: row.source,
		target: row.target,
		approvals: row.settings.approvals ?? "none",
		number: row.next_number - 1,
	};
}

/** Two deployments of a new source at the same moment make one project. */
async function lockSource(trx: Trx, ownerId: string, { url, directory }: Source): Promise<void> {
	const key = JSON.stringify(["source", ownerId, url, directory]);
	await sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`.execute(trx);
}

async function ownProject(trx: Trx, ownerId: string, slug: string): Promise<ProjectRow | undefined> {
	const row = await findBySlug(trx, slug);
	if (row && row.owner_id !== ownerId) throw new AppError("name_taken");
	return row;
}

async function projectOfSource(trx: Trx, ownerId: string, { type, url, directory }: Source): Promise<ProjectRow | undefined> {
	// Two briefs of one name are two products.
	if (type === "brief") return undefined;
	return trx
		.selectFrom("projects")
		.selectAll()
		.where("owner_id", "=", ownerId)
		.where("deleted_at", "is", null)
		.where(sql`source->>'url'`, "=", url)
		.where(sql`source->>'directory'`, "is not distinct from", directory)
		.orderBy("id", "desc")
		.limit(1)
		.executeTakeFirst();
}
