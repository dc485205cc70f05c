import { AppError } from "../../lib/errors.ts";
import type { Resolve } from "./egress-check.ts";
import { endTree } from "./kill.ts";
import { type Launched, launch } from "./launch.ts";
import type { SandboxHost } from "./layout.ts";
import { openRunOutput } from "./run-output.ts";
import type { EndReason, KillProof, SandboxResult, SandboxRun } from "./sandbox.ts";
import { watchRun } from "./watch.ts";

const defaultKillAfterMs = 5_000;

export interface RunOptions {
	/** For tests of the proxy. */
	resolve?: Resolve | undefined;
	/** Free space that must stay on the disk; by default a part of it. */
	reserveBytes?: number | undefined;
}

/** Carries out one run to its end and proves that nothing of it is left. Throws `sandbox_unavailable`, `disk_full`. */
export async function runToEnd(host: SandboxHost, run: SandboxRun, options: RunOptions = {}): Promise<SandboxResult> {
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
	const heard = openRunOutput(run, () => end("output", 0));
	run.signal.addEventListener("abort", abort, { once: true });
	const deadline = setTimeout(() => end("timeout", killAfterMs), run.limits.timeoutMs);
	try {
		launched = await launch(host, run, { resolve: options.resolve, stdin: run.stdin, onOutput: heard.take, priority: "build" });
		const { tree, outcome, drained, began, refused, ranOutOfMemory } = launched;
		const watch = watchRun(tree, run, (what) => end(what, 0), { reserveBytes: options.reserveBytes });
		if (wanted) end("aborted", 0);
		const { exitCode, signal } = await outcome;
		watch.stop();
		const proof = await (ending ?? endTree(tree, 0));
		await drained();
		heard.end();
		const reason = reasonOf(wanted) ?? (exitCode !== 0 && (await ranOutOfMemory()) ? "memory" : "exited");
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

function reasonOf(wanted: { reason: EndReason } | null): EndReason | null {
	return wanted?.reason ?? null;
}

function neverStarted(): SandboxResult {
	const proof = { stopped: 0, durationMs: 0, left: [] };
	return { reason: "aborted", exitCode: null, signal: null, durationMs: 0, peakMemoryMb: 0, refused: [], proof };
}
