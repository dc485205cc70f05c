import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { type EnvView, isSameGitServer, type ProjectSettings, type SetEnv } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { Encryption } from "../secrets/encryption.ts";
import { npmrcVariable, secretsInNpmrc } from "../secrets/npmrc.ts";
import { Secret } from "../secrets/secret.ts";
import type { Db } from "./project-row.ts";

/** What projects keep for their builds and apps. Every value is encrypted, secret or not. */
export interface ProjectSecrets {
	settings(projectId: string): Promise<ProjectSettings>;
	/** The environment in clear, and every value that must never be shown. */
	environment(projectId: string): Promise<ProjectEnvironment>;
	/** The access token for the repository at `url`; null when there is none for its server. */
	gitToken(projectId: string, url: string): Promise<Secret | null>;
	setGitToken(projectId: string, token: Secret | null): Promise<void>;
	/** The token as it is stored in the project's row. */
	sealGitToken(projectId: string, token: string): Buffer;
	listEnv(projectId: string): Promise<EnvView[]>;
	/** Throws `conflict` when there are too many, `bad_request` without a value where none is stored that may be kept. */
	setEnv(db: Db, projectId: string, input: SetEnv): Promise<EnvView>;
	/** Throws `not_found`. */
	deleteEnv(db: Db, projectId: string, name: string): Promise<void>;
}

export interface ProjectEnvironment {
	/** For install, build and test. */
	build: Record<string, string>;
	/** For the running app. */
	runtime: Record<string, string>;
	/** Those marked secret, the tokens in an `.npmrc`, and the access tokens. */
	secrets: string[];
}

const maxVariables = 200;
const envPurpose = "project_env.value";
const tokenPurpose = "projects.git_token";

export function createProjectSecrets(db: Kysely<Schema>, encryption: Encryption): ProjectSecrets {
	const openValue = (projectId: string, name: string, value: Uint8Array): string =>
		encryption.open(envPurpose, rowId(projectId, name), value);
	const sealGitToken = (projectId: string, token: string): Buffer => encryption.seal(tokenPurpose, projectId, token);

	/** The token that no clone has proved yet comes first: it was given last. */
	async function storedTokens(projectId: string): Promise<{ token: Secret; url: string }[]> {
		const row = await db
			.selectFrom("projects")
			.select(["git_token", "source", "next_git_token", "next_source"])
			.where("id", "=", projectId)
			.executeTakeFirst();
		const stored = [
			{ sealed: row?.next_git_token, url: row?.next_source?.url },
			{ sealed: row?.git_token, url: row?.source.url },
		];
		return stored.flatMap(({ sealed, url }) =>
			sealed && url !== undefined ? [{ token: new Secret(encryption.open(tokenPurpose, projectId, sealed)), url }] : [],
		);
	}

	/** The value that is kept, sealed as it is. Nobody gets to read a secret by making it something else. */
	async function storedValue(trx: Db, projectId: string, name: string, secret: boolean): Promise<Uint8Array> {
		const row = await trx
			.selectFrom("project_env")
			.select(["value", "secret"])
			.where("project_id", "=", projectId)
			.where("name", "=", name)
			.executeTakeFirst();
		if (!row) throw new AppError("bad_request", { message: `${name} has no value yet.`, action: "Enter its value." });
		if (row.secret && !secret)
			throw new AppError("bad_request", {
				message: `The value of ${name} is secret and stays so.`,
				action: "Enter the value again, or leave the variable a secret.",
			});
		return row.value;
	}

	return {
		async gitToken(projectId, url) {
			const stored = await storedTokens(projectId);
			return stored.find((candidate) => isSameGitServer(candidate.url, url))?.token ?? null;
		},
		sealGitToken,
		async settings(projectId) {
			const row = await db.selectFrom("projects").select("settings").where("id", "=", projectId).executeTakeFirst();
			return row?.settings ?? {};
		},
		async environment(projectId) {
			const rows = await db
				.selectFrom("project_env")
				.select(["name", "value", "secret", "scope"])
				.where("project_id", "=", projectId)
				.execute();
			const variables = rows.map((row) => ({ ...row, value: openValue(projectId, row.name, row.value) }));
			const notFor = (scope: "build" | "runtime") =>
				Object.fromEntries(variables.filter((variable) => variable.scope !== scope).map(({ name, value }) => [name, value]));
			const tokens = (await storedTokens(projectId)).map(({ token }) => token.reveal());
			const npmrcSecrets = variables.filter(({ name }) => name === npmrcVariable).flatMap(({ value }) => secretsInNpmrc(value));
			return {
				build: notFor("runtime"),
				runtime: notFor("build"),
				secrets: [...variables.filter(({ secret }) => secret).map(({ value }) => value), ...npmrcSecrets, ...tokens],
			};
		},
		async setGitToken(projectId, token) {
			await db
				.updateTable("projects")
				.set({ git_token: token && sealGitToken(projectId, token.reveal()), next_git_token: null })
				.where("id", "=", projectId)
				.execute();
		},
		async listEnv(projectId) {
			const rows = await db.selectFrom("project_env").selectAll().where("project_id", "=", projectId).orderBy("name").execute();
			return rows.map((row) => ({
				name: row.name,
				value: row.secret ? null : openValue(projectId, row.name, row.value),
				secret: row.secret,
				scope: row.scope,
				updatedAt: row.updated_at.toISOString(),
			}));
		},
		async setEnv(trx, projectId, { name, value, secret, scope }) {
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
			const stored = value === undefined ? await storedValue(trx, projectId, name, secret) : null;
			const row = {
				project_id: projectId,
				name,
				value: stored ?? encryption.seal(envPurpose, rowId(projectId, name), value ?? ""),
				secret,
				scope,
				updated_at: new Date(),
			};
			await trx
				.insertInto("project_env")
				.values(row)
				.onConflict((conflict) => conflict.columns(["project_id", "name"]).doUpdateSet(row))
				.execute();
			const shown = secret ? null : openValue(projectId, name, row.value);
			return { name, value: shown, secret, scope, updatedAt: row.updated_at.toISOString() };
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
