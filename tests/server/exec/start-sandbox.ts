import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chown, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KillProof, SandboxResult, SandboxRun } from "#server/exec/sandbox.ts";

type SentRun = Omit<SandboxRun, "signal" | "onOutput">;

export interface ToProcess {
	id: number;
	run?: SentRun;
	abort?: boolean;
	prepare?: string;
	endMarked?: string;
}

export interface FromProcess {
	id: number;
	ready?: { problem: string | null; user: { uid: number; gid: number } | null; uid: number };
	output?: string;
	from?: "stdout" | "stderr";
	result?: SandboxResult;
	proof?: KillProof;
	prepared?: boolean;
	error?: { code: string; message: string };
}

export interface Ran {
	result: SandboxResult;
	stdout: string;
	stderr: string;
}

export interface RunningTest {
	mark: string;
	done: Promise<Ran>;
	/** Resolves when standard output has held this text. */
	said(text: string): Promise<void>;
	abort(): void;
}

/** A sandbox opened by a process of its own, under the user the tests ask for. */
export interface TestSandbox {
	home: string;
	workspace: string;
	problem: string | null;
	process: ChildProcess;
	/** Starts a shell script, or a command, in `/workspace`. */
	start(command: string | string[], changes?: RunChanges): RunningTest;
	run(command: string | string[], changes?: RunChanges): Promise<Ran>;
	endMarked(mark: string): Promise<KillProof>;
	/** Makes a folder that runs may write to. */
	prepare(dir: string): Promise<void>;
	stop(): Promise<void>;
}

export type RunChanges = Partial<Omit<SentRun, "limits">> & { limits?: Partial<SandboxRun["limits"]> };

/** Whom the tests run the platform as: themselves, and, when that is root, an ordinary user as well. */
export const platformUsers = process.getuid?.() === 0 ? (["root", "ordinary user"] as const) : (["ordinary user"] as const);
const ordinary = { uid: 61_999, gid: 61_999 };

export const limits: SandboxRun["limits"] = { memoryMb: 1024, processes: 256, fileMb: 64, timeoutMs: 15_000, outputBytes: 1_000_000 };

export async function startSandbox(
	user: (typeof platformUsers)[number],
	isolation: "bubblewrap" | "none" = "bubblewrap",
	options: { reserveBytes?: number } = {},
): Promise<TestSandbox> {
	const home = await mkdtemp(join(tmpdir(), "quayside-exec-"));
	const other = user === "ordinary user" && process.getuid?.() === 0 ? ordinary : null;
	if (other) await chown(home, other.uid, other.gid);
	// A descriptor like those that editors and terminals leak into what they start.
	const leaked = await open(home, "r");
	const child = fork(join(import.meta.dirname, "sandbox-process.ts"), [home, isolation, String(options.reserveBytes ?? "")], {
		...other,
		execArgv: [],
		stdio: ["ignore", "inherit", "inherit", "ipc", ...Array<"ignore">(40).fill("ignore"), leaked.fd],
	});
	await leaked.close();
	const listeners = new Map<number, (message: FromProcess) => void>();
	child.on("message", (message: FromProcess) => listeners.get(message.id)?.(message));
	const ready = await new Promise<NonNullable<FromProcess["ready"]>>((resolve, reject) => {
		child.once("exit", (code) => reject(new Error(`the sandbox process ended with ${code}`)));
		listeners.set(0, ({ ready }) => ready && resolve(ready));
	});
	const workspace = join(home, "workspace");
	let lastId = 0;
	await ask({ prepare: workspace });

	function ask(message: Omit<ToProcess, "id">): Promise<FromProcess> {
		lastId += 1;
		const id = lastId;
		return new Promise((resolve, reject) => {
			listeners.set(id, (answer) =>
				answer.error ? reject(Object.assign(new Error(answer.error.message), answer.error)) : resolve(answer),
			);
			child.send({ id, ...message });
		});
	}

	function start(command: string | string[], changes: RunChanges = {}): RunningTest {
		lastId += 1;
		const id = lastId;
		const output = { stdout: "", stderr: "" };
		const waiting: { text: string; resolve: () => void }[] = [];
		const run: SentRun = {
			mark: randomUUID(),
			argv: typeof command === "string" ? ["/bin/sh", "-c", command] : command,
			cwd: "/workspace",
			mounts: [{ host: workspace, inside: "/workspace", writable: true }],
			env: {},
			network: { mode: "none" },
			...changes,
			limits: { ...limits, ...changes.limits },
		};
		const done = new Promise<Ran>((resolve, reject) => {
			listeners.set(id, ({ output: text, from, result, error }) => {
				if (error) reject(Object.assign(new Error(error.message), error));
				if (result) resolve({ result, stdout: decoded(output.stdout), stderr: decoded(output.stderr) });
				if (text === undefined || !from) return;
				output[from] += text;
				for (const one of waiting) if (output.stdout.includes(one.text)) one.resolve();
			});
		});
		done.catch(() => {});
		child.send({ id, run } satisfies ToProcess);
		return {
			mark: run.mark,
			done,
			said: (text) =>
				new Promise((resolve, reject) => {
					waiting.push({ text, resolve });
					if (output.stdout.includes(text)) resolve();
					done.then((ran) => reject(new Error(`it ended without saying ${text}: ${JSON.stringify(ran)}`)), reject);
				}),
			abort: () => void child.send({ id, abort: true } satisfies ToProcess),
		};
	}

	return {
		home,
		workspace,
		problem: ready.problem,
		process: child,
		start,
		run: (command, changes) => start(command, changes).done,
		async endMarked(mark) {
			const { proof } = await ask({ endMarked: mark });
			if (!proof) throw new Error("no proof");
			return proof;
		},
		async prepare(dir) {
			await ask({ prepare: dir });
		},
		async stop() {
			const gone = new Promise((resolve) =>
				child.exitCode === null && child.signalCode === null ? child.once("exit", resolve) : resolve(null),
			);
			child.kill("SIGKILL");
			await gone;
			await rm(home, { recursive: true, force: true });
		},
	};
}

/** Output crosses between the processes byte by byte: a character may be cut in two by a chunk's end. */
function decoded(bytes: string): string {
	return Buffer.from(bytes, "latin1").toString();
}
