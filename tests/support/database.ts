import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { pino } from "pino";
import type { ConnectionConfig } from "#server/db/connection.ts";
import { openDatabase } from "#server/db/database.ts";
import type { Schema } from "#server/db/schema.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";

export const silentLog = pino({ level: "silent" });

/** Does not flush to the disk: that matters when a machine loses power, not when a process is killed. */
export const quickSettings = { fsync: "off" };

export interface TestDatabase {
	db: Kysely<Schema>;
	connection: ConnectionConfig;
	streams: Streams;
	/** The temporary home that the embedded server lives in. */
	home: string;
	serverPid(): number | null;
	/** Ends everything and removes the home. */
	stop(): Promise<void>;
}

/** A real, migrated Postgres with nothing in it, on a home of its own. About half a second; start one for each test file. */
export async function startTestDatabase(): Promise<TestDatabase> {
	const home = await mkdtemp(join(tmpdir(), "quayside-test-"));
	const database = await openDatabase({ databaseUrl: null, home, log: silentLog, settings: quickSettings });
	const streams = await openStreams({ db: database.db, connection: database.connection, log: silentLog });
	return {
		db: database.db,
		connection: database.connection,
		streams,
		home,
		serverPid: database.serverPid,
		async stop() {
			await streams.stop();
			await database.stop();
			await rm(home, { recursive: true, force: true });
		},
	};
}
