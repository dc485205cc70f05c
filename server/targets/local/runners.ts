import { type ChildProcessByStdio, spawn } from "node:child_process";
import { open } from "node:fs/promises";
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
const runnerFile = fileURLToPath(new URL("./runner.ts", import.meta.url));
/** A runner keeps a log, a few sockets and a proxy: this is plenty, and keeps its share of the machine small. */
const nodeOptions = ["--max-old-space-size=32", "--max-semi-space-size=1", "--no-warnings", ...endingNode];

/** `nodePath`: the Node that runs the runners. */
export function openRunners(folders: ReleaseFolders, events: RunnerEvents, nodePath: string): Runners {
	const links = new Map<string, RunnerLink>();
	/** Last words of runners that have ended. */
	const ended = new Map<string, AppStatus>();

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
		async launch(releaseId, spec) {
			ended.delete(releaseId);
			const errors = await open(spec.log, "a", 0o600);
			try {
				const answer = await spawnRunner(nodePath, folders, spec, errors.fd);
				if (answer !== "ready")
					throw new AppError("sandbox_unavailable", { message: "The app's sandbox could not be started.", detail: answer });
			} finally {
				await errors.close();
			}
			if (await connect(releaseId)) return;
			const left = await readRunnerState(spec.state);
			if (left?.phase !== "crashed") throw new AppError("internal", { detail: "a runner said it was ready and cannot be reached" });
			const end = { exitCode: left.exitCode, signal: null, reason: "exited" as const };
			hear(releaseId, { phase: "crashed", pid: null, starts: 1, end, retryAt: null });
		},
		adopt: connect,
		async stop(releaseId) {
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
		},
	};
}

/** Starts the process, in a session of its own, and answers its first line. */
async function spawnRunner(nodePath: string, folders: ReleaseFolders, spec: RunnerSpec, stderr: number): Promise<string> {
	const args = [...nodeOptions, runnerFile, spec.run.mark];
	// Code that is ready to run spares every runner the compiler of TypeScript, a quarter of its memory.
	const env = { NODE_COMPILE_CACHE: folders.codeCache } as Partial<NodeJS.ProcessEnv> as NodeJS.ProcessEnv;
	const { root } = folders.of(spec.run.mark);
	const child = spawn(nodePath, args, { cwd: root, env, detached: true, stdio: ["pipe", "pipe", stderr] });
	const { stdin, stdout } = child as ChildProcessByStdio<Writable, Readable, null>;
	const failure = new Promise<string>((resolve) => child.once("error", (error) => resolve(error.message)));
	stdin.on("error", () => {});
	stdin.end(JSON.stringify(spec));
	const said = text(stdout).catch((error: Error) => error.message);
	const answer = (await Promise.race([said, failure])).trim();
	child.unref();
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
