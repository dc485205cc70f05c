import { type ChildProcessByStdio, spawn } from "node:child_process";
import { open as openFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AppError } from "../../../lib/errors.ts";
import { endingNode } from "../../exec/layout.ts";
import { endMarked } from "../../exec/open-sandbox.ts";
import type { KillProof } from "../../exec/sandbox.ts";
import type { ReleaseFolders } from "./folders.ts";
import { connectToRunner, type RunnerLink } from "./runner-link.ts";
import type { RunnerSpec } from "./runner-spec.ts";
import { isAlive, readRunnerState } from "./runner-state.ts";
import type { AppStatus } from "./supervisor.ts";

export interface RunnerEvents {
	onStatus(releaseId: string, status: AppStatus): void;
	/** A runner ended without having said that its app crashed or was stopped. */
	onLost(releaseId: string): void;
}

/** The runners of this node, as far as this platform is connected to them. */
export interface Runners {
	/**
	 * Starts the program of a runner in the folder that becomes its release's, while that is still being filled: `launch` takes it, and
	 * one that nobody takes soon is ended.
	 */
	ahead(releaseId: string, folder: string): void;
	/** Ends the program that was started ahead and is not needed after all. */
	forgo(releaseId: string): void;
	/** Starts a runner and waits until its app was started. Throws `sandbox_unavailable`. */
	launch(releaseId: string, spec: RunnerSpec): Promise<void>;
	/** Connects to a runner that an earlier platform started; false when none answers. */
	adopt(releaseId: string): Promise<boolean>;
	/** Ends a release's app and runner, connected or not, and proves it. */
	stop(releaseId: string): Promise<KillProof>;
	/** What the app does; null without a runner. */
	status(releaseId: string): AppStatus | null;
	/** Lets go of all runners; they and their apps go on. */
	close(): void;
}

const endBoundMs = 5_000;
const lookEveryMs = 10;
/** A deployment starts its app right after its release was put in place, or waits for a person. */
const aheadMs = 15_000;
const runnerFile = fileURLToPath(new URL("./runner.ts", import.meta.url));
/** A runner keeps a log, a few sockets and a proxy: this is plenty, and keeps its share of the machine small. */
const nodeOptions = ["--max-old-space-size=32", "--max-semi-space-size=1", "--no-warnings", ...endingNode];

