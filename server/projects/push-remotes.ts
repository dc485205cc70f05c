import { isSameGitServer, type PushRemote } from "../../lib/protocol/index.ts";
import type { Encryption } from "../secrets/encryption.ts";
import { Secret } from "../secrets/secret.ts";
import type { Db } from "./project-row.ts";

/** Where projects were pushed to last. */
export interface PushRemotes {
	/** What people are shown of it, null before the first push. */
	view(projectId: string): Promise<PushRemote | null>;
	/** The access token that is kept for the server of this address, null where there is none. */
	token(projectId: string, url: string): Promise<Secret | null>;
	/** Remembers where a push went, and with which token; false where the project is deleted by now. */
	keep(on: Db, projectId: string, remote: { url: string; branch: string; token: Secret | null }): Promise<boolean>;
}

const purpose = "projects.push_token";

export function createPushRemotes(db: Db, encryption: Pick<Encryption, "seal" | "open">): PushRemotes {
	const rowOf = (projectId: string) =>
		db.selectFrom("projects").select(["push_remote", "push_token"]).where("id", "=", projectId).executeTakeFirst();

	return {
		async view(projectId) {
			const row = await rowOf(projectId);
			return row?.push_remote ? { ...row.push_remote, hasToken: row.push_token !== null } : null;
		},
		async token(projectId, url) {
			const row = await rowOf(projectId);
			if (!row?.push_remote || !row.push_token || !isSameGitServer(row.push_remote.url, url)) return null;
			return new Secret(encryption.open(purpose, projectId, row.push_token));
		},
		async keep(on, projectId, { url, branch, token }) {
			const kept = await on
				.updateTable("projects")
				.set({
					push_remote: JSON.stringify({ url, branch }),
					push_token: token && encryption.seal(purpose, projectId, token.reveal()),
				})
				.where("id", "=", projectId)
				.where("deleted_at", "is", null)
				.returning("id")
				.executeTakeFirst();
			return kept !== undefined;
		},
	};
}
