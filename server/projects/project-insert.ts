import { sql, type Transaction } from "kysely";
import { ulid } from "ulid";
import { AppError } from "../../lib/errors.ts";
import type { DeploymentSource } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { DeployKeys } from "./deploy-keys.ts";
import type { ProjectRow } from "./project-row.ts";
import type { ProjectSecrets } from "./project-secrets.ts";
import type { Source } from "./project-source.ts";
import { isReserved, nameOfSource, slugCandidates } from "./slug.ts";

export interface NewProject {
	ownerId: string;
	source: Source;
	/** Access token for the git server, in clear. */
	token: string | undefined;
	/** What it is called; null for the name of its source. */
	name: string | null;
	/** Exactly this slug; null for one made from the name. */
	slug: string | null;
}

const defaultTarget = "local";
const maxPerOwner = 500;

/** Makes a project, with a key when its source is reached by ssh. Throws `name_taken`, and `conflict` when there are too many. */
export async function insertProject(
	trx: Transaction<Schema>,
	{ ownerId, source, token, ...wanted }: NewProject,
	{ secrets, keys }: { secrets: Pick<ProjectSecrets, "sealGitToken">; keys: Pick<DeployKeys, "makeIfNeeded"> },
): Promise<ProjectRow> {
	await refuseTooMany(trx, ownerId);
	const id = ulid();
	const name = wanted.name ?? wanted.slug ?? nameOfSource(source.url, source.directory);
	const kept: DeploymentSource = { ...source, private: Boolean(token) };
	const common = {
		id,
		owner_id: ownerId,
		name,
		source: JSON.stringify(kept),
		target: defaultTarget,
		settings: "{}",
		created_at: new Date(),
	};
	for (const slug of wanted.slug ? exactly(wanted.slug) : slugCandidates(name)) {
		const row = await trx
			.insertInto("projects")
			.values({ ...common, slug, git_token: token ? secrets.sealGitToken(id, token) : null, active_release: null, deleted_at: null })
			.onConflict((conflict) => conflict.column("slug").doNothing())
			.returningAll()
			.executeTakeFirst();
		if (!row) continue;
		await keys.makeIfNeeded(trx, row, source.url);
		return row;
	}
	throw new AppError("name_taken");
}

async function refuseTooMany(trx: Transaction<Schema>, ownerId: string): Promise<void> {
	const { count } = await trx
		.selectFrom("projects")
		.select(sql<number>`count(*)::int`.as("count"))
		.where("owner_id", "=", ownerId)
		.where("deleted_at", "is", null)
		.executeTakeFirstOrThrow();
	if (count < maxPerOwner) return;
	throw new AppError("conflict", { message: `You have ${maxPerOwner} projects.`, action: "Delete those you do not need any more." });
}

function exactly(slug: string): string[] {
	return isReserved(slug) ? [] : [slug];
}
