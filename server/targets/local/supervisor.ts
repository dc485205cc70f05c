import type { KillProof } from "../../exec/sandbox.ts";

/** A started app: one tree of processes. */
export interface RunningApp {
	pid: number;
	/** Resolves when the app's first process has ended and nothing of its tree is left. */
	ended: Promise<AppEnd>;
	/** TERM to the whole tree, KILL after a while, and the proof that nothing is left. */
	stop(): Promise<KillProof>;
}

export interface AppEnd {
	exitCode: number | null;
	signal: string | null;
	/** `memory` when it was ended for using too much. */
	reason: "exited" | "memory" | "processes";
}

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

const nothingStopped: KillProof = { stopped: 0, durationMs: 0, left: [] };

/** Keeps an app running: starts it, starts it again when it ends, and gives up when it ends too often in a row. */
export function superviseApp(start: () => Promise<RunningApp>, policy: RestartPolicy, onChange: (status: AppStatus) => void): Supervisor {
	let status: AppStatus = { phase: "waiting", pid: null, starts: 0, end: null, retryAt: null };
	let app: RunningApp | null = null;
	let stopping: Promise<KillProof> | null = null;
	let endWait: () => void = () => {};

	const change = (next: Partial<AppStatus>): void => {
		status = { ...status, ...next };
		onChange(status);
	};

	async function runOnce(): Promise<{ end: AppEnd; ranMs: number }> {
		app = await start();
		const startedAt = performance.now();
		change({ phase: "running", pid: app.pid, starts: status.starts + 1, retryAt: null });
		const end = await app.ended;
		app = null;
		return { end, ranMs: performance.now() - startedAt };
	}

	async function supervise(): Promise<AppStatus> {
		let restarts = 0;
		while (!stopping) {
			const { end, ranMs } = await runOnce();
			if (stopping) break;
			if (ranMs >= policy.stableMs) restarts = 0;
			if (restarts >= policy.maxRestarts) {
				change({ phase: "crashed", pid: null, end, retryAt: null });
				return status;
			}
			const delayMs = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** restarts);
			restarts++;
			change({ phase: "waiting", pid: null, end, retryAt: Date.now() + delayMs });
			await wait(delayMs);
		}
		await stopping;
		change({ phase: "stopped", pid: null, retryAt: null });
		return status;
	}

	function wait(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			endWait = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	const finished = supervise();
	return {
		status: () => status,
		finished,
		stop() {
			stopping ??= app ? app.stop() : Promise.resolve(nothingStopped);
			endWait();
			return stopping;
		},
	};
}
