import { pino } from "pino";
import { openDatabase } from "#server/db/database.ts";
import { lockHome } from "#server/db/home-lock.ts";

/** A process of its own that locks a home and holds its database, for tests that kill it. Run: `node platform-stub.ts <home>`. */
const home = process.argv[2] ?? "";
const unlock = await lockHome(home);
const database = await openDatabase({ databaseUrl: null, home, log: pino({ level: "silent" }) });
process.once("SIGTERM", async () => {
	await database.stop();
	await unlock();
	process.exit(0);
});
process.stdout.write(`${JSON.stringify({ pid: process.pid, serverPid: database.serverPid() })}\n`);
setInterval(() => undefined, 60_000);
