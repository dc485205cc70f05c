import type { ReleaseStatus, Reporter } from "../../../lib/protocol/index.ts";
import type { ReleaseRecord, ReleaseStore } from "../../projects/release-store.ts";
import type { Apps } from "./apps.ts";
import type { ReleaseFolders } from "./folders.ts";
import type { KnownReleases } from "./known-releases.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import type { TargetLog } from "./options.ts";
import type { ReleaseFiles } from "./release-files.ts";
import { isAlive, readRunnerState } from "./runner-state.ts";

export interface AdoptOptions {
	store: ReleaseStore;
	files: ReleaseFiles;
	folders: ReleaseFolders;
	known: KnownReleases;
	apps: Apps;
	inTurn: OneAtATime;
	/** Aborts when the platform lets go of its apps. */
	closing: AbortSignal;
	log: TargetLog;
}

const silent: Reporter = { progress() {}, awaiting() {}, output() {} };
const failure = "It could not be started again.";
const startTimeoutMs = 5 * 60_000;

/**
 * Makes what runs on this machine and what the database says of it agree, after the platform was away. Apps that are missing
 * are started one after the other behind this call.
 */
export async function adoptReleases(options: AdoptOptions): Promise<void> {
	const { store, files, known, log } = options;
	await files.removeDrafts();
	const records = await store.all();
	for (const record of records) known.learn(record);
	const missing: ReleaseRecord[] = [];
	for (const record of records) {
		try {
			if ((await reconcile(record, options)) === "missing") missing.push(record);
		} catch (error) {
			log.error({ release: record.id, error: (error as Error).message }, "a release could not be taken over");
			await known.setStatus(record.id, "crashed", { reason: "It could not be taken over after Quayside was restarted." });
		}
	}
	await stopUnknown(new Set(records.map(({ id }) => id)), options);
	void startMissing(missing, options);
}

/** Answers `missing` for an app that has to be started. */
async function reconcile(record: ReleaseRecord, options: AdoptOptions): Promise<"settled" | "missing"> {
	const { files, folders, known, apps, log } = options;
	const { id, active, status, kind } = record;
	const settle = async (now: ReleaseStatus, reason?: string): Promise<"settled"> => {
		await known.setStatus(id, now, reason === undefined ? {} : { reason });
		return "settled";
	};
	if (!isWanted(record)) {
		if (kind === "process" && (await hasRunner(folders.of(id).state))) await apps.stop(id);
		return status === "live" || status === "starting" ? settle("stopped") : "settled";
	}
	if (!(await files.exist(id))) return settle("lost", "Its files are gone from this machine.");
	if (kind === "static") return active ? settle("live") : "settled";
	if (await apps.adopt(id)) {
		log.info({ release: id }, "an app went on and was taken over");
		return "settled";
	}
	const left = await readRunnerState(folders.of(id).state);
	if (left?.phase === "crashed") return settle("crashed", "It ended too often while Quayside was away.");
	if (left?.phase === "stopped") return settle("stopped");
	// A deployment that goes on starts its release itself.
	if (!active) return "settled";
	log.warn({ release: id }, "an app is missing; starting it again");
	await settle("starting", "It did not run any more when Quayside came back.");
	return "missing";
}

async function startMissing(missing: ReleaseRecord[], { known, apps, inTurn, closing, log }: AdoptOptions): Promise<void> {
	for (const record of missing) {
		const { id } = record;
		await inTurn(id, async () => {
			// Somebody may have started or stopped it in the meantime.
			if (closing.aborted || apps.isUp(id) || known.get(id)?.status !== "starting") return;
			await apps.stop(id);
			const launched = await apps.launch(record, silent, AbortSignal.any([closing, AbortSignal.timeout(startTimeoutMs)]));
			if (!launched.ok) await known.setStatus(id, "crashed", { reason: launched.failure.message ?? failure });
		}).catch(async (error: Error) => {
			if (closing.aborted) return;
			log.error({ release: id, error: error.message }, "an app could not be started again");
			await known.setStatus(id, "crashed", { reason: failure }).catch(() => {});
		});
	}
}

/** Visitors are sent to it, or a deployment that has not ended will send them. */
function isWanted({ active, status, deploymentEnded }: ReleaseRecord): boolean {
	if (status === "live") return active;
	return status === "starting" && (active || !deploymentEnded);
}

async function hasRunner(statePath: string): Promise<boolean> {
	const state = await readRunnerState(statePath);
	return state !== null && (await isAlive(state));
}

/** Ends the apps of releases the database does not know. Their files stay: the database may be the one that is wrong. */
async function stopUnknown(knownIds: ReadonlySet<string>, { files, folders, apps, log }: AdoptOptions): Promise<void> {
	for (const id of await files.list()) {
		if (knownIds.has(id) || !(await hasRunner(folders.of(id).state))) continue;
		log.warn({ release: id }, "an app runs whose release is gone; stopping it");
		await apps.stop(id);
	}
}
