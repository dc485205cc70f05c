import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { constants, getPriority, setPriority } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { AppError } from "../../lib/errors.ts";
import { bareCommand, bareSettings } from "./bare.ts";
import { bubblewrapCommand } from "./bubblewrap.ts";
import { type Command, confinedSettings, filterFd, type InitSettings } from "./command.ts";
import type { Resolve } from "./egress-check.ts";
import { type EgressProxy, startEgressProxy } from "./egress-proxy.ts";
import { openGroup, type RunGroup } from "./groups.ts";
import { type Ingress, openIngress } from "./ingress.ts";
import { endTree } from "./kill.ts";
import { files, type SandboxHost } from "./layout.ts";
import { type ProcessEntry, readProcess } from "./process-table.ts";
import { openReport, type Report } from "./report.ts";
import type { SandboxRun } from "./sandbox.ts";
import { bareTree, sandboxTree, type Tree } from "./tree.ts";

/** How long output is waited for after the command has ended. */
const drainMs = 2_000;

export type Launch = Pick<SandboxRun, "mark" | "argv" | "cwd" | "mounts" | "env" | "network"> & {
	limits: Pick<SandboxRun["limits"], "memoryMb" | "processes" | "fileMb" | "diskMb">;
};

export interface LaunchOptions {
	/**
	 * Makes the app on this port of the sandbox reachable at a Unix socket of the host. The folder must exist; nothing in the
	 * sandbox sees it. A socket that is already there is replaced.
	 */
	ingress?: { socketPath: string; port: number };
	/** Called for every chunk as it arrives, perhaps before `launch` has resolved. While an answered promise waits, nothing more is read. */
	onOutput: (chunk: Buffer, from: "stdout" | "stderr") => void | Promise<void>;
	/** Bytes for standard input, which is empty and closed otherwise. */
	stdin?: string;
	/** Parent of the run's own folder, for a run that outlives the platform: the sandbox's is emptied when the platform starts. */
	runsDir?: string | undefined;
	/** Part of the processor it gets when others want it too: a build waits for people, not people for a build. */
	priority: Priority;
	/** For tests of the proxy. */
	resolve?: Resolve | undefined;
}

/** A build goes behind a running app, and that behind the platform itself; none of them starves. */
export type Priority = "build" | "app";

/** Niceness, and share of the processor where groups can be made. */
const priorities: Readonly<Record<Priority, { nice: number; share: number }>> = {
	build: { nice: 10, share: 1 / 16 },
	app: { nice: 2, share: 3 / 4 },
};

export interface Outcome {
	/** As a shell reports it: 128 + n when signal n ended the command; null when the sandbox itself was killed. */
	exitCode: number | null;
	/** The signal that ended the command or its sandbox, when one did. */
	signal: NodeJS.Signals | null;
}

export interface Launched {
	child: ChildProcess;
	/** Resolves when the command has ended. */
	outcome: Promise<Outcome>;
	/** Resolves when all output has arrived, or two seconds after the last of it was taken: something may still hold the pipe. */
	drained(): Promise<void>;
	tree: Tree;
	/** True once the command itself has run, and not only the sandbox around it. */
	began(): boolean;
	/** Destinations the egress proxy refused. */
	refused(): string[];
	/** True when the kernel ended a process of the run because it had no memory left. */
	ranOutOfMemory(): Promise<boolean>;
	/** Ends the proxy and removes the run's folder; to be called when the tree is gone. */
	close(): Promise<void>;
}

/** Starts a command in its sandbox, with its own way out and, for an app, a way in. Throws `sandbox_unavailable`, `disk_full`. */
export async function launch(host: SandboxHost, run: Launch, options: LaunchOptions): Promise<Launched> {
	const id = randomBytes(8).toString("hex");
	const runDir = join(options.runsDir ?? join(host.folder, files.runs), id);
	let proxy: EgressProxy | null = null;
	let ingress: Ingress | null = null;
	let tree: Tree | null = null;
	let group: RunGroup | null = null;
	try {
		await mkdir(runDir, { mode: 0o711 });
		const password = randomBytes(24).toString("hex");
		proxy = await openEgress(host, run, runDir, password, options.resolve);
		ingress = options.ingress ? await openIngress(options.ingress.socketPath, id) : null;
		const port = options.ingress?.port ?? null;
		const [command, settings] =
			host.isolation === "bubblewrap"
				? [bubblewrapCommand(host, { ...run, id, egressDir: proxy ? runDir : null }), confinedSettings(host, run, port)]
				: [
						bareCommand(host, run.mark),
						bareSettings(host, run, { mounts: run.mounts, runDir }, proxy && `http://quayside:${password}@127.0.0.1:${proxy.port}`, port),
					];
		group = await openGroup(host.groups ?? null, id, run.limits, priorities[options.priority].share);
		const { report, ...started } = await start(command, settings, ingress?.fd ?? "ignore", group, options);
		tree = host.isolation === "none" ? bareTree(started.child.pid ?? null, run.mark) : sandboxTree(started.self, id, report.namespace);
		await ingress?.publish();
		return {
			...started,
			tree,
			began: () => host.isolation === "none" || report.commandEnded(),
			refused: () => proxy?.refused() ?? [],
			ranOutOfMemory: async () => group?.ranOutOfMemory() ?? false,
			async close() {
				started.child.stdout?.destroy();
				started.child.stderr?.destroy();
				await close();
			},
		};
	} catch (error) {
		if (tree) await endTree(tree, 0);
		await ingress?.withdraw();
		await close();
		throw explained(error);
	}

	async function close(): Promise<void> {
		await proxy?.close();
		await group?.close();
		await rm(runDir, { recursive: true, force: true });
	}
}

