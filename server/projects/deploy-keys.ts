import type { Kysely } from "kysely";
import { AppError } from "../../lib/errors.ts";
import { type DeployKeyView, parseGitUrl } from "../../lib/protocol/index.ts";
import type { KnownHost, Schema } from "../db/schema.ts";
import type { Encryption } from "../secrets/encryption.ts";
import { Secret } from "../secrets/secret.ts";
import { fingerprintOf, makeSshKey } from "../secrets/ssh-key.ts";
import type { Db, ProjectRow } from "./project-row.ts";

/** The ssh keys of projects, and the host keys their git servers are expected to show. */
export interface DeployKeys {
	/** A new key for the project, in the place of the one before. */
	make(db: Db, project: Pick<ProjectRow, "id" | "slug">): Promise<void>;
	/** The same for a project without a key whose source is reached by ssh. */
	makeIfNeeded(db: Db, project: Pick<ProjectRow, "id" | "slug" | "deploy_key_at">, url: string): Promise<void>;
	/** What people are shown of it, null before there is one. */
	view(project: ProjectRow): DeployKeyView | null;
	/** What a clone of the project needs. */
	access(projectId: string): Promise<KeyAccess>;
	/** Throws `not_found`. */
	forgetHost(db: Db, projectId: string, host: string): Promise<void>;
}

export interface KeyAccess {
	key: { publicKey: string; privateKey: Secret } | null;
	knownHosts: readonly KnownHost[];
	/** Expects these host keys from now on; one that is expected already stays. */
	pin(hosts: readonly Omit<KnownHost, "pinnedAt">[]): Promise<void>;
}

const purpose = "projects.deploy_key";
const maxKnownHosts = 50;

export function createDeployKeys(db: Kysely<Schema>, encryption: Encryption): DeployKeys {
	async function make(on: Db, { id, slug }: Pick<ProjectRow, "id" | "slug">): Promise<void> {
		const { publicKey, privateKey } = await makeSshKey(`quayside-${slug}`);
		const sealed = encryption.seal(purpose, id, privateKey.reveal());
		await on
			.updateTable("projects")
			.set({ deploy_key: sealed, deploy_key_public: publicKey, deploy_key_at: new Date() })
			.where("id", "=", id)
			.execute();
	}

	async function pin(projectId: string, hosts: readonly Omit<KnownHost, "pinnedAt">[]): Promise<void> {
		if (hosts.length === 0) return;
		await db.transaction().execute(async (trx) => {
			const known = await knownHostsOf(trx, projectId);
			const isKnown = new Set(known.map(({ host }) => host));
			const pinnedAt = new Date().toISOString();
			const added = hosts.filter(({ host }) => !isKnown.has(host)).map((host) => ({ ...host, pinnedAt }));
			await keepKnownHosts(trx, projectId, [...known, ...added].slice(0, maxKnownHosts));
		});
	}

	return {
		make,
		async makeIfNeeded(on, project, url) {
			const address = parseGitUrl(url);
			if (address.ok && address.value.transport === "ssh" && project.deploy_key_at === null) await make(on, project);
		},
		view: ({ deploy_key_public: publicKey, deploy_key_at, known_hosts }) =>
			publicKey === null || deploy_key_at === null
				? null
				: {
						publicKey,
						fingerprint: fingerprintOf(publicKey),
						createdAt: deploy_key_at.toISOString(),
						knownHosts: known_hosts.map(({ host, fingerprint, pinnedAt }) => ({ host, fingerprint, pinnedAt })),
					},
		async access(projectId) {
			const row = await db
				.selectFrom("projects")
				.select(["deploy_key", "deploy_key_public", "known_hosts"])
				.where("id", "=", projectId)
				.executeTakeFirst();
			const key =
				row?.deploy_key && row.deploy_key_public
					? { publicKey: row.deploy_key_public, privateKey: new Secret(encryption.open(purpose, projectId, row.deploy_key)) }
					: null;
			return { key, knownHosts: row?.known_hosts ?? [], pin: (hosts) => pin(projectId, hosts) };
		},
		async forgetHost(on, projectId, host) {
			const known = await knownHostsOf(on, projectId);
			const kept = known.filter((candidate) => candidate.host !== host);
			if (kept.length === known.length) throw new AppError("not_found");
			await keepKnownHosts(on, projectId, kept);
		},
	};
}

/** The row stays locked, so that two clones do not overwrite what each other saw. */
async function knownHostsOf(db: Db, projectId: string): Promise<KnownHost[]> {
	const row = await db.selectFrom("projects").select("known_hosts").where("id", "=", projectId).forUpdate().executeTakeFirst();
	return row?.known_hosts ?? [];
}

async function keepKnownHosts(db: Db, projectId: string, hosts: readonly KnownHost[]): Promise<void> {
	await db
		.updateTable("projects")
		.set({ known_hosts: JSON.stringify(hosts) })
		.where("id", "=", projectId)
		.execute();
}
