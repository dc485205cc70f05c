import type { Logger } from "pino";
import { databaseDiskFull } from "./broken.ts";
import type { ConnectionConfig } from "./connection.ts";
import { findBinaries } from "./embedded/binaries.ts";
import { createCluster, databaseName, databaseUser } from "./embedded/cluster.ts";
import { loadPassword, locateFolders, prepareFolders, removeSocketFolder } from "./embedded/folders.ts";
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
		if ((cause as NodeJS.ErrnoException).code === "ENOSPC") throw databaseDiskFull({ cause });
		throw cause;
	}
}

async function start({ home, log, settings = {} }: EmbeddedOptions): Promise<EmbeddedPostgres> {
	const folders = await locateFolders(home);
	const user = await chooseUser(folders.data);
	await prepareFolders(folders, user);
	const binaries = await findBinaries(folders.root, user);
	const password = await loadPassword(folders);
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
