import type { Kysely } from "kysely";
import { ulid } from "ulid";
import type { DeploymentState } from "../../lib/deployment/state.ts";
import { AppError } from "../../lib/errors.ts";
import { shortSource } from "../../lib/format.ts";
import { defaultBranch, isUndo, type Outcome, parseGitUrl, streamOf } from "../../lib/protocol/index.ts";
import type { PushService } from "../../lib/services.ts";
import type { Schema } from "../db/schema.ts";
import type { DeployKeys, KeyAccess } from "../projects/deploy-keys.ts";
import type { PushRemotes } from "../projects/push-remotes.ts";
import { Secret } from "../secrets/secret.ts";
import type { Streams } from "../streams/streams.ts";
import { noProduct, readProduct } from "./product.ts";
import { seenDeployment } from "./seen.ts";

/** A product on its way to a branch. */
export interface ProductPush {
	/** Address as the person gave it, parsed before. */
	url: string;
	branch: string;
	files: ReadonlyMap<string, string>;
	message: string;
	token: Secret | null;
	ssh: KeyAccess;
	sign(tree: string, parent: string): string;
	/** Marks its processes, and names its folder. */
	mark: string;
	signal: AbortSignal;
}

export interface PushServiceOptions {
	db: Kysely<Schema>;
	streams: Pick<Streams, "write">;
	remotes: PushRemotes;
	keys: Pick<DeployKeys, "access" | "makeIfNeeded">;
	/** A keyed hash, by which a commit is known that was pushed from here. */
	fingerprint(text: string): string;
	/** Makes the commit and pushes it. */
	push(push: ProductPush): Promise<Outcome<{ commit: string; unchanged: boolean }>>;
}

/** Pushes that may be under way on this node at a time. */
const maxAtOnce = 4;

/** Takes products to git servers of people's own. */
export function createPushService({ db, streams, remotes, keys, fingerprint, push }: PushServiceOptions): PushService {
	/** Ids of projects of which a push is under way. */
	const busy = new Set<string>();

	return {
		async remote(principal, id) {
			const { project } = await seenDeployment(db, principal, id);
			return remotes.view(project.id);
		},

		async push(principal, id, input, { signal }) {
			const state = await seenDeployment(db, principal, id);
			const { project, number } = state;
			const files = await readProduct(db, id, project.id);
			if (files === null) throw noProduct();
			const last = await remotes.view(project.id);
			const url = addressOf(input.url ?? last?.url);
			const branch = input.branch ?? (last?.url === url ? last.branch : defaultBranch);
			const token = input.token ? new Secret(input.token) : await remotes.token(project.id, url);
			await makeKey(project.id, url);
			take(busy, project.id);
			try {
				const sign = (tree: string, parent: string) => fingerprint(`push ${project.id} ${tree} ${parent}`);
				const ssh = await keys.access(project.id);
				const pushed = await push({ url, branch, files, message: messageOf(state), token, ssh, sign, mark: ulid(), signal });
				if (!pushed.ok) throw new AppError(pushed.failure.code, pushed.failure);
				const { commit, unchanged } = pushed.value;
				// A push that changes nothing may not have needed the token, so it proves none to be better than one that is kept.
				const proven = unchanged ? ((await remotes.token(project.id, url)) ?? token) : token;
				await streams.write(async (writer) => {
					// A line would bring back the stream of a project that was deleted meanwhile.
					if (!(await remotes.keep(writer.trx, project.id, { url, branch, token: proven }))) return;
					const where = `${shortSource(url)}, branch ${branch}`;
					const content = unchanged
						? `${where} held deployment ${number} already.`
						: `Deployment ${number} was pushed to ${where}, as commit ${commit.slice(0, 7)}.`;
					await writer.append(streamOf.project(project.id), [
						{ type: "system", source: "projects", content, metadata: { message_type: "info" } },
					]);
				});
				return { url, branch, commit, unchanged, files: files.size };
			} finally {
				busy.delete(project.id);
			}
		},
	};

	/** One that has no key yet cannot be let in by ssh: the failure of its first push names the new one. */
	async function makeKey(projectId: string, url: string): Promise<void> {
		const row = await db
			.selectFrom("projects")
			.select(["id", "slug", "deploy_key_at"])
			.where("id", "=", projectId)
			.where("deleted_at", "is", null)
			.executeTakeFirst();
		if (!row) throw new AppError("not_found");
		await keys.makeIfNeeded(db, row, url);
	}
}

function addressOf(given: string | undefined): string {
	if (given === undefined)
		throw new AppError("bad_request", {
			message: "It was not said where to push to.",
			action: "Give the address of a repository, such as https://host/owner/name.git.",
			data: { field: "url" },
		});
	const parsed = parseGitUrl(given);
	if (!parsed.ok) throw new AppError(parsed.failure.code, parsed.failure);
	return parsed.value.url;
}

function take(busy: Set<string>, projectId: string): void {
	if (busy.has(projectId))
		throw new AppError("conflict", { message: "A push of this project is under way.", action: "Wait until it has ended." });
	if (busy.size >= maxAtOnce) throw new AppError("rate_limited", { data: { retryAfterS: 10 } });
	busy.add(projectId);
}

const longestSubject = 72;

/** The message of the commit: what was asked for last, and what the product is made from. */
function messageOf({ number, project, source }: DeploymentState): string {
	const brief = source?.brief;
	const asked = brief?.follow_up?.message ?? "";
	const line = (asked === "" || isUndo(asked) ? `${project.name}: deployment ${number}` : asked).replace(/\s+/g, " ");
	const subject = line.length > longestSubject ? `${line.slice(0, longestSubject - 1).toWellFormed()}…` : line;
	const changes = (brief?.messages ?? []).map((message) => `- ${message}`).join("\n");
	return [subject, `Written by Quayside from this brief, deployment ${number}:`, brief?.text ?? "", changes].filter(Boolean).join("\n\n");
}
