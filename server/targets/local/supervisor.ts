import type { KillProof } from "../../exec/sandbox.ts";
import type { AppEnd, StartedApp } from "../../exec/start-app.ts";

export interface AppStatus {
	phase: AppPhase;
	pid: number | null;
	/** How often it was started by this runner. */
	starts: number;
	/** How it ended the last time, null before that. */
	end: AppEnd | null;
	/** When it is started again, in ms since the epoch; null unless it waits for that. */
	retryAt: number | null;
}

/** `waiting`: it ended and is started again in a moment. `crashed`: it ended too often in a row. */
export type AppPhase = "running" | "waiting" | "crashed" | "stopped";

export interface RestartPolicy {
	/** First wait before a restart; each further one is twice as long, up to `maxDelayMs`. */
	firstDelayMs: number;
	maxDelayMs: number;
	/** Restarts in a row after which the app counts as crashed. */
	maxRestarts: number;
	/** An app that ran as long as this is healthy again: counting begins anew. */
	stableMs: number;
}

export interface Supervisor {
	status(): AppStatus;
	/** Ends the app for good. */
	stop(): Promise<KillProof>;
	/** Resolves when the app is `crashed` or `stopped`. */
	readonly finished: Promise<AppStatus>;
}

const neverStarted: AppEnd = { exitCode: null, signal: null, reason: "exited" };
const nothingStopped: KillProof = { stopped: 0, durationMs: 0, left: [] };

/**
 * Keeps an app running: starts it, starts it again when it ends, and gives up when it ends, or cannot be started, too often in
 * a row.
 */
export function superviseApp(
	start: () => Promise<Pick<StartedApp, "pid" | "ended" | "stop">>,
	policy: RestartPolicy,
	onChange: (status: AppStatus) => void,
): Supervisor {
	let status: AppStatus = { phase: "waiting", pid: null, starts: 0, end: null, retryAt: null };
	let app: Pick<StartedApp, "stop"> | null = null;
	let stopAsked = false;
	let proof = nothingStopped;
	let endWait: () => void = () => {};

	const change = (next: Partial<AppStatus>): AppStatus => {
		status = { ...status, ...next };
		onChange(status);
		return status;
	};

	async function runOnce(): Promise<{ end: AppEnd; ranMs: number }> {
		const startedAt = performance.now();
		const started = await start().catch(() => null);
		if (!started) return { end: neverStarted, ranMs: 0 };
		app = started;
		if (stopAsked) proof = await started.stop();
		else change({ phase: "running", pid: started.pid, starts: status.starts + 1, retryAt: null });
		const end = await started.ended;
		app = null;
		return { end, ranMs: performance.now() - startedAt };
	}

	async function supervise(): Promise<AppStatus> {
		for (let restarts = 0; !stopAsked; restarts++) {
			const { end, ranMs } = await runOnce();
			if (stopAsked) break;
			if (ranMs >= policy.stableMs) restarts = 0;
			if (restarts >= policy.maxRestarts) return change({ phase: "crashed", pid: null, end, retryAt: null });
			const delayMs = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** restarts);
			change({ phase: "waiting", pid: null, end, retryAt: Date.now() + delayMs });
			await wait(delayMs);
		}
		return change({ phase: "stopped", pid: null, retryAt: null });
	}

	function wait(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			endWait = () => {
				clearTimeout(timer);
				resolve();
			};
			if (stopAsked) endWait();
		});
	}

	const finished = supervise();
	return {
		status: () => status,
		finished,
		async stop() {
			stopAsked = true;
			endWait();
			if (app) proof = await app.stop();
			await finished;
			return proof;
		},
	};
}

export interface ExplainedEnd {
	message: string;
	exitCode: number | null;
	/** The known cause, where a limit was it. */
	cause?: string;
}

/** A sentence and the exit code for an app that ended. */
export function explainEnd({ reason, signal, exitCode }: AppEnd): ExplainedEnd {
	if (reason === "memory") return { message: "The app used more memory than it may and was ended.", exitCode, cause: "out_of_memory" };
	if (reason === "processes") return { message: "The app had more processes than it may and was ended.", exitCode, cause: "process_limit" };
	if (reason === "disk") return { message: "The app wrote more to the disk than it may and was ended.", exitCode, cause: "disk_limit" };
	if (reason === "disk_full") return { message: "The disk is nearly full, so the app was ended.", exitCode, cause: "disk_full" };
	if (reason === "aborted") return { message: "The app was stopped.", exitCode: null };
	if (signal) return { message: `The app was ended by ${signal}.`, exitCode };
	if (exitCode === null) return { message: "The app could not be started, or its sandbox was ended.", exitCode: null };
	return { message: `The app ended by itself with exit code ${exitCode}.`, exitCode };
}
