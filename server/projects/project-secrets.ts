import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { type EnvView, isSameGitServer, type SetEnv } from "../../lib/protocol/index.ts";
import type { ProjectSettings, Schema } from "../db/schema.ts";
import type { Encryption } from "../secrets/encryption.ts";
import { Secret } from "../secrets/secret.ts";
import type { Db } from "./project-row.ts";

/** What projects keep for their builds and apps. Every value is encrypted, secret or not. */
export interface ProjectSecrets {
	settings(projectId: string): Promise<ProjectSettings>;
	/** The environment in clear, and every value that must never be shown: those marked secret and the access token. */
	environment(projectId: string): Promise<{ values: Record<string, string>; secrets: string[] }>;
	/** The access token for the repository at `url`; null when the project's own source lies on another server. */
	gitToken(projectId: string, url: string): Promise<Secret | null>;
	setGitToken(projectId: string, token: Secret | null): Promise<void>;
	/** The token as it is stored in the project's row. */
	sealGitToken(projectId: string, token: string): Buffer;
	listEnv(projectId: string): Promise<EnvView[]>;
	/** Throws `conflict` when there are too many. */
	setEnv(db: Db, projectId: string, input: SetEnv): Promise<EnvView>;
	/** Throws `not_found`. */
	deleteEnv(db: Db, projectId: string, name: string): Promise<void>;
}

const maxVariables = 200;
const envPurpose = "project_env.value";
const tokenPurpose = "projects.git_token";

export function createProjectSecrets(db: Kysely<Schema>, encryption: Encryption): ProjectSecrets {
	const openValue = (projectId: string, name: string, value: Uint8Array): string =>
		encryption.open(envPurpose, rowId(projectId, name), value);
	const sealGitToken = (projectId: string, token: string): Buffer => encryption.seal(tokenPurpose, projectId, token);

	async function storedToken(projectId: string): Promise<{ token: Secret; url: string } | null> {
		const row = await db.selectFrom("projects").select(["git_token", "source"]).where("id", "=", projectId).executeTakeFirst();
		return row?.git_token ? { token: new Secret(encryption.open(tokenPurpose, projectId, row.git_token)), url: row.source.url } : null;
	}

	return {
		async gitToken(projectId, url) {
			const stored = await storedToken(projectId);
			return stored && isSameGitServer(stored.url, url) ? stored.token : null;
		},
		sealGitToken,
		async settings(projectId) {
			const row = await db.selectFrom("projects").select("settings").where("id", "=", projectId).executeTakeFirst();
			return row?.settings ?? {};
		},
		async environment(projectId) {
			const rows = await db.selectFrom("project_env").select(["name", "value", "secret"]).where("project_id", "=", projectId).execute();
			const variables = rows.map(({ name, value, secret }) => ({ name, value: openValue(projectId, name, value), secret }));
			const stored = await storedToken(projectId);
			return {
				values: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
				secrets: [...variables.filter(({ secret }) => secret).map(({ value }) => value), ...(stored ? [stored.token.reveal()] : [])],
			};
		},
		async setGitToken(projectId, token) {
			await db
				.updateTable("projects")
				.set({ git_token: token && sealGitToken(projectId, token.reveal()) })
				.where("id", "=", projectId)
				.execute();
		},
		async listEnv(projectId) {
			const rows = await db.selectFrom("project_env").selectAll().where("project_id", "=", projectId).orderBy("name").execute();
			return rows.map((row) => ({
				name: row.name,
				value: row.secret ? null : openValue(projectId, row.name, row.value),
				secret: row.secret,
				updatedAt: row.updated_at.toISOString(),
			}));
		},
		async setEnv(trx, projectId, { name, value, secret }) {
			const { others } = await trx
				.selectFrom("project_env")
				.select((select) => select.fn.countAll<number>().as("others"))
				.where("project_id", "=", projectId)
				.where("name", "<>", name)
				.executeTakeFirstOrThrow();
			if (others >= maxVariables) {
				throw new AppError("conflict", {
					message: `A project may have ${maxVariables} environment variables.`,
					action: "Delete one that is no longer used.",
				});
			}
			const row = {
				project_id: projectId,
				name,
				value: encryption.seal(envPurpose, rowId(projectId, name), value),
				secret,
				updated_at: new Date(),
			};
			await trx
				.insertInto("project_env")
				.values(row)
				.onConflict((conflict) => conflict.columns(["project_id", "name"]).doUpdateSet(row))
				.execute();
			return { name, value: secret ? null : value, secret, updatedAt: row.updated_at.toISOString() };
		},
		async deleteEnv(trx, projectId, name) {
			const row = await trx
				.deleteFrom("project_env")
				.where("project_id", "=", projectId)
				.where("name", "=", name)
				.returning("name")
				.executeTakeFirst();
			if (!row) throw new AppError("not_found");
		},
	};
}

function rowId(projectId: string, name: string): string {
	return `${projectId}/${name}`;
}
