import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import type { Kysely } from "kysely";
import type { StreamEvent } from "../lib/protocol/index.ts";
import { streamOf } from "../lib/protocol/index.ts";
import { getServices, provideServices } from "../lib/services.ts";
import { createModelAuthor } from "./agents/brief/model-author.ts";
import { templateAuthor } from "./agents/brief/templates.ts";
import { createAgents } from "./agents/create-agents.ts";
import { createAgui } from "./agui/agui-service.ts";
import { createAccounts } from "./auth/accounts.ts";
import { hashToken, randomToken } from "./auth/random-token.ts";
import { cookiePrefixes } from "./auth/session-cookie.ts";
import { listen, placeOf, previewUrlOf, refuseBadSource } from "./boot/addresses.ts";
import { openEncryption } from "./boot/encryption.ts";
import { withModelKeys } from "./boot/model-keys.ts";
import { openBuildCaches } from "./build/caches/project-cache.ts";
import { openToolchains, toolsOf } from "./build/toolchains.ts";
import { openDatabase } from "./db/database.ts";
import { lockHome } from "./db/home-lock.ts";
import type { Schema } from "./db/schema.ts";
import { createEdge } from "./edge/edge.ts";
import type { Config } from "./env.ts";
import { mostBuildMemoryMb } from "./exec/most-memory.ts";
import { openSandbox } from "./exec/open-sandbox.ts";
import { clientAddressOf } from "./http/client-address.ts";
import { closeable } from "./http/closeable.ts";
import { createHeldRequests } from "./http/held-requests.ts";
import { createLiveRoutes, liveSocketPath } from "./http/live.ts";
import { preparePages } from "./http/pages.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { createLiveUpgrade, createRequestHandler } from "./http/request-handler.ts";
import { createSecurity } from "./http/secure.ts";
import { createUpgradeDispatcher } from "./http/upgrade.ts";
import { createLive } from "./live/hub.ts";
import { createLog, reportErrorTo } from "./log.ts";
import { createMcp } from "./mcp/mcp-service.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { openModelGateway } from "./models/gateway.ts";
import { createModelService } from "./models/model-service.ts";
import { readNodeId } from "./node-identity.ts";
import { countEvents } from "./pipeline/count-events.ts";
import { createDeploymentService } from "./pipeline/deployments.ts";
import { openFolders } from "./pipeline/folders.ts";
import { Ledger } from "./pipeline/ledger.ts";
import { createProjectRemoval } from "./pipeline/project-removal.ts";
import { createPushService } from "./pipeline/push.ts";
import { openStageQueue } from "./pipeline/queue.ts";
import { watchQueue } from "./pipeline/queue-positions.ts";
import { createRecovery } from "./pipeline/recovery.ts";
import { deleteOldReleases } from "./pipeline/release-retention.ts";
import { createReplan } from "./pipeline/replan.ts";
import { createResultBudget } from "./pipeline/result-budget.ts";
import { idsInUse, startRetention } from "./pipeline/retention.ts";
import { createShareService } from "./pipeline/shares.ts";
import { createStreamAccess } from "./pipeline/stream-access.ts";
import { shortenStreams } from "./pipeline/stream-retention.ts";
import { createWorker } from "./pipeline/worker.ts";
import { createDeployKeys } from "./projects/deploy-keys.ts";
import { forgetNeverCloned } from "./projects/never-cloned.ts";
import { createProjectSecrets } from "./projects/project-secrets.ts";
import { createProjectService } from "./projects/project-service.ts";
import { adoptSource } from "./projects/project-source.ts";
import { createProjectStarts } from "./projects/project-starts.ts";
import { createPushRemotes } from "./projects/push-remotes.ts";
import { createReleaseChanges } from "./projects/release-changes.ts";
import { announceRelease, announceSilence } from "./projects/release-events.ts";
import { createSourceService } from "./projects/source-service.ts";
import { plansInUse } from "./projects/tools-in-use.ts";
import { createUploads } from "./projects/uploads.ts";
import { examples } from "./source/example.ts";
import { push } from "./source/push.ts";
import { unpack } from "./source/unpack.ts";
import { openAcknowledgements } from "./streams/acknowledgements.ts";
import { openStreams } from "./streams/open.ts";
import { withDatabaseErrors } from "./system/database-errors.ts";
import { createSystemService } from "./system/system-service.ts";
import { createSystemSettings } from "./system/system-settings.ts";
import { openLocalTarget } from "./targets/local/local-target.ts";