async function openEgress(
	host: SandboxHost,
	run: Launch,
	runDir: string,
	password: string,
	resolve?: Resolve,
): Promise<EgressProxy | null> {
	if (host.isolation === "none" && host.user) await chown(runDir, host.user.uid, host.user.gid);
	if (run.network.mode === "none") return null;
	const { policy } = run.network;
	if (host.isolation === "none") return startEgressProxy({ policy, listen: { password }, resolve });
	const socketPath = join(runDir, "egress.sock");
	const proxy = await startEgressProxy({ policy, listen: { socketPath }, resolve });
	if (host.user) await chown(socketPath, host.user.uid, host.user.gid);
	await chmod(socketPath, 0o600);
	return proxy;
}

interface Started extends Pick<Launched, "child" | "outcome" | "drained"> {
	/** The process as the machine knows it; null when it has ended already. */
	self: ProcessEntry | null;
	report: Report;
}

async function start(
	command: Command,
	settings: InitSettings,
	ingress: number | "ignore",
	group: RunGroup | null,
	options: LaunchOptions,
): Promise<Started> {
	const { stdin, onOutput } = options;
	const child: ChildProcess = spawn(command.file, [...command.args], {
		...(command.user ?? {}),
		env: command.env as NodeJS.ProcessEnv,
		cwd: "/",
		detached: true,
		stdio: [
			stdin === undefined ? "ignore" : "pipe",
			"pipe",
			"pipe",
			command.options ? "pipe" : "ignore",
			"pipe",
			"pipe",
			ingress,
			command.filter ? "pipe" : "ignore",
		],
	});
	const pipes = child.stdio as readonly (Readable | Writable | null)[];
	// All are listened to from the first moment on: Node throws away what a child that has ended had said to nobody.
	const held = new Set<Promise<void>>();
	for (const from of ["stdout", "stderr"] as const) listenTo(child[from], (chunk) => onOutput(chunk, from), held);
	const report = openReport();
	listenTo(pipes[5] as Readable | null, report.take);
	const outcome = new Promise<Outcome>((resolve) => child.once("exit", (code, signal) => resolve(outcomeOf(code, signal))));
	const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
	const spawned = new Promise<void>((resolve, reject) => {
		child.on("error", reject);
		child.once("spawn", () => resolve());
	});
	// A program that is not there has no pid; the error comes a little later.
	spawned.catch(() => {});
	// It waits for its options: by the time it starts anything it is where it belongs, and so is all that comes of it.
	if (child.pid !== undefined) {
		lowerPriority(child.pid, priorities[options.priority].nice);
		await group?.add(child.pid);
	}
	if (stdin !== undefined) send(child.stdin, Buffer.from(stdin));
	if (command.options) send(pipes[3] as Writable | null, command.options);
	if (command.filter) send(pipes[filterFd] as Writable | null, command.filter);
	send(pipes[4] as Writable | null, Buffer.from(JSON.stringify(settings)));
	await spawned;
	const drained = async (): Promise<void> => {
		const isClosed = closed.then(() => true);
		while (!(await Promise.race([isClosed, delay(drainMs, false, { ref: false })]))) {
			// Whoever takes the output is slow, not the pipe.
			if (held.size === 0) return;
			await Promise.race([closed, ...held]);
		}
	};
	return { child, outcome, drained, report, self: await readProcess(child.pid ?? 0) };
}

function lowerPriority(pid: number, nice: number): void {
	try {
		setPriority(pid, Math.min(constants.priority.PRIORITY_LOW, getPriority() + nice));
	} catch {
		// It has ended already, or this system does not let us: it runs as anybody does.
	}
}

const signalNames = Object.entries(constants.signals) as [NodeJS.Signals, number][];

function outcomeOf(exitCode: number | null, sandboxSignal: NodeJS.Signals | null): Outcome {
	const signal = signalNames.find(([, number]) => exitCode === 128 + number)?.[0];
	return { exitCode, signal: signal ?? sandboxSignal };
}

function send(pipe: Writable | null, bytes: Buffer): void {
	// A reader that has ended early says why on its standard error.
	pipe?.on("error", () => {});
	pipe?.end(bytes);
}

/** `held` holds what the stream waits for at the moment. */
function listenTo(stream: Readable | null, hear: (chunk: Buffer) => void | Promise<void>, held = new Set<Promise<void>>()): void {
	stream?.on("error", () => {});
	stream?.on("data", (chunk: Buffer) => {
		const heard = hear(chunk);
		if (!heard) return;
		stream.pause();
		const goingOn = heard.finally(() => {
			held.delete(goingOn);
			stream.resume();
		});
		held.add(goingOn);
	});
}

function explained(error: unknown): AppError {
	const code = (error as NodeJS.ErrnoException).code ?? "";
	if (code === "ENOSPC" || code === "EDQUOT") return new AppError("disk_full", { cause: error });
	return new AppError("sandbox_unavailable", { cause: error, detail: String(error) });
}
