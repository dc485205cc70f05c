import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { AppError, isAppError } from "#lib/errors.ts";
import { databaseDiskFull, isConnectionBroken, isDiskFull } from "../broken.ts";
import { type ConnectionConfig, closeClient, openClient } from "../connection.ts";
import { initFailure } from "./cluster.ts";
import type { Folders } from "./folders.ts";
import { adopt, launch, logSize, type Postmaster, readLogSince, shutDown } from "./postmaster.ts";
import type { RunAs } from "./run-as.ts";

export interface Supervision {
	command: readonly string[];
	folders: Folders;
	user: RunAs | null;
	connection: ConnectionConfig;
	log: Logger;
}

const firstStartTries = 5;
/** Recovery after a crash is bounded by settings; this is for a very slow disk. */
const readyTimeoutMs = 120_000;
const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A server that lived this long was well, and the next pause is short again; one that dies sooner waits for up to a second. */
const wellAfterMs = 5_000;
const crashLoopPauseMs = 1_000;

export interface SupervisedServer {
	/** Null while it is being started again. */
	pid(): number | null;
	/** Why the last try to start it again failed; null once it is back. */
	problem(): AppError | null;
	stop(): Promise<void>;
}

/** Starts a server, waits until it answers, and from then on starts it again whenever it dies, until `stop`. */
export async function supervise(options: Supervision): Promise<SupervisedServer> {
	const { log } = options;
	let problem: AppError | null = null;
	const onFailure = (error: unknown) => {
		problem = isAppError(error) ? error : null;
		log.error({ err: error, detail: problem?.detail }, "the database could not be started again");
	};
	const stopping = new AbortController();
	let server: Postmaster | null = await startWithRetries(options);

	const watching = (async () => {
		let pauseMs = firstPauseMs;
		while (!stopping.signal.aborted) {
			const since = performance.now();
			await server?.exited;
			const pid = server?.pid;
			server = null;
			if (stopping.signal.aborted) return;
			log.warn({ pid }, "the database stopped unexpectedly and is started again");
			pauseMs = performance.now() - since > wellAfterMs ? firstPauseMs : Math.min(pauseMs * 2, crashLoopPauseMs);
			server = await startUntilUp(options, pauseMs, stopping.signal, onFailure);
			if (stopping.signal.aborted) return;
			problem = null;
			if (server) log.info({ pid: server.pid }, "the database is back");
		}
	})();

	return {
		pid: () => server?.pid ?? null,
		problem: () => problem,
		async stop() {
			stopping.abort();
			if (server) await shutDown(server);
			await watching;
			// A start that was under way when we were asked to stop.
			if (server) await shutDown(server);
		},
	};
}

/** On first start a person waits: what cannot be cured by another try is said at once. */
async function startWithRetries(options: Supervision): Promise<Postmaster> {
	for (let round = 1; ; round++) {
		try {
			return await start(options);
		} catch (error) {
			if (round === firstStartTries || !isTransient(error)) throw error;
			options.log.warn({ err: error, round }, "the database did not start, trying again");
			await sleep(firstPauseMs * 2 ** round);
		}
	}
}

async function startUntilUp(
	options: Supervision,
	firstMs: number,
	signal: AbortSignal,
	onFailure: (error: unknown) => void,
): Promise<Postmaster | null> {
	for (let pauseMs = firstMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
		await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
		if (signal.aborted) break;
		try {
			return await start(options);
		} catch (error) {
			onFailure(error);
		}
	}
	return null;
}

async function start({ command, folders, user, connection, log }: Supervision): Promise<Postmaster> {
	const adopted = await adopt(command, folders);
	if (adopted && (await untilReady(adopted, connection))) {
		log.info({ pid: adopted.pid }, "found the database still running and adopted it");
		return adopted;
	}
	const logStart = await logSize(folders.log);
	const launched = await launch(command, folders, user);
	if (await untilReady(launched, connection)) return launched;
	throw initFailure(await readLogSince(folders.log, logStart));
}

/** True once the server answers; false when it ended instead. One that runs but cannot be used is shut down again. */
async function untilReady(server: Postmaster, connection: ConnectionConfig): Promise<boolean> {
	let hasEnded = false;
	server.exited.then(() => {
		hasEnded = true;
	});
	const deadline = performance.now() + readyTimeoutMs;
	for (let pauseMs = 10; !hasEnded; pauseMs = Math.min(pauseMs * 2, 200)) {
		await sleep(pauseMs);
		try {
			await ping(connection);
			return true;
		} catch (error) {
			if (isConnectionBroken(error) && performance.now() < deadline) continue;
			await shutDown(server);
			throw unusable(error);
		}
	}
	return false;
}

async function ping(connection: ConnectionConfig): Promise<void> {
	const client = openClient(connection);
	client.on("error", () => undefined);
	try {
		await client.connect();
		await client.query("select 1");
	} finally {
		await closeClient(client);
	}
}

function unusable(cause: unknown): AppError {
	if (isDiskFull(cause)) return databaseDiskFull({ cause });
	return new AppError("database_unavailable", {
		message: "The database runs, but does not let Quayside in.",
		action: "Check that postgres/password in Quayside's home is the file that belongs to this database.",
		cause,
	});
}

/** What passes by itself: the last processes of a killed server that are still on their way out. */
function isTransient(error: unknown): boolean {
	return error instanceof AppError && /pre-existing shared memory block|lock file .* already exists/.test(error.detail ?? "");
}
