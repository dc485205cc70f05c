import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { access, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const startTimeoutMs = 90_000;
const stopTimeoutMs = 20_000;
const keptLines = 300;

/** The real production server as a process of its own, on a home and a port of its own. */
export interface Platform {
	/** `http://localhost:<port>`. */
	readonly url: string;
	readonly port: number;
	readonly home: string;
	/** Admin API token. */
	readonly token: string;
	readonly admin: { email: string; password: string };
	/** Process id of the server that runs now. */
	readonly pid: number;
	/** From spawn to the ready line of the last start, in ms. */
	readonly readyMs: number;
	/** The newest lines the server printed, over all its starts. */
	output(): string;
	/** One request with the admin token. */
	fetch(path: string, init?: RequestInit): Promise<Response>;
	/** SIGKILL to the server alone; resolves once it is gone. */
	kill9(): Promise<void>;
	/** Starts again on the same home and port, after a graceful stop where the server still runs. */
	restart(): Promise<void>;
	/** Ends the server, its database and the apps it started, and removes the home. */
	stop(): Promise<void>;
}

export interface PlatformOptions {
	/** Added to the environment; null takes a variable away. */
	env?: Readonly<Record<string, string | null>>;
	port?: number;
	/** How it is started; `node server/main.ts` by default. */
	command?: readonly [string, ...string[]];
}

/** Starts the server of this checkout, which must have been built, and resolves when it is ready. */
export async function startPlatform(options: PlatformOptions = {}): Promise<Platform> {
	await access(join(checkout, ".next", "BUILD_ID")).catch(() => {
		throw new Error("The pages are not built: run `npm run build` first.");
	});
	const home = await mkdtemp(join(tmpdir(), "quayside-home-"));
	const port = options.port ?? (await freePort());
	const token = randomBytes(24).toString("hex");
	const admin = { email: "admin@example.com", password: "correct horse battery staple" };
	const env = environment({
		PORT: String(port),
		QUAYSIDE_HOME: home,
		QUAYSIDE_TOKEN: token,
		QUAYSIDE_ADMIN_EMAIL: admin.email,
		QUAYSIDE_ADMIN_PASSWORD: admin.password,
		QUAYSIDE_ALLOW_PRIVATE_GIT: "1",
		...options.env,
	});

	const lines: string[] = [];
	let server: ChildProcess;
	let readyMs = 0;

	const start = async () => {
		const began = performance.now();
		const [program, ...args] = options.command ?? [process.execPath, "server/main.ts"];
		server = spawn(program, args, { cwd: checkout, env, stdio: ["ignore", "pipe", "pipe"] });
		await ready(server, lines);
		readyMs = performance.now() - began;
	};
	const kill = async (signal: NodeJS.Signals, withinMs: number) => {
		if (server.exitCode !== null || server.signalCode !== null) return;
		const exited = once(server, "exit", { signal: AbortSignal.timeout(withinMs) });
		server.kill(signal);
		await exited;
	};
	const stop = async () => {
		try {
			await kill("SIGTERM", stopTimeoutMs);
		} finally {
			await stopApps(env);
			await endEverythingOf(home);
			await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
		}
	};

	try {
		await start();
	} catch (error) {
		await stop().catch(() => {});
		throw error;
	}
	return {
		url: `http://localhost:${port}`,
		port,
		home,
		token,
		admin,
		get pid() {
			return server.pid ?? 0;
		},
		get readyMs() {
			return readyMs;
		},
		output: () => lines.join("\n"),
		fetch: (path, init = {}) =>
			fetch(`http://127.0.0.1:${port}${path}`, {
				...init,
				headers: { authorization: `Bearer ${token}`, ...Object.fromEntries(new Headers(init.headers)) },
			}),
		kill9: () => kill("SIGKILL", stopTimeoutMs),
		restart: async () => {
			await kill("SIGTERM", stopTimeoutMs);
			await start();
		},
		stop,
	};
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	await once(server, "close");
	if (!address || typeof address === "string") throw new Error("no port");
	return address.port;
}

/** Ids of all processes of one platform: those that name its home in their command line, and the runners of apps, which work in it. */
export async function processesOf(home: string): Promise<number[]> {
	const found: number[] = [];
	for (const entry of await readdir("/proc")) {
		if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
		const folder = await readlink(`/proc/${entry}/cwd`).catch(() => "");
		if (folder.startsWith(`${home}/`) || (await commandOf(Number(entry))).includes(home)) found.push(Number(entry));
	}
	return found;
}

/** The command line of a process, empty when it is gone. */
export async function commandOf(pid: number): Promise<string> {
	const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
	return command.replaceAll("\0", " ").trim();
}

/** Apps outlive the server, so that their runners are asked to end them. */
async function stopApps(env: NodeJS.ProcessEnv): Promise<void> {
	const script = spawn(process.execPath, ["scripts/apps-stop.mjs"], { cwd: checkout, env, stdio: "ignore" });
	await once(script, "exit");
}

async function endEverythingOf(home: string): Promise<void> {
	for (let round = 0; round < 50; round++) {
		const left = await processesOf(home);
		if (left.length === 0) return;
		for (const pid of left) {
			try {
				process.kill(pid, round < 20 ? "SIGTERM" : "SIGKILL");
			} catch {
				// It ended in the meantime.
			}
		}
		await delay(100);
	}
	throw new Error(`Processes of ${home} survived: ${(await processesOf(home)).join(", ")}`);
}

/** Nothing of the shell's own Quayside settings may leak into a test. */
function environment(settings: Readonly<Record<string, string | null>>): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(
		([name]) => !/^(QUAYSIDE_|PORT$|HOST$|DATABASE_URL$|PREVIEW_DOMAIN$|VITEST)/.test(name),
	);
	const set = Object.entries(settings).filter((entry): entry is [string, string] => entry[1] !== null);
	return { ...Object.fromEntries(inherited), NODE_ENV: "production", ...Object.fromEntries(set) };
}

/** Resolves at the ready line; rejects with what the server said when it ends or is silent for too long. */
function ready(server: ChildProcess, lines: string[]): Promise<void> {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => giveUp("was not ready in time"), startTimeoutMs);
		const giveUp = (what: string) => {
			clearTimeout(timer);
			reject(new Error(`The server ${what}. It said:\n${lines.slice(-40).join("\n")}`));
		};
		for (const stream of [server.stdout, server.stderr]) {
			if (!stream) continue;
			createInterface({ input: stream }).on("line", (line) => {
				lines.push(line);
				if (lines.length > keptLines) lines.shift();
				if (!line.includes("Quayside is ready on ")) return;
				clearTimeout(timer);
				resolve();
			});
		}
		server.once("error", (error) => giveUp(`did not start: ${error.message}`));
		server.once("exit", (code, signal) => giveUp(`ended with ${signal ?? code}`));
	});
}
