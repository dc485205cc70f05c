import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "#tests/support/platform.ts";
import { findProgram } from "../../scripts/system-packages.mjs";

export interface Place {
	/** Everything the proxy writes is in here. */
	folder: string;
	/** Where it listens on 127.0.0.1, and the port of what it stands before. */
	port: number;
	upstream: number;
}

/** How a proxy of a distribution is started in the foreground, with a configuration of its own. */
export interface ProxySetup {
	program: string;
	/** The configuration, which is written to `config` in the folder. */
	config(place: Place): string;
	args(place: Place & { config: string }): string[];
}

export interface RunningProxy {
	origin: string;
	stop(): Promise<void>;
}

const startTimeoutMs = 20_000;
/** Some wait for their open connections, of which there is no need here. */
const stopTimeoutMs = 500;

/** Path of a proxy's program, null where it is not installed. */
export function findProxy(program: string): Promise<string | null> {
	return findProgram(program);
}

/** Starts a proxy on a free port, and resolves once it listens. It is a child of ours and ends with `stop`. */
export async function startProxy(setup: ProxySetup, upstream: number): Promise<RunningProxy> {
	const program = await findProxy(setup.program);
	if (!program) throw new Error(`${setup.program} is not installed`);
	const folder = await mkdtemp(join(tmpdir(), "quayside-proxy-"));
	// Some of them give up root for a user of their own, who writes here as well.
	await chmod(folder, 0o777);
	const place = { folder, port: await freePort(), upstream };
	const config = join(folder, "config");
	await writeFile(config, setup.config(place));
	const output: string[] = [];
	const child = spawn(program, setup.args({ ...place, config }), {
		cwd: folder,
		env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
		stdio: ["ignore", "pipe", "pipe"],
		// A group of its own, so that its workers end with it.
		detached: true,
	});
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));
	const stop = async () => {
		await end(child);
		await rm(folder, { recursive: true, force: true });
	};
	try {
		await listening(child, place.port);
	} catch (error) {
		const log = await readFile(join(folder, "error.log"), "utf8").catch(() => "");
		await stop();
		throw new Error(`${setup.program} did not start: ${(error as Error).message}\n${output.join("")}${log}`);
	}
	return { origin: `http://127.0.0.1:${place.port}`, stop };
}

async function listening(child: ChildProcess, port: number): Promise<void> {
	const deadline = Date.now() + startTimeoutMs;
	while (Date.now() < deadline) {
		if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
		if (await accepts(port)) return;
		await delay(50);
	}
	throw new Error(`nothing listens on ${port}`);
}

function accepts(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(port, "127.0.0.1");
		socket.once("connect", () => resolve(true));
		socket.once("error", () => resolve(false));
		socket.once("connect", () => socket.destroy());
	});
}

async function end(child: ChildProcess): Promise<void> {
	const { pid } = child;
	if (pid === undefined) return;
	if (child.exitCode === null && child.signalCode === null) {
		const exited = once(child, "exit");
		child.kill("SIGTERM");
		const timer = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
		await exited;
		clearTimeout(timer);
	}
	try {
		process.kill(-pid, "SIGKILL");
	} catch {
		// No worker is left.
	}
}
