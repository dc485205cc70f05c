import { AppError, errorCatalogue } from "../../../lib/errors.ts";
import { type Outcome, type Reporter, succeeded } from "../../../lib/protocol/index.ts";
import type { FindRoute } from "../../projects/preview-route.ts";
import { openReleaseStore, releaseEnvPurpose } from "../../projects/release-store.ts";
import type { Target } from "../target.ts";
import { adoptReleases } from "./adopt.ts";
import { appPort } from "./app-port.ts";
import { openApps } from "./apps.ts";
import { askOnce } from "./ask.ts";
import { createDrains } from "./drains.ts";
import { openReleaseFolders } from "./folders.ts";
import { checkHealth, healthTiming } from "./health-check.ts";
import { createKnownReleases } from "./known-releases.ts";
import { createOneAtATime } from "./one-at-a-time.ts";
import type { LocalTargetOptions, LocalTiming } from "./options.ts";
import { openReleaseFiles } from "./release-files.ts";
import { lastAppLines } from "./rotating-log.ts";
import { restartPolicy } from "./runner-spec.ts";
import { readRuntimeLog } from "./runtime-log.ts";
import { checkSite } from "./site-check.ts";
import { createSleep } from "./sleep.ts";

/** Releases on this machine: sites that Quayside serves itself, and apps under runners of their own. */
export interface LocalTarget extends Target {
	/**
	 * Finds the apps that went on without the platform, starts those that are missing, and from then on lets apps sleep that nobody
	 * asks for; to be called once, at boot.
	 */
	adopt(): Promise<void>;
	route: FindRoute;
	/** Puts apps to sleep that nobody asked for as long as their project says, without waiting for the next look. */
	letSleep(): Promise<void>;
	/** Requests and WebSockets a release answers now, and how long it has had none, in ms. */
	visitors(releaseId: string): number;
	quietMs(releaseId: string): number;
	/** Lets go of every app; they go on. */
	close(): void;
}

/** For an app that visitors have been sent to all the while. */
const once = { stableMs: 0, goodAnswers: 1 };
/** A live app that is slower than this is not taken for well. */
const liveAnswerMs = 3_000;

const silent: Reporter = { progress() {}, awaiting() {}, output() {} };
const defaultTiming: LocalTiming = {
	...healthTiming,
	drainMs: 5_000,
	answersMs: 60_000,
	again: { stableMs: 100, goodAnswers: 3, pauseMs: 20 },
	wakeMs: 30_000,
	minuteMs: 60_000,
	restarts: restartPolicy,
};

