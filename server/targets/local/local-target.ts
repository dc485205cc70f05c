import { AppError } from "../../../lib/errors.ts";
import { type Outcome, type Reporter, succeeded } from "../../../lib/protocol/index.ts";
import type { PreviewRoute } from "../../projects/preview-route.ts";
import { openReleaseStore } from "../../projects/release-store.ts";
import type { Target } from "../target.ts";
import { adoptReleases } from "./adopt.ts";
import { openApps } from "./apps.ts";
import { openReleaseFolders } from "./folders.ts";
import { checkHealth, healthTiming } from "./health-check.ts";
import { createKnownReleases } from "./known-releases.ts";
import { createOneAtATime } from "./one-at-a-time.ts";
import type { LocalTargetOptions, LocalTiming } from "./options.ts";
import { openReleaseFiles } from "./release-files.ts";
import { lastAppLines, readLogTail } from "./rotating-log.ts";
import { restartPolicy } from "./runner-spec.ts";
import { checkSite } from "./site-check.ts";

/** Releases on this machine: sites that Quayside serves itself, and apps under runners of their own. */
export interface LocalTarget extends Target {
	/** Finds the apps that went on without the platform, starts those that are missing; to be called once, at boot. */
	adopt(): Promise<void>;
	/** Where visitors of a project are sent at this moment. */
	route(slug: string): PreviewRoute | Promise<PreviewRoute>;
	/** Lets go of every app; they go on. */
	close(): void;
}

const silent: Reporter = { progress() {}, awaiting() {}, output() {} };

export async function openLocalTarget(options: LocalTargetOptions): Promise<LocalTarget> {
	const { home, nodeId, db, encryption, host, log } = options;
	const timing: LocalTiming = { ...healthTiming, drainMs: 5_000, restarts: restartPolicy, ...options.timing };
	const folders = await openReleaseFolders(home);
	const files = openReleaseFiles(folders, host.user);
	const store = openReleaseStore(db, nodeId);
	const known = createKnownReleases(store, folders, options.onChange);
	const apps = openApps({ ...options, folders, store, known, timing });
	const inTurn = createOneAtATime();
	const closing = new AbortController();
	const drains = new Map<string, NodeJS.Timeout>();

	async function stop(id: string): Promise<void> {
		clearTimeout(drains.get(id));
		drains.delete(id);
		await apps.stop(id);
		await known.setStatus(id, "stopped");
	}

	/** Stops a release nobody is sent to any more, once its last answers are through. */
	function retire(id: string): void {
		const timer = setTimeout(() => {
			drains.delete(id);
			void inTurn(id, async () => {
				if (!known.isActive(id)) await stop(id);
			}).catch((error: Error) => log.error({ release: id, error: error.message }, "a replaced release could not be stopped"));
		}, timing.drainMs);
		timer.unref();
		drains.set(id, timer);
	}

	async function start(id: string, reporter: Reporter, signal: AbortSignal): Promise<Outcome<null>> {
		const record = await store.get(id);
		if (!(await files.exist(id)))
			throw new AppError("result_missing", { message: "The files of this release are gone.", action: "Deploy the project again." });
		const { kind, status } = known.learn(record);
		clearTimeout(drains.get(id));
		if (kind === "static") {
			if (status !== "live") await known.setStatus(id, record.active ? "live" : "starting");
			return succeeded(null);
		}
		if (apps.isUp(id)) return succeeded(null);
		await known.setStatus(id, "starting");
		try {
			const launched = await apps.launch(record, reporter, signal);
			if (!launched.ok) await known.setStatus(id, "crashed", launched.failure.message);
			return launched;
		} catch (error) {
			await known.setStatus(id, "crashed", error instanceof AppError ? error.message : null);
			throw error;
		}
	}

	return {
		name: "local",

		prepare: (release, reporter, signal) =>
			inTurn(release.id, async () => {
				const { id, plan } = release;
				let sizeBytes = await store.sizeOf(id);
				if (sizeBytes === null || !(await files.exist(id))) {
					reporter.awaiting("the files of the release to be stored");
					// Files without a row are what an interrupted attempt left.
					await files.remove(id);
					const stored = await files.store(id, plan, release.buildDir, signal);
					sizeBytes = stored.bytes;
					for (const link of stored.leftOut) reporter.output(`Left out ${link}: it is a link to somewhere else.\n`, "quayside");
					reporter.progress(`Stored ${stored.files} files of the release`);
					const env = encryption.seal("release-env", id, JSON.stringify(release.env));
					await store.insert({ ...release, kind: plan.kind === "static" ? "static" : "process", env, sizeBytes });
				}
				const started = await start(id, reporter, signal);
				return started.ok ? succeeded({ sizeBytes }) : started;
			}),

		async check(id, reporter, signal) {
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
							lastLines: () => lastAppLines(folders.of(id).log),
							timing,
						});
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
				if (before !== null && before !== id) retire(before);
			});
			return { url };
		},

		start: (id) =>
			inTurn(id, async () => {
				const started = await start(id, silent, AbortSignal.timeout(timing.answerWithinMs));
				if (!started.ok) throw new AppError(started.failure.code, started.failure);
			}),
		stop: (id) => inTurn(id, () => stop(id)),
		abandon: (id) =>
			inTurn(id, async () => {
				if (known.isActive(id)) return;
				if (apps.isUp(id) || known.get(id)?.status === "starting") await stop(id);
			}),
		remove: (id) =>
			inTurn(id, async () => {
				clearTimeout(drains.get(id));
				await apps.stop(id);
				await files.remove(id);
				await store.remove(id);
				known.forget(id);
			}),

		log: (id, maxBytes) => readLogTail(folders.of(id).log, maxBytes),
		lastLines: (id) => lastAppLines(folders.of(id).log),

		adopt: () => adoptReleases({ store, files, folders, known, apps, inTurn, closing: closing.signal, log }),
		route: known.route,
		close() {
			closing.abort();
			for (const timer of drains.values()) clearTimeout(timer);
			apps.close();
		},
	};
}
