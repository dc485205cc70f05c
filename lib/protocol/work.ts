import type { ErrorCode } from "../errors.ts";

/** How working code tells people what it does. Calls never throw; the pipeline turns them into events. */
export interface Reporter {
	/** A plain, specific sentence ("Receiving objects, 3.1 MB"), with 0 to 100 where a real figure is known. */
	progress(text: string, percent?: number | null): void;
	/** What is awaited now, as a fragment that completes "waiting for …": "npm to install the dependencies". */
	awaiting(text: string): void;
	/**
	 * Raw output of a command; it is split into lines, cleaned of secrets and batched behind this call. An answered promise
	 * settles when there is room for more: whoever can wait with the next piece does.
	 */
	output(chunk: Uint8Array | string, from: "stdout" | "stderr" | "quayside"): void | Promise<void>;
}

/** A person's project that does not work is a result, not an exception. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; failure: WorkFailure };

export interface WorkFailure {
	code: ErrorCode;
	/** Replaces the catalogue's sentences where something more specific is known. */
	message?: string;
	action?: string;
	/** The failing command as shown to people. */
	command?: string;
	exitCode?: number | null;
	/** The 5 to 15 lines that matter. */
	lines?: string[];
	/** The one of them that decided. */
	decisive?: string | null;
	/** Which known cause this is: "lockfile_outdated". */
	cause?: string;
	/** What was seen of it, for the rules that repair: the missing script, the port that is open. Never shown, never recorded. */
	seen?: Readonly<Record<string, string>>;
}

export const succeeded = <T>(value: T): Outcome<T> => ({ ok: true, value });
export const failed = (failure: WorkFailure): { ok: false; failure: WorkFailure } => ({ ok: false, failure });
