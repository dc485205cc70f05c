import type { ChildProcess } from "node:child_process";
import { AppError } from "../../lib/errors.ts";
import type { Resolve } from "./egress-check.ts";
import { endTree } from "./kill.ts";
import { launch } from "./launch.ts";
import type { SandboxHost } from "./layout.ts";
import type { EndReason, KillProof, SandboxResult, SandboxRun } from "./sandbox.ts";
import { watchTree } from "./watch.ts";

const defaultKillAfterMs = 5_000;

/** Carries out one run to its end and proves that nothing of it is left. */
export async function runToEnd(host: SandboxHost, run: SandboxRun, options: { resolve?: Resolve } = {}): Promise<SandboxResult> {
	if (run.signal.aborted) return neverStarted();
	const started = performance.now();
	const launched = await launch(host, run, { stdin: run.stdin === undefined ? "ignore" : "pipe", ...options });
	const { child, tree } = launched;
	const killAfterMs = run.killAfterMs ?? defaultKillAfterMs;
	let reason: EndReason = "exited";
	let ending: Promise<KillProof> | null = null;

	const end = (why: EndReason, graceMs: number): void => {
		if (ending) return;
		reason = why;
		ending = endTree(tree, graceMs);
	};
	const abort = () => end("aborted", killAfterMs);
	const deadline = setTimeout(() => end("timeout", killAfterMs), run.limits.timeoutMs);
	const watch = watchTree(tree, run.limits, (what) => end(what, 0));
	run.signal.addEventListener("abort", abort, { once: true });
	if (run.signal.aborted) abort();

	const heard = passOn(child, run, () => end("output", 0));
	child.stdin?.on("error", () => {});
	child.stdin?.end(run.stdin);
	try {
		const outcome = await launched.outcome;
		watch.stop();
		const proof = await (ending ?? endTree(tree, 0));
		await launched.drained();
		if (reason === "exited" && outcome.exitCode !== null && !launched.began())
			throw new AppError("sandbox_unavailable", { detail: heard.lastWords() });
		return {
			reason,
			...(reason === "exited" ? outcome : { exitCode: null, signal: null }),
			durationMs: Math.round(performance.now() - started),
			peakMemoryMb: watch.peakMemoryMb(),
			refused: launched.refused(),
			proof,
		};
	} finally {
		clearTimeout(deadline);
		watch.stop();
		run.signal.removeEventListener("abort", abort);
		heard.stop();
		await launched.close();
	}
}

/** Hands every chunk on as it arrives, up to the run's bound. Nothing is kept but the last words, for the log. */
function passOn(child: ChildProcess, run: SandboxRun, onTooMuch: () => void): { lastWords(): string; stop(): void } {
	let bytes = 0;
	let last = "";
	for (const from of ["stdout", "stderr"] as const) {
		child[from]?.on("error", () => {});
		child[from]?.on("data", (chunk: Buffer) => {
			const room = Math.max(0, run.limits.outputBytes - bytes);
			bytes += chunk.length;
			if (from === "stderr") last = chunk.subarray(-500).toString();
			if (room > 0) run.onOutput?.(chunk.length > room ? chunk.subarray(0, room) : chunk, from);
			if (chunk.length > room) onTooMuch();
		});
	}
	return {
		lastWords: () => last,
		stop() {
			child.stdout?.destroy();
			child.stderr?.destroy();
		},
	};
}

function neverStarted(): SandboxResult {
	const proof = { stopped: 0, durationMs: 0, left: [] };
	return { reason: "aborted", exitCode: null, signal: null, durationMs: 0, peakMemoryMb: 0, refused: [], proof };
}
