import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { identifyProcess, type ProcessIdentity } from "../process-identity.ts";
import type { Folders } from "./folders.ts";
import type { RunAs } from "./run-as.ts";

/** A Postgres server that runs, whether we started it or found it. */
export interface Postmaster {
	pid: number;
	/** True for one that an earlier, killed platform left running. */
	adopted: boolean;
	/** Settles when the process is gone. */
	exited: Promise<void>;
}

const fastShutdownMs = 6_000;
const immediateShutdownMs = 2_000;
const maxLogBytes = 1024 * 1024;

/** Starts a server in a session of its own, so that Ctrl-C in a terminal reaches the platform first, which then stops it in order. */
export async function launch(command: readonly string[], folders: Folders, user: RunAs | null): Promise<Postmaster> {
	const [program = "", ...args] = command;
	await rotateLog(folders.log);
	const log = await open(folders.log, "a", 0o600);
	try {
		const child = spawn(program, args, {
			...user,
			cwd: "/",
			env: { LC_ALL: "C", TZ: "UTC" } as unknown as NodeJS.ProcessEnv,
			detached: true,
			// A file and not a pipe: the server outlives a killed platform, and goes on writing.
			stdio: ["ignore", log.fd, log.fd],
		});
		const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
		await once(child, "spawn");
		child.unref();
		return { pid: child.pid ?? 0, adopted: false, exited };
	} finally {
		await log.close();
	}
}

/**
 * Deals with what an earlier platform left: a server that runs exactly as we would start it is adopted, another one (an older
 * version or other settings) is ended, and a pid file that belongs to nobody (a crash, a zombie, a number used again) is removed.
 */
export async function adopt(command: readonly string[], folders: Folders): Promise<Postmaster | null> {
	const pidFile = join(folders.data, "postmaster.pid");
	const pid = await readPid(pidFile);
	const found = pid === null ? null : await identifyProcess(pid);
	if (!found || !isServerOf(found, folders.data)) {
		// Postgres keeps two, and believes either as long as some process has the number in it.
		for (const stale of [pidFile, join(folders.socket, ".s.PGSQL.5432.lock")]) await rm(stale, { force: true });
		return null;
	}
	const orphan = { pid: found.pid, adopted: true, exited: waitForExit(found) };
	if (found.command === command.join(" ")) return orphan;
	await shutDown(orphan);
	return null;
}

/** Ends a server: orderly, and harder when that takes too long. Rows that were committed are safe either way. */
export async function shutDown(server: Postmaster): Promise<void> {
	const steps: [NodeJS.Signals, number][] = [
		["SIGINT", fastShutdownMs],
		["SIGQUIT", immediateShutdownMs],
		["SIGKILL", immediateShutdownMs],
	];
	for (const [signal, waitMs] of steps) {
		if (!send(server.pid, signal)) break;
		const timer = new AbortController();
		const gone = await Promise.race([server.exited.then(() => true), sleep(waitMs, false, { signal: timer.signal }).catch(() => true)]);
		timer.abort();
		if (gone) return;
	}
	await server.exited;
}

/** What the server wrote to its log since `offset`, at most the last 4 KB. */
export async function readLogSince(path: string, offset: number): Promise<string> {
	const text = await readFile(path, "utf8").catch(() => "");
	return Buffer.from(text).subarray(offset).subarray(-4096).toString("utf8").trim();
}

export async function logSize(path: string): Promise<number> {
	return stat(path).then(
		(found) => found.size,
		() => 0,
	);
}

async function rotateLog(path: string): Promise<void> {
	if ((await logSize(path)) > maxLogBytes) await rename(path, `${path}.1`);
}

/** First line of the file, see "postmaster.pid" in the PostgreSQL manual, chapter 66.1. */
async function readPid(path: string): Promise<number | null> {
	const text = await readFile(path, "utf8").catch(() => "");
	const pid = Number(text.split("\n", 1)[0]);
	return Number.isSafeInteger(pid) && pid > 1 ? pid : null;
}

function isServerOf(found: ProcessIdentity, data: string): boolean {
	const [program = "", ...rest] = found.command.split(" -D ");
	return program.endsWith("/postgres") && (rest.join(" -D ") === data || rest.join(" -D ").startsWith(`${data} `));
}

/** There is no event for the end of a process that is not our child. */
async function waitForExit(server: ProcessIdentity): Promise<void> {
	const isThere = async () => (await identifyProcess(server.pid))?.startedAt === server.startedAt;
	// Not being able to look (too many open files, say) is not the end of the server.
	while (await isThere().catch(() => true)) await sleep(200, undefined, { ref: false });
}

function send(pid: number, signal: NodeJS.Signals): boolean {
	try {
		return process.kill(pid, signal);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
		throw error;
	}
}
