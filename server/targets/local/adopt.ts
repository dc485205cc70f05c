import type { ReleaseRecord, ReleaseStore } from "../../projects/release-store.ts";
import type { Apps } from "./apps.ts";
import type { ReleaseFolders } from "./folders.ts";
import type { KnownReleases } from "./known-releases.ts";
import type { TargetLog } from "./options.ts";
import type { ReleaseFiles } from "./release-files.ts";
import { isAlive, readRunnerState } from "./runner-state.ts";

export interface AdoptOptions {
	store: ReleaseStore;
	files: ReleaseFiles;
	folders: ReleaseFolders;
	known: KnownReleases;
	apps: Apps;
	log: TargetLog;
}

const startTimeoutMs = 5 * 60_000;

/** Makes what runs on this machine and what the database says of it agree, after the platform was away. */
export async function adoptReleases(options: AdoptOptions): Promise<void> {
	const { store, files, known, log } = options;
	await files.removeDrafts();
	const records = await store.all();
	for (const record of records) known.learn(record);
	for (const record of records) {
		try {
			await reconcile(record, options);
		} catch (error) {
			log.error({ release: record.id, error: (error as Error).message }, "a release could not be taken over");
			await known.setStatus(record.id, "crashed", "It could not be started after Quayside was restarted.");
		}
	}
	await stopUnknown(new Set(records.map(({ id }) => id)), options);
}

async function reconcile(record: ReleaseRecord, options: AdoptOptions): Promise<void> {
	const { files, folders, known, apps, log } = options;
	const { id, active, status } = record;
	if (!isWanted(record)) {
		if (record.kind === "process" && (await hasRunner(folders.of(id).state))) await apps.stop(id);
		if (status === "live" || status === "starting") await known.setStatus(id, "stopped");
		return;
	}
	if (!(await files.exist(id))) return known.setStatus(id, "lost", "Its files are gone from this machine.");
	if (record.kind === "static") return active ? known.setStatus(id, "live") : undefined;
	if (await apps.adopt(id)) {
		log.info({ release: id }, "an app went on and was taken over");
		return;
	}
	const left = await readRunnerState(folders.of(id).state);
	if (left?.phase === "crashed") return known.setStatus(id, "crashed", "It ended too often while Quayside was away.");
	if (left?.phase === "stopped") return known.setStatus(id, "stopped");
	// A deployment that goes on starts its release itself.
	if (!active) return;
	log.warn({ release: id }, "an app is missing; starting it again");
	await apps.stop(id);
	await known.setStatus(id, "starting", "It did not run any more when Quayside came back.");
	const silent = { progress() {}, awaiting() {}, output() {} };
	const launched = await apps.launch(record, silent, AbortSignal.timeout(startTimeoutMs));
	if (!launched.ok) await known.setStatus(id, "crashed", launched.failure.message ?? "It could not be started again.");
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
