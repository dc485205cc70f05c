import type { Outcome, Plan, Reporter } from "../../lib/protocol/index.ts";
import type { LogPage, LogQuery } from "../projects/release-log.ts";

/** A place where releases run. */
export interface Target {
	readonly name: string;
	/**
	 * Stores a build result as an immutable release, without starting it or sending any visitor to it. The same release id twice is
	 * one release, unless its key says that it is made of something else: then it takes the place of the one that never went live.
	 */
	prepare(release: ReleaseSpec, reporter: Reporter, signal: AbortSignal): Promise<Outcome<{ sizeBytes: number }>>;
	/** The project's live release, when it was made under this key, with the memory the project has now, and answers well. */
	findLive(projectId: string, key: string, signal: AbortSignal): Promise<LiveRelease | null>;
	/** Starts a release that does not run; one that runs goes on. Throws `not_found`, `result_missing`, `sandbox_unavailable`, `disk_full`. */
	start(releaseId: string, reporter: Reporter, signal: AbortSignal): Promise<Outcome<null>>;
	/**
	 * Asks the release itself until it answers and keeps answering, or says why it does not. One that was healthy before is asked for
	 * a shorter time, one that has gone on since is asked once.
	 */
	check(releaseId: string, reporter: Reporter, signal: AbortSignal, how?: HealthKnown): Promise<Outcome<HealthyAnswer>>;
	/** Sends visitors of the project to this release and stops the one before; the answer is the preview URL. */
	activate(releaseId: string): Promise<{ url: string }>;
	/** Ends the release's processes, all of them. */
	stop(releaseId: string): Promise<void>;
	/**
	 * Stops the release of a deployment that ended without going live. One that visitors are sent to goes on; one that is not
	 * here changes nothing.
	 */
	abandon(releaseId: string): Promise<void>;
	/** Stops the release and deletes its files. */
	remove(releaseId: string): Promise<void>;
	/** Deletes a release that visitors are not sent to and that does not run; false, and nothing happens, for any other. */
	discard(releaseId: string): Promise<boolean>;
	/** Lines of the release's own output, whether or not it runs. `cursor` names the release too. */
	readLog(releaseId: string, query: LogQuery): Promise<LogPage>;
	/** Lines with which an app that failed ended, at most 15. */
	lastLines(releaseId: string): Promise<string[]>;
}

/** What is known of a release's health: nothing, that it was good when it last ran, or that it has been live all along. */
export interface HealthKnown {
	healthyBefore: boolean;
	wentOn?: boolean;
}

export interface HealthyAnswer {
	status: number;
	tookMs: number;
}

export interface LiveRelease {
	id: string;
	deploymentId: string;
	sizeBytes: number;
}

export interface ReleaseSpec {
	id: string;
	projectId: string;
	projectSlug: string;
	deploymentId: string;
	commit: string | null;
	plan: Plan;
	/** Host folder of the build result: `site/` for static plans, `app/` for processes. */
	buildDir: string;
	/** Runtime environment, in clear; the target keeps it encrypted. */
	env: Readonly<Record<string, string>>;
	/** Stands for everything the release is made of; null where that is not known. */
	key: string | null;
}
