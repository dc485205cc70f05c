import { type Kysely, sql } from "kysely";
import { compareStates } from "../../lib/deployment/compare.ts";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { type ComparisonView, streamOf } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import { releaseEnvPurpose } from "../projects/release-store.ts";
import type { Encryption } from "../secrets/encryption.ts";

/** Two deployments beside each other, from what is stored of them. Of variables only the names leave this function. */
export async function readComparison(
	db: Kysely<Schema>,
	encryption: Pick<Encryption, "open">,
	one: DeploymentState,
	other: DeploymentState,
): Promise<ComparisonView> {
	const [oneBytes, otherBytes, oneEnv, otherEnv] = await Promise.all([
		readLogBytes(db, one.id),
		readLogBytes(db, other.id),
		readReleaseEnv(db, encryption, one),
		readReleaseEnv(db, encryption, other),
	]);
	const states = compareStates(one, other);
	return {
		...states,
		one: { ...states.one, log: { lines: one.logLines, bytes: oneBytes } },
		other: { ...states.other, log: { lines: other.logLines, bytes: otherBytes } },
		env: oneEnv && otherEnv && compareEnv(oneEnv, otherEnv),
	};
}

/** The deployment of the same project that a deployment is compared with unless somebody says otherwise: the newest before it that succeeded, else the newest before it. */
export async function deploymentBefore(db: Kysely<Schema>, { project, number }: DeploymentState): Promise<string | null> {
	const row = await db
		.selectFrom("deployments")
		.select("id")
		.where("project_id", "=", project.id)
		.where("number", "<", number)
		.orderBy(sql`(status = 'succeeded')`, "desc")
		.orderBy("number", "desc")
		.limit(1)
		.executeTakeFirst();
	return row?.id ?? null;
}

type Env = Readonly<Record<string, string>>;

function compareEnv(one: Env, other: Env): NonNullable<ComparisonView["env"]> {
	const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
	return names.map((name) => ({
		name,
		one: Object.hasOwn(one, name),
		other: Object.hasOwn(other, name),
		sameValue: one[name] === other[name],
	}));
}

/** What the release of a deployment was made with, its own newest or the one it went on with; null where it has none. */
async function readReleaseEnv(
	db: Kysely<Schema>,
	encryption: Pick<Encryption, "open">,
	{ id, release }: DeploymentState,
): Promise<Env | null> {
	const row = await db
		.selectFrom("releases")
		.select(["id", "env"])
		.where((is) => is.or([is("deployment_id", "=", id), is("id", "=", release ?? "")]))
		.orderBy("id", "desc")
		.limit(1)
		.executeTakeFirst();
	return row ? (JSON.parse(encryption.open(releaseEnvPurpose, row.id, row.env)) as Env) : null;
}

/** Size of the log as it is stored. */
async function readLogBytes(db: Kysely<Schema>, deploymentId: string): Promise<number> {
	const { bytes } = await db
		.selectFrom("events")
		.select(sql<number>`coalesce(sum(coalesce(bytes, octet_length(body::text))), 0)::bigint`.as("bytes"))
		.where("stream", "=", streamOf.deployment(deploymentId))
		.where("type", "=", "log")
		.executeTakeFirstOrThrow();
	return bytes;
}
