import { AppError } from "../../lib/errors.ts";
import type { Resolve } from "./egress-check.ts";
import { endTree } from "./kill.ts";
import { type Launched, launch } from "./launch.ts";
import type { SandboxHost } from "./layout.ts";
import type { EndReason, KillProof, SandboxResult, SandboxRun } from "./sandbox.ts";
import { watchTree } from "./watch.ts";

const defaultKillAfterMs = 5_000;

/** Carries out one run to its end and proves that nothing of it is left. Throws `sandbox_unavailable`, `disk_full`. */
export async function runToEnd(host: SandboxHost, run: SandboxRun, options: { resolve?: Resolve } = {}): Promise<SandboxResult> {
	if (run.signal.aborted) return neverStarted();
	const started = performance.now();
	const killAfterMs = run.killAfterMs ?? defaultKillAfterMs;
	let launched: Launched | null = null;
	let wanted: { reason: EndReason; graceMs: number } | null = null;
	let ending: Promise<KillProof> | null = null;

	/** The first reason to end counts. It may come before there is a tree to end. */
	const end = (reason: EndReason, graceMs: number): void => {
		wanted ??= { reason, graceMs };
		if (launched) ending ??= endTree(launched.tree, wanted.graceMs);
	};
	const abort = () => end("aborted", killAfterMs);
	const heard = outputOf(run, () => end("output", 0));
	run.signal.addEventListener("abort", abort, { once: true });
	const deadline = setTimeout(() => end("timeout", killAfterMs), run.limits.timeoutMs);
	try {
		launched = await launch(host, run, { ...options, stdin: run.stdin, onOutput: heard.take });
		const { tree, outcome, drained, began, refused } = launched;
		const watch = watchTree(tree, run.limits, (what) => end(what, 0));
		if (wanted) end("aborted", 0);
		const { exitCode, signal } = await outcome;
		watch.stop();
		const proof = await (ending ?? endTree(tree, 0));
		await drained();
		const reason = reasonOf(wanted);
		if (reason === "exited" && exitCode !== null && !began()) throw new AppError("sandbox_unavailable", { detail: heard.lastWords() });
		return {
			reason,
			...(reason === "exited" ? { exitCode, signal } : { exitCode: null, signal: null }),
			durationMs: Math.round(performance.now() - started),
			peakMemoryMb: watch.peakMemoryMb(),
			refused: refused(),
			proof,
		};
	} finally {
		clearTimeout(deadline);
		run.signal.removeEventListener("abort", abort);
		await (launched as Launched | null)?.close();
	}
}

/** Hands every chunk on, up to the run's bound. Nothing is kept but the last words, for the log. */
function outputOf(run: SandboxRun, onTooMuch: () => void) {
	let bytes = 0;
	let last = "";
	return {
		take(chunk: Buffer, from: "stdout" | "stderr"): void {
			const room = Math.max(0, run.limits.outputBytes - bytes);
			bytes += chunk.length;
			if (from === "stderr") last = (last + chunk.toString()).slice(-500);
			if (room > 0) run.onOutput?.(chunk.length > room ? chunk.subarray(0, room) : chunk, from);
			if (chunk.length > room) onTooMuch();
		},
		lastWords: () => last,
	};
}

function reasonOf(wanted: { reason: EndReason } | null): EndReason {
	return wanted?.reason ?? "exited";
}

function neverStarted(): SandboxResult {
	const proof = { stopped: 0, durationMs: 0, left: [] };
	return { reason: "aborted", exitCode: null, signal: null, durationMs: 0, peakMemoryMb: 0, refused: [], proof };
}
