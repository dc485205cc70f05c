import { provideServices } from "#lib/services.ts";
import { type Accounts, createAccounts } from "#server/auth/accounts.ts";
import { createDeploymentService } from "#server/pipeline/deployments.ts";
import { Ledger } from "#server/pipeline/ledger.ts";
import { openStageQueue } from "#server/pipeline/queue.ts";
import { createProjectSecrets, type ProjectSecrets } from "#server/projects/project-secrets.ts";
import { createProjectService, type ReleaseControl } from "#server/projects/project-service.ts";
import { createProjectStarts } from "#server/projects/project-starts.ts";
import { createEncryption } from "#server/secrets/encryption.ts";
import { Secret } from "#server/secrets/secret.ts";
import { silentLog, type TestDatabase } from "./database.ts";

export interface TestServices {
	accounts: Accounts;
	ledger: Ledger;
	secrets: ProjectSecrets;
	/** What was reported to the log. */
	reported: { error: unknown; context: Record<string, string> }[];
	stop(): Promise<void>;
}

/** The real services over a real database, with no worker: what is queued stays queued. Published as boot does it. */
export async function provideTestServices(
	database: TestDatabase,
	options: { origin: string; token: string; target: ReleaseControl },
): Promise<TestServices> {
	const { db, streams, connection } = database;
	const accounts = createAccounts({ db, publicUrl: options.origin, allowedOrigins: [], token: new Secret(options.token), log: silentLog });
	const secrets = createProjectSecrets(db, createEncryption(new Secret("a secret of tests")));
	const queue = await openStageQueue(connection, () => {});
	const ledger = new Ledger(streams, queue);
	const reported: TestServices["reported"] = [];
	provideServices({
		accounts,
		deployments: createDeploymentService({
			db,
			streams,
			ledger,
			projects: createProjectStarts(secrets),
			checkSource: () => {},
			cancelRunning: () => {},
		}),
		projects: createProjectService({ db, streams, secrets, target: options.target, publicUrlFor: (slug) => `http://${slug}.localhost` }),
		system: {
			health: () => ({ status: "ok", version: "1.2.3", boot: "boot", uptimeS: 1 }),
			ready: async () => ({ ready: false, checks: { database: { ok: false, text: "The database does not answer." } } }),
			metrics: async () => "up 1\n",
			liveStatus: () => ({
				status: "ok",
				clients: 0,
				maxConnections: 1,
				byTransport: { ws: 0, sse: 0, poll: 0 },
				uptimeS: 1,
				boot: "boot",
				timestamp: new Date().toISOString(),
			}),
			liveClients: () => [],
			reportError(error, context) {
				reported.push({ error, context });
				return `ref-${reported.length}`;
			},
			examples: () => [],
		},
	});
	return { accounts, ledger, secrets, reported, stop: () => queue.stop() };
}