export async function openLocalTarget(options: LocalTargetOptions): Promise<LocalTarget> {
	const { home, nodeId, db, encryption, host, log } = options;
	const timing: LocalTiming = { ...defaultTiming, ...options.timing };
	const folders = await openReleaseFolders(home);
	const files = openReleaseFiles(folders, host.user);
	const store = openReleaseStore(db, nodeId);
	const known = createKnownReleases(store, folders, options.onChange);
	const apps = openApps({ ...options, folders, store, known, timing });
	const inTurn = createOneAtATime();
	const closing = new AbortController();
	const drains = createDrains({
		...timing,
		visitorsGone: async (id) => known.get(id)?.visitors.gone(),
		stop: (id) =>
			inTurn(id, async () => {
				if (!known.isActive(id)) await stop(id);
			}),
		onFailure: (id, error) => log.error({ release: id, error: error.message }, "a replaced release could not be stopped"),
	});
	const sleep = createSleep({ store, known, apps, inTurn, start: (id, signal) => start(id, silent, signal), ...timing, log });

	async function stop(id: string): Promise<void> {
		drains.cancel(id);
		known.hideEarly(id);
		await apps.stop(id);
		await known.setStatus(id, "stopped", { asleep: false });
	}

	async function remove(id: string): Promise<void> {
		drains.cancel(id);
		await apps.stop(id);
		await files.remove(id);
		await store.remove(id);
		known.forget(id);
	}

	async function start(id: string, reporter: Reporter, signal: AbortSignal): Promise<Outcome<null>> {
		const record = await store.get(id);
		if (!(await files.exist(id)))
			throw new AppError("result_missing", { message: "The files of this release are gone.", action: "Deploy the project again." });
		const { kind, status } = known.learn(record);
		drains.cancel(id);
		if (kind === "static") {
			if (status !== "live") await known.setStatus(id, record.active ? "live" : "starting");
			return succeeded(null);
		}
		if (apps.isUp(id)) return succeeded(null);
		await known.setStatus(id, "starting");
		try {
			const launched = await apps.launch(record, reporter, signal);
			if (!launched.ok)
				await known.setStatus(id, "crashed", notStarted(launched.failure.message ?? errorCatalogue[launched.failure.code].message));
			return launched;
		} catch (error) {
			await known.setStatus(id, "crashed", notStarted(error instanceof AppError ? error.message : errorCatalogue.internal.message));
			throw error;
		}
	}

	return {
		name: "local",

		prepare: (release, reporter, signal) =>
			inTurn(release.id, async () => {
				const { id, plan } = release;
				const before = await store.find(id);
				// A repair makes the same deployment's release of something else.
				if (before !== null && before.key !== null && before.key !== release.key && !known.isActive(id)) await remove(id);
				let sizeBytes = (await store.find(id))?.sizeBytes ?? null;
				if (sizeBytes === null || !(await files.exist(id))) {
					reporter.awaiting("the files of the release to be stored");
					// Files without a row are what an interrupted attempt left.
					await files.remove(id);
					// An app's runner takes as long to start as its files take to be copied.
					const onFolder = plan.kind === "static" ? undefined : (folder: string) => apps.ahead(id, folder);
					const stored = await files.store(id, plan, release.buildDir, signal, onFolder).catch((error) => {
						apps.forgo(id);
						throw error;
					});
					sizeBytes = stored.bytes;
					for (const link of stored.leftOut) reporter.output(`Left out ${link}: it is a link to somewhere else.\n`, "quayside");
					reporter.progress(`Stored ${stored.files} files of the release`);
					const env = encryption.seal(releaseEnvPurpose, id, JSON.stringify(release.env));
					await store.insert({ ...release, kind: plan.kind === "static" ? "static" : "process", env, sizeBytes });
				}
				return succeeded({ sizeBytes });
			}),

		async findLive(projectId, key, signal) {
			const live = await store.findLive(projectId, key);
			if (live === null || !(await files.exist(live.id))) return null;
			const { plan, slug } = await store.get(live.id);
			const release = known.get(live.id);
			if (!release || release.kind === "static") return release ? live : null;
			if (!apps.isUp(live.id)) return null;
			const host = new URL(options.previewUrl(slug)).host;
			const question = { socketPath: release.socketPath, path: plan.healthPath, host, timeoutMs: liveAnswerMs, signal };
			const answer = await askOnce(question);
			return answer !== null && answer.status < 500 ? live : null;
		},

		start: (id, reporter, signal) => inTurn(id, () => start(id, reporter, signal)),

		async check(id, reporter, signal, { healthyBefore, wentOn } = { healthyBefore: false }) {
			const record = await store.get(id);
			const release = known.learn(record);
			const { plan } = record;
			const questions = { path: plan.healthPath, host: new URL(options.previewUrl(record.slug)).host, reporter, signal };
			const checked =
				release.kind === "static"
					? await checkSite({ ...questions, socketPath: release.socketPath, serve: release.serve, timeoutMs: timing.requestMs })
					: await checkHealth({
							...questions,
							socketPath: release.socketPath,
							appStatus: () => apps.status(id),
							listeningPorts: () => apps.listeningPorts(id),
							port: appPort(plan, host),
							lastLines: () => lastAppLines(folders.of(id).log),
							onAnswer: () => known.showEarly(id),
							timing: { ...timing, ...(healthyBefore && timing.again), ...(wentOn && once) },
						});
			if (!checked.ok) known.hideEarly(id);
			if (checked.ok && known.isActive(id)) await known.setStatus(id, "live");
			return checked;
		},

		async activate(id) {
			const record = await store.get(id);
			const url = options.previewUrl(record.slug);
			await inTurn(record.slug, async () => {
				const release = known.learn(record);
				if (release.kind === "process" && !apps.isUp(id))
					throw new AppError("conflict", { message: "This release does not run.", action: "Start it first." });
				const before = await store.activate(id);
				release.status = "live";
				known.point(id);
				await known.setStatus(id, "live");
				drains.cancel(id);
				if (before !== null && before !== id) drains.begin(before);
			});
			return { url };
		},

		stop: (id) => inTurn(id, () => stop(id)),
		abandon: (id) =>
			inTurn(id, async () => {
				if (known.isActive(id)) return;
				if (apps.isUp(id) || known.get(id)?.status === "starting") await stop(id);
			}),
		remove: (id) => inTurn(id, () => remove(id)),
		discard: (id) =>
			inTurn(id, async () => {
				// A rollback starts a release before it sends visitors to it: one that was begun before this is seen here.
				if (known.isActive(id) || apps.isUp(id) || known.get(id)?.status === "starting") return false;
				await remove(id);
				return true;
			}),

		async readLog(id, query) {
			const [of, after] = query.after?.split("/") ?? [];
			const known = of === id ? after : query.after && "";
			const page = await readRuntimeLog(folders.of(id).log, { ...query, after: known });
			return { ...page, cursor: `${id}/${page.cursor}` };
		},
		lastLines: (id) => lastAppLines(folders.of(id).log),

		async adopt() {
			await adoptReleases({ store, files, folders, known, apps, inTurn, closing: closing.signal, log });
			sleep.start();
		},
		route: sleep.route,
		letSleep: sleep.sweep,
		visitors: (id) => known.get(id)?.visitors.count() ?? 0,
		quietMs: (id) => known.get(id)?.visitors.quietMs() ?? 0,
		close() {
			closing.abort();
			drains.close();
			sleep.close();
			apps.close();
		},
	};
}

/** The end of an app that did not get as far as to run. */
function notStarted(message: string) {
	return { reason: message, crash: { message, exitCode: null, lines: [] } };
}
