import { openDatabase } from "#server/db/database.ts";
import { lockHome } from "#server/db/home-lock.ts";
import { quickSettings, silentLog } from "#tests/support/database.ts";

/** A process of its own that locks a home and holds its database, for tests that kill it. Run: `node platform-stub.ts <home>`. */
const home = process.argv[2] ?? "";
const unlock = await lockHome(home);
const database = await openDatabase({ databaseUrl: null, home, log: silentLog, settings: quickSettings });
process.once("SIGTERM", async () => {
	await database.stop();
	await unlock();
	process.exit(0);
});
process.stdout.write(`${JSON.stringify({ pid: process.pid, serverPid: database.serverPid() })}\n`);
setInterval(() => undefined, 60_000);
