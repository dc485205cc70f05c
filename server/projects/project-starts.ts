import { sql, type Transaction } from "kysely";
import { ulid } from "ulid";
import { AppError } from "../../lib/errors.ts";
import { isSameGitServer, parseGitUrl } from "../../lib/protocol/git-url.ts";
import type { CreateDeployment, GitSource } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { StreamWriter } from "../streams/streams.ts";
import { findBySlug, type ProjectRow } from "./project-row.ts";
import type { ProjectSecrets } from "./project-secrets.ts";
import { isReserved, nameOfSource, slugCandidates } from "./slug.ts";

/** What a new deployment takes from its project. */
export interface StartingProject {
	project: { id: string; slug: string; name: string };
	source: GitSource;
	target: string;
	/** Number of the deployment within its project, from 1. */
	number: number;
}

/** Projects as the start of a deployment meets them, inside its transaction. */
export interface ProjectStarts {
	/**
	 * The owner's project for this source or of this slug, made if there is none, and its next deployment number. A source
	 * is the same when repository and directory are. An access token is stored with the project, for the server of its source. Throws `name_taken` for the
	 * slug of somebody else's project, `invalid_url`.
	 */
	forSource(writer: Pick<StreamWriter, "trx">, ownerId: string, input: CreateDeployment): Promise<StartingProject>;
	/** The next deployment of a project that exists. Throws `not_found`. */
	next(writer: Pick<StreamWriter, "trx">, projectId: string): Promise<StartingProject>;
}

type Trx = Transaction<Schema>;
type Source = Omit<GitSource, "private">;

const defaultTarget = "local";

export function createProjectStarts(secrets: ProjectSecrets): ProjectStarts {
	return {
		async forSource({ trx }, ownerId, input) {
			const source = sourceOf(input.source);
			await lockSource(trx, ownerId, source);
			const found = input.project ? await ownProject(trx, ownerId, input.project) : await projectOfSource(trx, ownerId, source);
			const project = found ?? (await insertProject(trx, ownerId, source, input));
			await keepSource(trx, project, source, input.source.token);
			return next(trx, project.id);
		},
		next: ({ trx }, projectId) => next(trx, projectId),
	};

	async function keepSource(
		trx: Trx,
		{ id, git_token, source: before }: ProjectRow,
		source: Source,
		token: string | undefined,
	): Promise<void> {
		// A token is for the server it was given for: a project that moves to another one leaves it behind.
		const known = isSameGitServer(before.url, source.url) ? git_token : null;
		const sealed = token ? secrets.sealGitToken(id, token) : known;
		const kept: GitSource = { ...source, private: sealed !== null };
		await trx
			.updateTable("projects")
			.set({ source: JSON.stringify(kept), git_token: sealed })
			.where("id", "=", id)
			.execute();
	}
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
	return { project: { id: row.id, slug: row.slug, name: row.name }, source: row.source, target: row.target, number: row.next_number - 1 };
}

function sourceOf({ url, ref, directory }: CreateDeployment["source"]): Source {
	const address = parseGitUrl(url);
	if (!address.ok) throw new AppError(address.failure.code, address.failure);
	const folder = directory
		?.split("/")
		.filter((part) => part !== "" && part !== ".")
		.join("/");
	return { type: "git", url: address.value.url, ref: ref || null, directory: folder || null };
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

function projectOfSource(trx: Trx, ownerId: string, { url, directory }: Source): Promise<ProjectRow | undefined> {
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

async function insertProject(
	trx: Trx,
	ownerId: string,
	source: Source,
	{ project: slug, target = defaultTarget }: CreateDeployment,
): Promise<ProjectRow> {
	const name = slug ?? nameOfSource(source.url, source.directory);
	const kept: GitSource = { ...source, private: false };
	const common = { id: ulid(), owner_id: ownerId, name, source: JSON.stringify(kept), target, settings: "{}", created_at: new Date() };
	for (const candidate of slug ? exactly(slug) : slugCandidates(name)) {
		const row = await trx
			.insertInto("projects")
			.values({ ...common, slug: candidate, git_token: null, active_release: null, deleted_at: null })
			.onConflict((conflict) => conflict.column("slug").doNothing())
			.returningAll()
			.executeTakeFirst();
		if (row) return row;
	}
	throw new AppError("name_taken");
}

function exactly(slug: string): string[] {
	return isReserved(slug) ? [] : [slug];
}
