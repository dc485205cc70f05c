import { join } from "node:path";
import type { Logger } from "pino";
import { AppError } from "#lib/errors.ts";
import { databaseDiskFull } from "./broken.ts";
import type { ConnectionConfig } from "./connection.ts";
import { findBinaries } from "./embedded/binaries.ts";
import { createCluster, databaseName, databaseUser } from "./embedded/cluster.ts";
import { loadPassword, locateFolders, prepareRoot, prepareSocketFolder, removeSocketFolder } from "./embedded/folders.ts";
import { chooseUser } from "./embedded/run-as.ts";
import { serverSettings } from "./embedded/settings.ts";
import { type SupervisedServer, supervise } from "./embedded/supervise.ts";

/** `stop` ends the watching and shuts the server down. */
export interface EmbeddedPostgres extends SupervisedServer {
	connection: ConnectionConfig;
}

export interface EmbeddedOptions {
	/** The platform's home; must be locked by this process (`lockHome`). */
	home: string;
	log: Logger;
	/** Postgres settings over ours; for tests. */
	settings?: Readonly<Record<string, string>>;
}

/**
 * Starts the Postgres that comes with the platform and keeps it running: created on first use, adopted when a killed platform
 * left it behind, started again when it dies. Throws `disk_full` or `database_unavailable`.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
	try {
		return await start(options);
	} catch (cause) {
		throw explain(cause, options.home);
	}
}

/** What the system refused us, in words for the person who started the platform. */
function explain(cause: unknown, home: string): unknown {
	const { code } = cause as NodeJS.ErrnoException;
	if (code === "ENOSPC" || code === "EDQUOT") return databaseDiskFull({ cause });
	if (code !== "EACCES" && code !== "EPERM") return cause;
	return new AppError("database_unavailable", {
		message: `Quayside may not use its own folder ${join(home, "postgres")}: it belongs to another user.`,
		action: "Start Quayside as the user who started it before, or give it another folder with QUAYSIDE_HOME.",
		cause,
	});
}

async function start({ home, log, settings = {} }: EmbeddedOptions): Promise<EmbeddedPostgres> {
	const folders = await locateFolders(home);
	const user = await chooseUser(folders.data);
	await prepareRoot(folders, user);
	const password = await loadPassword(folders);
	await prepareSocketFolder(folders, user);
	const binaries = await findBinaries(folders.root, user);
	await createCluster({ folders, binaries, user, password, isDurable: settings.fsync !== "off" });

	const connection = { host: folders.socket, user: databaseUser, password: () => password, database: databaseName };
	const assignments = Object.entries({ ...serverSettings, ...settings, unix_socket_directories: folders.socket });
	const command = [binaries.postgres, "-D", folders.data, ...assignments.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
	const server = await supervise({ command, folders, user, connection, log });
	return {
		connection,
		pid: server.pid,
		problem: server.problem,
		async stop() {
			await server.stop();
			await removeSocketFolder(folders);
		},
	};
}
