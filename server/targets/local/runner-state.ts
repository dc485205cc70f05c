import { readFile } from "node:fs/promises";
import { readProcess } from "../../exec/process-table.ts";

/** What is left on the disk about a runner, for a platform that starts after it. */
export interface RunnerState {
	pid: number;
	/** Start time of the process and boot of the machine: a pid alone is given out again. */
	startTime: string;
	boot: string;
	/** `running` until the runner has given the app up or was asked to end it. */
	phase: "running" | "crashed" | "stopped";
	exitCode: number | null;
}

/** Reads what a runner left; null when there is nothing readable. */
export async function readRunnerState(path: string): Promise<RunnerState | null> {
	try {
		return JSON.parse(await readFile(path, "utf8")) as RunnerState;
	} catch {
		return null;
	}
}

/** True while the very process that wrote the state is alive. */
export async function isAlive({ pid, startTime, boot }: RunnerState): Promise<boolean> {
	return boot === (await bootId()) && startTime !== "" && (await readProcess(pid))?.startTime === startTime;
}

/** Differs after every start of the machine; empty where the system does not tell. */
export async function bootId(): Promise<string> {
	return (await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "")).trim();
}