/** `nodePath`: the Node that runs the runners. */
export function openRunners(folders: ReleaseFolders, events: RunnerEvents, nodePath: string): Runners {
	const links = new Map<string, RunnerLink>();
	/** Last words of runners that have ended. */
	const ended = new Map<string, AppStatus>();
	/** Programs that were started ahead; null for one that could not be. */
	const waiting = new Map<string, Promise<RunnerProcess | null>>();

	function forgo(releaseId: string): void {
		void waiting.get(releaseId)?.then((runner) => runner?.child.kill("SIGKILL"));
		waiting.delete(releaseId);
	}

	/** A runner's program that waits for what it is to run, in its release's folder. */
	async function open(releaseId: string, root: string): Promise<RunnerProcess> {
		const errors = await openFile(join(root, basename(folders.of(releaseId).log)), "a", 0o600);
		try {
			return spawnRunner(nodePath, { root, mark: releaseId, codeCache: folders.codeCache, stderr: errors.fd });
		} finally {
			await errors.close();
		}
	}

	/** The program that was started ahead, when it still waits, or a new one. */
	async function takeOrOpen(releaseId: string): Promise<RunnerProcess> {
		const ahead = await waiting.get(releaseId);
		waiting.delete(releaseId);
		const waits = ahead && ahead.child.pid !== undefined && ahead.child.exitCode === null && ahead.child.signalCode === null;
		return waits ? ahead : open(releaseId, folders.of(releaseId).root);
	}

	async function connect(releaseId: string): Promise<boolean> {
		let link: RunnerLink | null = null;
		const isCurrent = (): boolean => link !== null && links.get(releaseId) === link;
		link = await connectToRunner(folders.of(releaseId).controlSocket, {
			onStatus(status) {
				if (isCurrent()) hear(releaseId, status);
			},
			onGone() {
				if (!isCurrent()) return;
				links.delete(releaseId);
				if (!ended.has(releaseId)) events.onLost(releaseId);
			},
		});
		if (!link) return false;
		links.get(releaseId)?.close();
		links.set(releaseId, link);
		hear(releaseId, link.status());
		return true;
	}

	function hear(releaseId: string, status: AppStatus): void {
		if (status.phase === "crashed" || status.phase === "stopped") ended.set(releaseId, status);
		else ended.delete(releaseId);
		events.onStatus(releaseId, status);
	}

	return {
		ahead(releaseId, folder) {
			forgo(releaseId);
			const opened = open(releaseId, folder).catch(() => null);
			waiting.set(releaseId, opened);
			const giveUp = (): void => {
				if (waiting.get(releaseId) === opened) forgo(releaseId);
			};
			setTimeout(giveUp, aheadMs).unref();
		},
		forgo,
		async launch(releaseId, spec) {
			ended.delete(releaseId);
			const answer = await give(await takeOrOpen(releaseId), spec);
			if (answer !== "ready")
				throw new AppError("sandbox_unavailable", { message: "The app's sandbox could not be started.", detail: answer });
			if (await connect(releaseId)) return;
			const left = await readRunnerState(spec.state);
			if (left?.phase !== "crashed") throw new AppError("internal", { detail: "a runner said it was ready and cannot be reached" });
			const end = { exitCode: left.exitCode, signal: null, reason: "exited" as const };
			hear(releaseId, { phase: "crashed", pid: null, starts: 1, end, retryAt: null });
		},
		adopt: connect,
		async stop(releaseId) {
			forgo(releaseId);
			const link = links.get(releaseId) ?? (await connectToRunner(folders.of(releaseId).controlSocket, { onStatus() {}, onGone() {} }));
			links.delete(releaseId);
			ended.delete(releaseId);
			try {
				if (link) {
					const proof = await link.stop();
					await runnerGone(folders.of(releaseId).state);
					return proof;
				}
			} catch {
				// A runner that does not answer is ended below, and its app with it.
			} finally {
				link?.close();
			}
			return endSilentRunner(releaseId, folders.of(releaseId).state);
		},
		status: (releaseId) => links.get(releaseId)?.status() ?? ended.get(releaseId) ?? null,
		close() {
			for (const link of links.values()) link.close();
			links.clear();
			for (const releaseId of [...waiting.keys()]) forgo(releaseId);
		},
	};
}

interface RunnerProcess {
	child: ChildProcessByStdio<Writable, Readable, null>;
	/** Resolves with the reason when it could not be started. */
	failure: Promise<string>;
}

interface RunnerPlace {
	/** Folder of the release. */
	root: string;
	mark: string;
	codeCache: string;
	/** File that its errors go to. */
	stderr: number;
}

/** Starts the program, in a session of its own. Until it is given a release it waits for one; it ends when its input does. */
function spawnRunner(nodePath: string, { root, mark, codeCache, stderr }: RunnerPlace): RunnerProcess {
	const args = [...nodeOptions, runnerFile, mark];
	// Code that is ready to run spares every runner the compiler of TypeScript, a quarter of its memory.
	const env = { NODE_COMPILE_CACHE: codeCache } as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv;
	const child = spawn(nodePath, args, { cwd: root, env, detached: true, stdio: ["pipe", "pipe", stderr] });
	const failure = new Promise<string>((resolve) => child.once("error", (error) => resolve(error.message)));
	child.unref();
	return { child: child as RunnerProcess["child"], failure };
}

/** Tells a runner what to run, and answers its first line. */
async function give({ child, failure }: RunnerProcess, spec: RunnerSpec): Promise<string> {
	const { stdin, stdout } = child;
	stdin.on("error", () => {});
	stdin.end(JSON.stringify(spec));
	const said = text(stdout).catch((error: Error) => error.message);
	const answer = (await Promise.race([said, failure])).trim();
	return answer || "the runner ended at once";
}

/** A runner puts things in order after its app has ended; one that takes longer than it may is ended. */
async function runnerGone(statePath: string): Promise<void> {
	const state = await readRunnerState(statePath);
	if (!state) return;
	const bound = performance.now() + endBoundMs;
	while (await isAlive(state)) {
		if (performance.now() > bound) process.kill(state.pid, "SIGKILL");
		await delay(lookEveryMs);
	}
}

/** Ends a runner that no longer talks, and whatever its release left running. */
async function endSilentRunner(mark: string, statePath: string): Promise<KillProof> {
	const state = await readRunnerState(statePath);
	if (state && (await isAlive(state))) process.kill(state.pid, "SIGKILL");
	await runnerGone(statePath);
	return endMarked(mark, 5_000);
}
