import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { type EventDraft, streamOf } from "../../lib/protocol/index.ts";
import type { Principal, SourceService } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import type { Streams } from "../streams/streams.ts";
import type { DeployKeys } from "./deploy-keys.ts";
import { insertProject } from "./project-insert.ts";
import { getSeenProject, type ProjectRow } from "./project-row.ts";
import type { ProjectSecrets } from "./project-secrets.ts";
import { viewOf } from "./project-service.ts";
import { sourceOf } from "./project-source.ts";
import type { Uploads } from "./uploads.ts";

export interface SourceServiceOptions {
	db: Kysely<Schema>;
	streams: Pick<Streams, "write">;
	secrets: Pick<ProjectSecrets, "sealGitToken">;
	keys: DeployKeys;
	uploads: Uploads;
	publicUrlFor(slug: string): string;
}

/** Where projects come from: new ones, the keys for their repositories, and folders that people send. */
export function createSourceService({ db, streams, secrets, keys, uploads, publicUrlFor }: SourceServiceOptions): SourceService {
	const seen = (principal: Principal, slug: string): Promise<ProjectRow> => getSeenProject(db, principal, slug);

	return {
		async createProject({ user }, { source: input, name, slug }) {
			const made = await streams.write(async (writer) => {
				const source = await sourceOf(writer.trx, user.id, input);
				const wanted = {
					ownerId: user.id,
					source,
					token: input.type === "git" ? input.token || undefined : undefined,
					name: name ?? null,
					slug: slug ?? null,
				};
				const project = await insertProject(writer.trx, wanted, { secrets, keys });
				await writer.append(streamOf.project(project.id), [told(`${project.name} was made. Nothing of it is deployed yet.`)]);
				return project;
			});
			return viewOf(made, null, publicUrlFor);
		},
		deployKey: async (principal, slug) => keys.view(await seen(principal, slug)),
		async makeDeployKey(principal, slug) {
			const project = await seen(principal, slug);
			await streams.write(async (writer) => {
				await keys.make(writer.trx, project);
				await writer.append(streamOf.project(project.id), [
					told("A new deploy key was made. Add it to the repository before the next deployment."),
				]);
			});
			const view = keys.view(await seen(principal, slug));
			if (!view) throw new AppError("not_found");
			return view;
		},
		async forgetHost(principal, slug, host) {
			const { id } = await seen(principal, slug);
			await streams.write(async (writer) => {
				await keys.forgetHost(writer.trx, id, host);
				await writer.append(streamOf.project(id), [
					told(`The host key of ${host} was forgotten. The next clone keeps the one it is shown.`),
				]);
			});
		},
		upload: (principal, name, body, signal) => uploads.take(principal, name, body, signal),
	};
}

function told(content: string): EventDraft {
	return { type: "system", source: "projects", content, metadata: { message_type: "info" } };
}