export interface Platform {
	/** Where people open it. */
	url: string;
	/** Address that makes the first account, once; null when there is one. */
	setupLink: string | null;
	/** Stops taking requests, says goodbye to every connection, leaves work resumable. Apps go on. */
	stop(): Promise<{ runningApps: number }>;
}

const checkout = fileURLToPath(new URL("..", import.meta.url));
const cloneLimits = { maxMb: 1024, maxFiles: 100_000 };
const uploadLimits = { maxPackedBytes: 500_000_000, maxBytes: 1_000_000_000, maxEntries: 100_000 };
const drainMs = 3000;
/** Below the minute after which proxies give up on an answer. */
const pushMs = 45_000;
const toolchainMs = 120_000;
/** What one address may ask of shared deployments: a long log is fetched in many pages. And how many errors a page may report. */
const shareRate = { perSecond: 10, burst: 200 };
const reportRate = { perSecond: 0.2, burst: 20 };

/** Wires everything, once, by hand, in the order in which it depends on each other, and starts to listen. */
export async function boot(config: Config): Promise<Platform> {
	const bootId = randomUUID();
	const log = createLog(config.logLevel ?? (process.stdout.isTTY ? "warn" : "info"));
	const reportError = reportErrorTo(log);
	const stops: (() => Promise<unknown> | unknown)[] = [];
	const stopAll = async (): Promise<void> => {
		for (const stop of stops.reverse()) await Promise.resolve(stop()).catch((error: unknown) => void reportError(error, { part: "stop" }));
	};

	try {
		await mkdir(config.home, { recursive: true, mode: 0o711 });
		stops.push(await lockHome(config.home));
		const preparing = preparePages({ dir: checkout, dev: config.dev, port: config.port });

		const database = await openDatabase({ databaseUrl: config.databaseUrl?.reveal() ?? null, home: config.home, log });
		stops.push(database.stop);
		const { db, connection } = database;
		const encryption = await openEncryption(config, db);
		const nodeId = await readNodeId(config.home);
		const streams = await openStreams({ ...database, log });
		stops.push(streams.stop);

		const accounts = createAccounts({ db, publicUrl: config.publicUrl, allowedOrigins: config.allowedOrigins, token: config.token, log });
		if (config.admin) await accounts.createAdmin(config.admin);
		const secrets = createProjectSecrets(db, encryption);
		const keys = createDeployKeys(db, encryption);
		const sandbox = await openSandbox({
			home: config.home,
			isolation: config.sandbox,
			nodePath: process.execPath,
			extraCaFile: config.extraCaFile,
			log,
		});
		const registryHosts = [placeOf(config.registryUrl), ...config.registryHosts];
		const toolchains = openToolchains({
			home: config.home,
			nodePath: process.execPath,
			nodeVersion: process.versions.node,
			npmExecPath: config.npmExecPath,
			path: config.path,
			registryHosts,
			registryUrl: config.registryUrl,
		});
		toolchains.warm().catch((error: unknown) => log.warn({ err: error }, "the toolchain could not be prepared ahead of the first build"));
		const previewUrl = (slug: string): string => previewUrlOf(config, slug);
		const target = await openLocalTarget({
			home: config.home,
			nodeId,
			db,
			encryption,
			host: sandbox.host,
			egress: { allowPrivate: false, allowPrivateHosts: [] },
			toolchain: (plan, { releaseId, reporter, signal }) =>
				toolchains.prepare({ plan, mark: releaseId, signal, timeoutMs: toolchainMs }, { sandbox, reporter }),
			previewUrl,
			nodePath: process.execPath,
			onChange: (change) =>
				void streams
					.write((writer) => announceRelease(writer, change))
					.catch((error: unknown) => reportError(error, { release: change.releaseId })),
			log,
		});
		stops.push(target.close);

		const queue = await openStageQueue(connection, (error) => void log.warn({ err: error }, "the job queue had trouble and goes on"));
		stops.push(queue.stop);
		const metrics = createMetrics();
		const ledger = new Ledger(streams, queue, (events) => {
			countEvents(metrics, events);
			// Its app may run already: it is started before it is checked.
			for (const id of endedUnsuccessfully(events))
				target.abandon(id).catch((error: unknown) => void reportError(error, { part: "abandoned release", deployment: id }));
		});
		const models = await openModelGateway({ db, encryption, nodeId, news: streams.news, reportError });
		stops.push(models.stop);
		const author = createModelAuthor({ models, templates: templateAuthor, reportError });
		const folders = await openFolders(config.home);
		const caches = openBuildCaches(folders.caches);
		await caches.tidy();
		const tester = {
			allowPrivateGit: config.allowPrivateGit,
			limits: cloneLimits,
			toolchains,
			caches,
			registryHosts,
			fingerprint: encryption.fingerprint,
		};
		const worker = createWorker({
			db,
			ledger,
			queue,
			activity: streams.activity,
			agents: createAgents({ ...tester, target, author, mostMemoryMb: mostBuildMemoryMb() }, { models, reportError }),
			sandbox,
			folders,
			nodeId,
			concurrency: config.builds,
			projects: { ...secrets, environment: withModelKeys(secrets, models.store), sshAccess: keys.access, adoptSource },
			reportError,
		});
		const recovery = createRecovery({
			db,
			streams,
			ledger,
			sandbox,
			nodeId,
			bootId,
			nodeName: hostname(),
			running: worker.running,
			reportError,
		});

		const removal = createProjectRemoval({
			db,
			ledger,
			cancelRunning: worker.cancel,
			removeRelease: target.remove,
			folders,
			log,
			reportError,
		});

		const access = createStreamAccess(db);
		const acknowledgements = openAcknowledgements(db);
		const hub = createLive({
			streams,
			bootId,
			log,
			metrics: metrics.live,
			authorize: access.mayWatch,
			snapshot: access.snapshot,
			acknowledgements,
		});
		metrics.gauge("quayside_live_parked", "Live connections that cannot take more for now.", () => hub.status().parked);
		metrics.gauge("quayside_live_lag_seconds", "How long the slowest of them could not.", () => hub.status().lagS);
		metrics.gauge("quayside_live_buffered_bytes", "Bytes that the network has not taken yet.", () => hub.status().bufferedBytes);
		const live = createLiveRoutes({
			hub,
			authenticate: accounts.authenticate,
			allowedOrigins: new Set(config.allowedOrigins),
			reportError,
		});
		const trustedProxies = new Set(config.trustedProxies);
		const edge = createEdge({
			previewDomain: config.previewDomain,
			platformHosts: [new URL(config.publicUrl).hostname],
			route: target.route,
			cookiePrefixes,
			addressOf: (request) => clientAddressOf(request, trustedProxies),
			protocol: config.publicUrl.startsWith("https:") ? "https" : "http",
			onSilent: (slug, silence) =>
				void streams
					.write((writer) => announceSilence(writer, slug, silence))
					.catch((error: unknown) => reportError(error, { project: slug })),
			log,
		});
		stops.push(edge.close);
		const hold = createHeldRequests();
		const agui = createAgui({ db, services: getServices, hold, onEnd: (how) => metrics.aguiRuns.inc({ how }), reportError });
		provideServices(
			withDatabaseErrors({
				accounts,
				attention: { unseen: ({ user }) => acknowledgements.unseen(user.id, streamOf.user(user.id)) },
				agui,
				mcp: createMcp({ publicUrl: config.publicUrl, allowedOrigins: config.allowedOrigins, services: getServices, hold, reportError }),
				deployments: createDeploymentService({
					db,
					streams,
					ledger,
					projects: createProjectStarts(secrets, keys),
					checkSource: refuseBadSource,
					encryption,
					author,
					cancelRunning: worker.cancel,
					replan: createReplan({ sourceDir: folders.source, projects: secrets }),
					releaseChanges: createReleaseChanges({ db, encryption, secrets }),
				}),
				pushes: createPushService({
					db,
					streams,
					remotes: createPushRemotes(db, encryption),
					keys,
					fingerprint: encryption.fingerprint,
					push: (product) =>
						push(
							{
								...product,
								folder: `${folders.source(product.mark)}.push.partial`,
								timeoutMs: pushMs,
								allowPrivate: config.allowPrivateGit,
							},
							sandbox,
						),
				}),
				shares: createShareService({ db, randomToken, hashToken, takeTurn: createRateLimit(shareRate).take }),
				projects: createProjectService({ db, streams, secrets, target, removeProject: removal.begin, publicUrlFor: previewUrl }),
				sources: createSourceService({
					db,
					streams,
					secrets,
					keys,
					uploads: createUploads({ db, folder: folders.upload, unpack: (body, into, signal) => unpack(body, into, uploadLimits, signal) }),
					publicUrlFor: previewUrl,
				}),
				models: createModelService(db, models),
				system: createSystemService({
					db,
					streams,
					bootId,
					settings: createSystemSettings(db, log),
					hub,
					metricsText: metrics.text,
					sandboxProblem: sandbox.problem,
					isolation: sandbox.isolation,
					workerRuns: config.roles.has("worker"),
					port: config.port,
					reportError,
					takeReportTurn: createRateLimit(reportRate).take,
					examples: [...examples],
				}),
			}),
		);

		await target.adopt();
		if (config.roles.has("worker")) {
			await recovery.start();
			stops.push(recovery.stop);
			await worker.start();
			stops.push(worker.stop);
			const positions = watchQueue({ db, streams, reportError });
			stops.push(positions.stop);
			removal.start();
			stops.push(removal.stop);
			const evictTools = async () => toolchains.evict((await plansInUse(db, nodeId)).flatMap(toolsOf));
			const forgetMistyped = () => forgetNeverCloned(db, removal.begin);
			const boundReleases = () => deleteOldReleases({ db, discardRelease: target.discard, log });
			const boundStreams = () => shortenStreams(db, streams);
			const boundResults = createResultBudget({ roots: folders.roots, maxBytes: config.resultsGb * 1e9, inUse: () => idsInUse(db), log });
			stops.push(
				startRetention({
					db,
					folders,
					reportError,
					also: [forgetMistyped, boundReleases, boundStreams, boundResults, caches.evict, evictTools, models.tidy],
				}).stop,
			);
		}

		const pages = await preparing;
		stops.push(pages.close);
		const security = createSecurity(config);
		const server = createServer(createRequestHandler({ edge, live, pages, security, metrics, reportError }));
		server.on(
			"upgrade",
			createUpgradeDispatcher({
				preview: edge,
				live: { path: liveSocketPath, upgrade: createLiveUpgrade(live, security) },
				next: pages.upgrade,
			}),
		);
		await listen(server, config);
		const close = closeable(server, () => Promise.all([hub.drain(drainMs), agui.stop()]));
		// Saying goodbye and ending attempts both take seconds; together they fit into a stop.
		stops.push(() => Promise.all([close(), worker.stop()]));
		const setupLink = await accounts.createSetupLink();
		return {
			url: config.publicUrl,
			setupLink,
			async stop() {
				// A database that is away must not keep the rest from being stopped.
				const runningApps = await countRunningApps(db, nodeId).catch(() => 0);
				await stopAll();
				return { runningApps };
			},
		};
	} catch (error) {
		await stopAll();
		throw error;
	}
}

async function countRunningApps(db: Kysely<Schema>, nodeId: string): Promise<number> {
	const rows = db.selectFrom("releases").select(({ fn }) => fn.countAll<number>().as("count"));
	const { count } = await rows
		.where("node_id", "=", nodeId)
		.where("kind", "=", "process")
		.where("status", "in", ["live", "starting"])
		.executeTakeFirstOrThrow();
	return count;
}

function endedUnsuccessfully(events: readonly StreamEvent[]): string[] {
	return events.flatMap(({ type, metadata, deployment_id }) =>
		type === "deployment_completed" && metadata.status !== "succeeded" && deployment_id !== null ? [deployment_id] : [],
	);
}
