import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** Servers have one core to themselves, clients the other. */
export const cores = { server: 0, client: 1 } as const;

export interface Pinned {
	readonly pid: number;
	/** Has the process carry out one of its commands; rejects with what went wrong there. */
	ask<T>(command: string, input?: object): Promise<T>;
	/** Ends it by a signal and waits until it is gone. */
	end(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `file` of this folder on one core, where there are two. Resolves once it answers. */
export async function startPinned(file: string, core: keyof typeof cores, ...args: string[]): Promise<Pinned> {
	const run = [process.execPath, "--expose-gc", join(import.meta.dirname, file), ...args];
	const [program = "", ...rest] = availableParallelism() > 1 ? ["taskset", "-c", String(cores[core]), ...run] : run;
	const child = spawn(program, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
	let asked = 0;
	const end = async (signal: NodeJS.Signals = "SIGTERM") => {
		if (child.exitCode !== null || child.signalCode !== null) return;
		const exited = once(child, "exit");
		child.kill(signal);
		await exited;
	};
	child.on("message", ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
		const asker = waiting.get(id);
		waiting.delete(id);
		if (error === undefined) asker?.resolve(value);
		else asker?.reject(new Error(`${file}: ${error}`));
	});
	child.once("exit", (code, signal) => {
		for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${signal ?? code}`));
	});
	const ask = <T>(command: string, input: object = {}) =>
		new Promise<T>((resolve, reject) => {
			waiting.set(++asked, { resolve: (value) => resolve(value as T), reject });
			child.send({ id: asked, command, input }, (error) => error && reject(error));
		});
	await ready(child, file);
	return { pid: child.pid ?? 0, ask, end };
}

async function ready(child: ChildProcess, file: string): Promise<void> {
	const [first] = await Promise.race([
		once(child, "message"),
		once(child, "exit").then(([code]) => Promise.reject(new Error(`${file} ended with ${code} before it was ready`))),
	]);
	if (first !== "ready") throw new Error(`${file} said ${JSON.stringify(first)} first`);
}

type Commands = Readonly<Record<string, (input: never) => unknown>>;

/** In the started process: carries out commands, and says that it can. */
export function carryOut(commands: Commands): void {
	process.on("message", async ({ id, command, input }: { id: number; command: string; input: never }) => {
		try {
			process.send?.({ id, value: await commands[command]?.(input) });
		} catch (error) {
			process.send?.({ id, error: String((error as Error).stack ?? error) });
		}
	});
	process.once("disconnect", () => process.exit(0));
	process.send?.("ready");
}

/** Monotonic time in ms, the same in all processes of a machine. */
export const clockMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export interface Memory {
	/** Heap and what it holds outside of it, after a collection. */
	heapBytes: number;
	rssBytes: number;
}

export function measureMemory(): Memory {
	for (let n = 0; n < 3; n++) globalThis.gc?.();
	const { heapUsed, external, rss } = process.memoryUsage();
	return { heapBytes: heapUsed + external, rssBytes: rss };
}
