import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { streamOf } from "#lib/protocol/index.ts";
import { getServices, provideServices } from "#lib/services.ts";
import type { Author } from "#server/agents/brief/author.ts";
import { templateAuthor } from "#server/agents/brief/templates.ts";
import { type Agui, createAgui } from "#server/agui/agui-service.ts";
import type { RunEnd } from "#server/agui/follow-run.ts";
import { type Accounts, createAccounts } from "#server/auth/accounts.ts";
import { hashToken, randomToken } from "#server/auth/random-token.ts";
import { createHeldRequests, type HoldRequest } from "#server/http/held-requests.ts";
import { createLive, type LiveHub } from "#server/live/hub.ts";
import { createMcp } from "#server/mcp/mcp-service.ts";
import { openModelGateway } from "#server/models/gateway.ts";
import { createModelService } from "#server/models/model-service.ts";
import { createDeploymentService } from "#server/pipeline/deployments.ts";
import { Ledger } from "#server/pipeline/ledger.ts";
import { createPushService } from "#server/pipeline/push.ts";
import { openStageQueue } from "#server/pipeline/queue.ts";
import { createShareService } from "#server/pipeline/shares.ts";
import { createStreamAccess } from "#server/pipeline/stream-access.ts";
import { createDeployKeys } from "#server/projects/deploy-keys.ts";
import { createProjectSecrets, type ProjectSecrets } from "#server/projects/project-secrets.ts";
import { createProjectService, type ReleaseControl } from "#server/projects/project-service.ts";
import { createProjectStarts } from "#server/projects/project-starts.ts";
import { createPushRemotes } from "#server/projects/push-remotes.ts";
import { createReleaseChanges } from "#server/projects/release-changes.ts";
import { createSourceService } from "#server/projects/source-service.ts";
import { createUploads } from "#server/projects/uploads.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { unpack } from "#server/source/unpack.ts";
import { openAcknowledgements } from "#server/streams/acknowledgements.ts";
import { createSystemService } from "#server/system/system-service.ts";
import { createSystemSettings } from "#server/system/system-settings.ts";
import { silentLog, type TestDatabase } from "./database.ts";

export interface TestServices {
	accounts: Accounts;
	ledger: Ledger;
	secrets: ProjectSecrets;
	/** Where connections of tests can be made to appear. */
	hub: LiveHub;
	agui: Agui;
	/** Counts the requests that people keep open. */
	hold: HoldRequest;
	/** How AG-UI runs ended. */
	ends: RunEnd[];
	/** What the log holds of changed settings of the platform. */
	audited: object[];
	/** What was reported to the log. */
	reported: { error: unknown; context: Record<string, string> }[];
	stop(): Promise<void>;
}

/** The real services over a real database, with no worker: what is queued stays queued. Published as boot does it. */
export async function provideTestServices(
	database: TestDatabase,
	options: { origin: string; token: string; target: ReleaseControl; author?: Pick<Author, "accepts"> },
): Promise<TestServices> {
	const { db, streams, connection } = database;
	const accounts = createAccounts({ db, publicUrl: options.origin, allowedOrigins: [], token: new Secret(options.token), log: silentLog });
	const encryption = createEncryption(new Secret("a secret of tests"));
	const secrets = createProjectSecrets(db, encryption);
	const keys = createDeployKeys(db, encryption);
	const home = await mkdtemp(join(tmpdir(), "quayside-services-"));
	const queue = await openStageQueue(connection, () => {});
	const ledger = new Ledger(streams, queue);
	const reported: TestServices["reported"] = [];
	const ends: TestServices["ends"] = [];
	const audited: object[] = [];
	const reportError = (error: unknown, context: Record<string, string>): string => {
		reported.push({ error, context });
		return `ref-${reported.length}`;
	};
	const models = await openModelGateway({ db, encryption, nodeId: "node", reportError });
	const access = createStreamAccess(db);
	const hub = createLive({ streams, bootId: "boot", log: silentLog, authorize: access.mayWatch, snapshot: access.snapshot });
	const hold = createHeldRequests();
	const agui = createAgui({ db, services: getServices, hold, onEnd: (how) => void ends.push(how), reportError });
	provideServices({
		accounts,
		attention: { unseen: ({ user }) => openAcknowledgements(db).unseen(user.id, streamOf.user(user.id)) },
		agui,
		mcp: createMcp({ services: getServices, publicUrl: options.origin, allowedOrigins: [options.origin], hold, reportError }),
		deployments: createDeploymentService({
			db,
			streams,
			ledger,
			projects: createProjectStarts(secrets, keys),
			encryption,
			checkSource: () => {},
			author: options.author ?? templateAuthor,
			cancelRunning: () => {},
			replan: () => Promise.reject(new Error("nothing is planned here")),
			releaseChanges: createReleaseChanges({ db, encryption, secrets }),
		}),
		pushes: createPushService({
			db,
			streams,
			remotes: createPushRemotes(db, encryption),
			keys,
			fingerprint: encryption.fingerprint,
			push: () => Promise.reject(new Error("nothing is pushed here")),
		}),
		shares: createShareService({ db, randomToken, hashToken, takeTurn: () => 0 }),
		projects: createProjectService({
			db,
			streams,
			secrets,
			target: options.target,
			removeProject: () => {},
			publicUrlFor: (slug) => `http://${slug}.localhost`,
		}),
		sources: createSourceService({
			db,
			streams,
			secrets,
			keys,
			uploads: createUploads({
				db,
				folder: (id) => join(home, id),
				unpack: (body, into, signal) => unpack(body, into, { maxPackedBytes: 100_000, maxBytes: 1_000_000, maxEntries: 100 }, signal),
			}),
			publicUrlFor: (slug) => `http://${slug}.localhost`,
		}),
		models: createModelService(db, models),
		system: {
			...createSystemService({
				db,
				streams,
				bootId: "boot",
				settings: createSystemSettings(db, { info: (fields: object) => void audited.push(fields) }),
				hub,
				metricsText: async () => "up 1\n",
				sandboxProblem: null,
				isolation: "none",
				workerRuns: false,
				port: 3000,
				reportError,
				takeReportTurn: () => 0,
				examples: [],
			}),
			health: () => ({ status: "ok", version: "1.2.3", boot: "boot", uptimeS: 1 }),
			ready: async () => ({ ready: false, checks: { database: { ok: false, text: "The database does not answer." } } }),
		},
	});
	return {
		accounts,
		ledger,
		secrets,
		hub,
		reported,
		agui,
		hold,
		ends,
		audited,
		async stop() {
			await models.stop();
			await hub.drain(1000);
			await queue.stop();
			await rm(home, { recursive: true, force: true });
		},
	};
}
