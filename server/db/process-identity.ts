import { readFile } from "node:fs/promises";
import { execa } from "execa";

/** A process that runs: its number alone says little, because numbers are used again. */
export interface ProcessIdentity {
	pid: number;
	/** When it started, in the clock of the system at hand; only good for comparing. */
	startedAt: string;
	/** Program and arguments, joined by spaces. */
	command: string;
}

/** Looks a process up; null when there is none, or only its zombie. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | null> {
	return process.platform === "linux" ? readProc(pid) : askPs(pid);
}

/** proc(5): the fields of `stat` after the name, which is in parentheses and may hold anything. */
async function readProc(pid: number): Promise<ProcessIdentity | null> {
	try {
		const [stat, commandLine] = await Promise.all([readFile(`/proc/${pid}/stat`, "utf8"), readFile(`/proc/${pid}/cmdline`, "utf8")]);
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		const [state, startedAt] = [fields[0], fields[19]];
		if (startedAt === undefined || state === "Z" || state === "X") return null;
		return { pid, startedAt, command: commandLine.split("\0").join(" ").trim() };
	} catch (error) {
		if (isGone(error)) return null;
		throw error;
	}
}

async function askPs(pid: number): Promise<ProcessIdentity | null> {
	const { stdout, exitCode } = await execa("ps", ["-ww", "-o", "stat=,lstart=,command=", "-p", String(pid)], {
		reject: false,
		env: { LC_ALL: "C" },
	});
	const match = /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/.exec(stdout);
	if (exitCode !== 0 || !match) return null;
	const [, state = "", startedAt = "", command = ""] = match;
	return state.startsWith("Z") ? null : { pid, startedAt, command: command.trim() };
}

function isGone(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === "ENOENT" || code === "ESRCH" || code === "EACCES";
}
