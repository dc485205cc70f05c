import { endTree } from "./kill.ts";
import { type Launch, launch } from "./launch.ts";
import type { SandboxHost } from "./layout.ts";
import type { EndReason, KillProof } from "./sandbox.ts";
import { type Excess, watchRun } from "./watch.ts";

/** An app writes little as long as the disk does not lose space. */
const measureEveryMs = 10 * 60_000;

export interface AppOptions {
	/**
	 * Unix socket of the host (its folder must exist) that leads to `port` of the sandbox's own loopback. It is there as soon as
	 * `startApp` resolves; a connection is closed at once while the app does not listen yet.
	 */
	socketPath: string;
	port: number;
	/** Parent of the folder this run needs for itself, which the sandbox user must be able to pass through. The sandbox's own is emptied at every start of the platform. */
	runsDir?: string | undefined;
	/** How often memory, processes and the disk are looked at, in ms. */
	lookEveryMs?: number | undefined;
	/** Output is read again only when the promise has settled: an app that prints faster than that is slowed down. */
	onOutput(chunk: Buffer, from: "stdout" | "stderr"): void | Promise<void>;
}

export interface StartedApp {
	/** Pid of the sandbox's outermost process. */
	pid: number;
	/** Resolves when the app has ended and nothing of its tree is left. */
	ended: Promise<AppEnd>;
	/** TERM to the whole tree, KILL after `graceMs` (5000), and the proof that nothing is left. */
	stop(graceMs?: number): Promise<KillProof>;
	/** Highest memory seen, in MB. */
	peakMemoryMb(): number;
	/** Destinations the egress proxy refused so far. */
	refused(): string[];
}

export interface AppEnd {
	/** As a shell reports it; null when it was ended from outside. */
	exitCode: number | null;
	signal: NodeJS.Signals | null;
	reason: Extract<EndReason, "exited" | "aborted" | Excess>;
}

/**
 * Starts a long-running app in a sandbox of its own. It lives as long as this process: a detached runner calls this, with the
 * `host` of the platform's sandbox. Throws `sandbox_unavailable`, `disk_full`.
 */
export async function startApp(host: SandboxHost, app: Launch, options: AppOptions): Promise<StartedApp> {
	const launched = await launch(host, app, {
		ingress: { socketPath: options.socketPath, port: options.port },
		runsDir: options.runsDir,
		onOutput: options.onOutput,
		priority: "app",
	});
	const { child, tree } = launched;
	let reason: AppEnd["reason"] = "exited";
	let ending: Promise<KillProof> | null = null;

	const end = (why: AppEnd["reason"], graceMs: number): Promise<KillProof> => {
		if (!ending) {
			reason = why;
			ending = endTree(tree, graceMs);
		}
		return ending;
	};
	const watch = watchRun(tree, app, (what) => void end(what, 0), { everyMs: options.lookEveryMs, measureEveryMs });

	return {
		pid: child.pid ?? 0,
		ended: finished(),
		stop: (graceMs = 5_000) => end("aborted", graceMs),
		peakMemoryMb: watch.peakMemoryMb,
		refused: launched.refused,
	};

	async function finished(): Promise<AppEnd> {
		const outcome = await launched.outcome;
		watch.stop();
		await (ending ?? endTree(tree, 0));
		await launched.drained();
		const outOfMemory = outcome.exitCode !== 0 && (await launched.ranOutOfMemory());
		await launched.close();
		if (reason === "exited" && outOfMemory) reason = "memory";
		return { ...(reason === "exited" ? outcome : { exitCode: null, signal: null }), reason };
	}
}
