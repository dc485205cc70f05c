import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface PlatformProcess {
	pid: number;
	serverPid: number;
	/** What it printed after the first line, so far. */
	printed: string[];
	/** Ends it by a signal and waits until it is gone and all it printed has arrived. */
	end(signal: NodeJS.Signals): Promise<void>;
}

export interface PlatformOptions {
	/** Script of this folder: holds the database, or writes to it as well. */
	script?: "platform-stub.ts" | "writer-stub.ts";
	args?: string[];
	/** User to run as; ourselves by default. */
	uid?: number;
}

/** Starts a process with the database of a home, and waits until that answers. */
export async function startPlatformProcess(home: string, options: PlatformOptions = {}): Promise<PlatformProcess> {
	const { script = "platform-stub.ts", args = [], uid } = options;
	const user = uid === undefined ? {} : { uid, gid: uid };
	const child = spawn(process.execPath, [join(import.meta.dirname, script), home, ...args], { ...user, stdio: ["ignore", "pipe", "pipe"] });
	let errors = "";
	child.stderr.on("data", (chunk) => {
		errors += chunk;
	});
	const lines = createInterface(child.stdout);
	const printed: string[] = [];
	const first = await Promise.race([
		once(lines, "line").then(([text]) => String(text)),
		once(child, "exit").then(([code]) => Promise.reject(new Error(`the platform ended with ${code}: ${errors}`))),
	]);
	lines.on("line", (line) => printed.push(line));
	const { pid, serverPid } = JSON.parse(first) as { pid: number; serverPid: number };
	return { pid, serverPid, printed, end: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const closed = once(child, "close");
	child.kill(signal);
	await closed;
}
