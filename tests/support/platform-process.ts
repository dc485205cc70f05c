import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface PlatformProcess {
	pid: number;
	serverPid: number;
	/** Ends it by a signal and waits until it is gone. */
	end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `platform-stub.ts` on a home, as another user where one is given, and waits until its database answers. */
export async function startPlatformProcess(home: string, uid?: number): Promise<PlatformProcess> {
	const user = uid === undefined ? {} : { uid, gid: uid };
	const script = join(import.meta.dirname, "platform-stub.ts");
	const child = spawn(process.execPath, [script, home], { ...user, stdio: ["ignore", "pipe", "pipe"] });
	let errors = "";
	child.stderr.on("data", (chunk) => {
		errors += chunk;
	});
	const line = await Promise.race([
		once(createInterface(child.stdout), "line").then(([text]) => String(text)),
		once(child, "exit").then(([code]) => Promise.reject(new Error(`the platform ended with ${code}: ${errors}`))),
	]);
	const { pid, serverPid } = JSON.parse(line) as { pid: number; serverPid: number };
	return { pid, serverPid, end: (signal) => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill(signal);
	await once(child, "exit");
}
