import { execFile } from "node:child_process";
import { chmod, lchown, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { AppError } from "../../lib/errors.ts";
import type { Resolve } from "./egress-check.ts";
import { closedFolder, fillFolder, firstProgram, reachableNode, rootEntries } from "./folder.ts";
import { describeGroups, findGroups } from "./groups.ts";
import { endTree } from "./kill.ts";
import type { SandboxHost } from "./layout.ts";
import { probeSandbox } from "./probe.ts";
import { readProcess } from "./process-table.ts";
import { runToEnd } from "./run.ts";
import type { KillProof, Sandbox } from "./sandbox.ts";
import { syscallFilter } from "./syscall-filter.ts";
import { markedTree } from "./tree.ts";

const execute = promisify(execFile);

export interface SandboxOptions {
	/** `QUAYSIDE_HOME`; a folder `sandbox` is made in it. */
	home: string;
	/** `none` only where an administrator allowed it. */
	isolation: "bubblewrap" | "none";
	/** Node binary that runs the sandbox's own small programs. */
	nodePath: string;
	/** PEM file of additional certificate authorities. */
	extraCaFile: string | null;
	log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
	/** For tests of the egress proxy. */
	resolve?: Resolve;
	/** Free space on the disk below which runs are ended; by default a twentieth of it, a gigabyte at most. */
	reserveBytes?: number;
}

export interface OpenSandbox extends Sandbox {
	/** Why runs cannot be carried out as asked here, in plain words; null when they can. */
	readonly problem: string | null;
	/** What a detached runner needs to start an app as `run` would (`launch`, `endTree`). Plain JSON. */
	readonly host: SandboxHost;
	/** Makes a folder, if it is not there, and gives it with all it holds to the user that runs are carried out as. */
	prepareWritable(dir: string): Promise<void>;
}

/** User of foreign code where the platform is root: nobody's on any distribution, and outside the ranges systemd gives out. */
const sandboxUser = { uid: 61_184, gid: 61_184 };
const folderName = "sandbox";

/**
 * Finds out how runs can be confined here and prepares it. Never throws for a machine that cannot: `problem` says why, and
 * every run throws `sandbox_unavailable`.
 */
export async function openSandbox(options: SandboxOptions): Promise<OpenSandbox> {
	const { isolation, log } = options;
	let host = await prepareHost(options);
	let problem = await findProblem(host);
	if (problem && host.filtersCalls && /seccomp/i.test(problem)) {
		host = { ...host, filtersCalls: false };
		problem = await findProblem(host);
	}
	if (!host.filtersCalls && isolation === "bubblewrap")
		log.warn({}, "system calls cannot be filtered here: projects are confined, but more of the kernel is open to them");
	if (!host.prlimit)
		log.warn({}, "prlimit (util-linux) is missing: the size of files and the number of processes are bounded less strictly");
	const groups = describeGroups(host.groups ?? null);
	if (problem) log.warn({ problem }, "builds cannot be isolated");
	else log.info({ isolation, user: host.user, groups }, isolation === "none" ? "builds run without isolation" : "builds run in bubblewrap");

	return {
		isolation,
		problem,
		host,
		async run(run) {
			if (problem) throw new AppError("sandbox_unavailable", { message: `Builds cannot be isolated on this machine: ${problem}.` });
			return runToEnd(host, run, { resolve: options.resolve, reserveBytes: options.reserveBytes });
		},
		endMarked: (mark) => endMarked(mark),
		prepareWritable: (dir) => prepareWritable(host, dir),
	};
}

/** Ends every process that carries the mark and proves it: TERM first when `graceMs` is given, else KILL at once. */
export async function endMarked(mark: string, graceMs = 0): Promise<KillProof> {
	return endTree(markedTree(mark), graceMs);
}

/** Makes a folder and gives it, with all it holds, to the user of foreign code. Links are not followed. */
export async function prepareWritable(host: SandboxHost, dir: string): Promise<void> {
	await mkdir(dir, { recursive: true });
	if (!host.user) return;
	const { uid, gid } = host.user;
	// Most are new. A program takes some 15 ms to start, and follows no link that is put there meanwhile.
	if ((await readdir(dir)).length === 0) await lchown(dir, uid, gid);
	else await execute("chown", ["-hR", `${uid}:${gid}`, "--", dir]);
}

async function prepareHost({ home, isolation, nodePath, extraCaFile }: SandboxOptions): Promise<SandboxHost> {
	const user = process.getuid?.() === 0 ? sandboxUser : null;
	const folder = join(home, folderName);
	await fillFolder(folder, extraCaFile);
	// The sandbox user must be able to pass through the home, not to look around in it.
	if (user) await chmod(home, (await stat(home)).mode | 0o001);
	const bwrap = (await firstProgram(["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"])) ?? "bwrap";
	return {
		isolation,
		bwrap,
		prlimit: await firstProgram(["/usr/bin/prlimit", "/bin/prlimit"]),
		folder,
		node: await reachableNode(folder, nodePath, user !== null),
		extraCa: extraCaFile !== null,
		user,
		roots: await rootEntries(),
		disableUserns: await knowsOption(bwrap, "--disable-userns"),
		hardLimits: await readHardLimits(),
		groups: await findGroups(),
		filtersCalls: isolation === "bubblewrap" && syscallFilter() !== null,
	};
}

async function findProblem(host: SandboxHost): Promise<string | null> {
	if ((await readProcess(process.pid)) === null)
		return "this system does not tell which processes are running (no /proc), so none could be ended for sure";
	const closed = host.user && (await closedFolder(host.folder));
	if (closed) return `the system user that runs builds cannot enter ${closed} (put QUAYSIDE_HOME where it can)`;
	return host.isolation === "none" ? null : probeSandbox(host);
}

async function knowsOption(program: string, option: string): Promise<boolean> {
	const { stdout } = await execute(program, ["--help"]).catch(() => ({ stdout: "" }));
	return stdout.includes(option);
}

async function readHardLimits(): Promise<SandboxHost["hardLimits"]> {
	const text = await readFile("/proc/self/limits", "utf8").catch(() => "");
	const hard = (name: string) => {
		const value = new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, "m").exec(text)?.[1];
		return value ? Number(value) : Number.MAX_SAFE_INTEGER;
	};
	return { files: hard("Max open files"), processes: hard("Max processes") };
}
