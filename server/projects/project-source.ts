import type { Transaction } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { isSameGitServer, parseGitUrl } from "../../lib/protocol/git-url.ts";
import { type CreateDeployment, type DeploymentSource, nameOfBrief } from "../../lib/protocol/index.ts";
import type { Schema } from "../db/schema.ts";
import type { ProjectRow } from "./project-row.ts";
import type { ProjectSecrets } from "./project-secrets.ts";

type Trx = Transaction<Schema>;
export type Source = Omit<DeploymentSource, "private">;

/** What was asked for, normalised. Throws `invalid_url`, and `upload_missing` for an upload that this owner did not send. */
export async function sourceOf(trx: Trx, ownerId: string, input: CreateDeployment["source"]): Promise<Source> {
	if (input.type === "brief") {
		const name = nameOfBrief(input.text).replace(/[/:]+/g, " ");
		return { type: "brief", url: `brief:${name}`, ref: null, directory: null, brief: { text: input.text, messages: [] } };
	}
	const directory = input.directory
		?.split("/")
		.filter((part) => part !== "" && part !== ".")
		.join("/");
	if (input.type === "upload") {
		const upload = await trx
			.selectFrom("uploads")
			.select("name")
			.where("id", "=", input.id)
			.where("owner_id", "=", ownerId)
			.executeTakeFirst();
		if (!upload) throw new AppError("upload_missing");
		return { type: "upload", url: `upload:${upload.name}`, ref: null, directory: directory || null, upload: input.id };
	}
	const address = parseGitUrl(input.url);
	if (!address.ok) throw new AppError(address.failure.code, address.failure);
	return { type: "git", url: address.value.url, ref: input.ref || null, directory: directory || null };
}

/**
 * Remembers what a project is to be deployed from next; its own source stays until a clone has shown that the new one exists.
 * A token is for the server it was given for: a project that moves to another one leaves it behind.
 */
export async function proposeSource(
	trx: Trx,
	{ id, git_token, source: before }: ProjectRow,
	source: Source,
	token: string | undefined,
	seal: ProjectSecrets["sealGitToken"],
): Promise<DeploymentSource> {
	const known = isSameGitServer(before.url, source.url) && git_token !== null;
	const proposed: DeploymentSource = { ...source, private: Boolean(token) || known };
	const isNew = token !== undefined || !isSameSource(before, source);
	await trx
		.updateTable("projects")
		.set({ next_source: isNew ? JSON.stringify(proposed) : null, next_git_token: token ? seal(id, token) : null })
		.where("id", "=", id)
		.execute();
	return proposed;
}

/** Makes a source that was cloned its project's own, unless another one has been asked for since. */
export async function adoptSource(trx: Trx, projectId: string, cloned: DeploymentSource): Promise<void> {
	const row = await trx
		.selectFrom("projects")
		.select(["source", "git_token", "next_source", "next_git_token"])
		.where("id", "=", projectId)
		.forUpdate()
		.executeTakeFirst();
	if (!row?.next_source || !isSameSource(row.next_source, cloned)) return;
	const token = row.next_git_token ?? (isSameGitServer(row.source.url, cloned.url) ? row.git_token : null);
	const source: DeploymentSource = { ...cloned, private: token !== null };
	await trx
		.updateTable("projects")
		.set({ source: JSON.stringify(source), git_token: token, next_source: null, next_git_token: null })
		.where("id", "=", projectId)
		.execute();
}

function isSameSource(one: Source, other: Source): boolean {
	return one.url === other.url && one.ref === other.ref && one.directory === other.directory && one.upload === other.upload;
}
