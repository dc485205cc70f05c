import type { Outcome, Plan, Reporter } from "../../lib/protocol/index.ts";

/** A place where releases run. */
export interface Target {
	readonly name: string;
	/**
	 * Stores a build result as an immutable release and starts it, without sending any visitor to it. The same release id
	 * twice is one release.
	 */
	prepare(release: ReleaseSpec, reporter: Reporter, signal: AbortSignal): Promise<Outcome<{ sizeBytes: number }>>;
	/** Asks the release itself until it answers and keeps answering, or says why it does not. */
	check(releaseId: string, reporter: Reporter, signal: AbortSignal): Promise<Outcome<{ status: number; tookMs: number }>>;
	/** Sends visitors of the project to this release and stops the one before; the answer is the preview URL. */
	activate(releaseId: string): Promise<{ url: string }>;
	/** Starts a stopped or crashed release again. */
	start(releaseId: string): Promise<void>;
	/** Ends the release's processes, all of them. */
	stop(releaseId: string): Promise<void>;
	/**
	 * Stops the release of a deployment that ended without going live. One that visitors are sent to goes on; one that is not
	 * here changes nothing.
	 */
	abandon(releaseId: string): Promise<void>;
	/** Stops the release and deletes its files. */
	remove(releaseId: string): Promise<void>;
	/** The newest lines of the release's own output, at most `maxBytes`. */
	log(releaseId: string, maxBytes: number): Promise<string>;
	/** Lines with which an app that failed ended, at most 15. */
	lastLines(releaseId: string): Promise<string[]>;
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
}
