import type { ErrorCode } from "../../lib/errors.ts";
import { commandText, type Plan, type WorkFailure } from "../../lib/protocol/index.ts";
import type { Step as CauseStep } from "../causes/cause.ts";
import { findCause } from "../causes/find-cause.ts";
import type { SandboxResult } from "../exec/sandbox.ts";
import type { Workspace } from "../source/workspace.ts";
import type { ImportantLines } from "./lines.ts";

export interface FailedStep {
	argv: readonly string[];
	failure: Extract<ErrorCode, "install_failed" | "build_failed" | "test_failed">;
	result: SandboxResult;
	lines: ImportantLines;
	plan: Plan;
	/** The repository as it was cloned, where it can be had. */
	files: Workspace | null;
	limits: { memoryMb: number; timeoutMs: number; processes: number; outputMb: number; diskMb: number };
}

const stepOf: Readonly<Record<FailedStep["failure"], CauseStep>> = {
	install_failed: "install",
	build_failed: "build",
	test_failed: "test",
};

/** Says why a command of a plan failed: the known cause where a rule fits, else how it ended; always with the lines that matter. */
export async function explainStep({ argv, failure, result, lines, plan, files, limits }: FailedStep): Promise<WorkFailure> {
	const command = commandText(argv);
	if (result.reason === "aborted") return { code: "cancelled", message: `${command} was ended.`, command };
	const known = await findCause({
		step: stepOf[failure],
		command,
		exitCode: result.exitCode,
		end: result.reason,
		lines: lines.kept(),
		plan,
		files,
	});
	const limit = limitOf(command, result, limits, known?.id === "out_of_memory");
	const picked = lines.pick(known?.line ?? null);
	if (result.refused.length > 0) picked.push(`Not allowed: a connection to ${result.refused.slice(0, 3).join(", ")} (private network).`);
	return {
		code: limit?.code ?? known?.code ?? failure,
		message: limit && limit.code !== "stage_timeout" ? limit.message : (known?.message ?? limit?.message ?? plainEnd(command, result)),
		...(known && { action: known.action }),
		command,
		exitCode: result.exitCode,
		lines: picked.slice(-15),
		decisive: known?.line,
		cause: known?.id ?? limit?.cause,
		seen: known?.seen,
	};
}

/** A limit the run came up against, whatever it printed. */
function limitOf(
	command: string,
	{ reason, signal }: SandboxResult,
	{ memoryMb, timeoutMs, processes, outputMb, diskMb }: FailedStep["limits"],
	saidSo: boolean,
): { code: ErrorCode; message: string; cause: string } | null {
	if (saidSo || reason === "memory" || (reason === "exited" && signal === "SIGKILL"))
		return { code: "out_of_memory", message: `${command} used more than ${memoryMb} MB of memory.`, cause: "out_of_memory" };
	if (reason === "processes")
		return { code: "process_limit", message: `${command} started more than ${processes} processes at a time.`, cause: "process_limit" };
	if (reason === "output")
		return { code: "output_limit", message: `${command} printed more than ${outputMb} MB.`, cause: "too_much_output" };
	if (reason === "disk")
		return { code: "disk_limit", message: `${command} wrote more than ${diskMb / 1024} GB to the disk.`, cause: "disk_limit" };
	if (reason === "disk_full")
		return { code: "disk_full", message: `The disk is nearly full, so ${command} was ended.`, cause: "disk_full" };
	if (reason === "timeout")
		return {
			code: "stage_timeout",
			message: `${command} was ended after ${Math.round(timeoutMs / 1000)} s: the stage may not take longer.`,
			cause: "too_slow",
		};
	return null;
}

function plainEnd(command: string, { signal, exitCode }: SandboxResult): string {
	return `${command} ended with ${signal === null ? `exit code ${exitCode}` : `signal ${signal}`}.`;
}
