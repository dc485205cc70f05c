import { pino } from "pino";
import { openDatabase } from "#server/db/database.ts";
import { openStreams } from "#server/streams/open.ts";

/**
 * A process that writes numbered events as fast as it can and prints each number once it is acknowledged, for tests that kill it.
 * Run: `node writer-stub.ts <home> <first number>`.
 */
const [home = "", first = "1"] = process.argv.slice(2);
const log = pino({ level: "silent" });
const database = await openDatabase({ databaseUrl: null, home, log });
const streams = await openStreams({ ...database, log });
process.stdout.write(`${JSON.stringify({ pid: process.pid, serverPid: database.serverPid() })}\n`);
let next = Number(first);
const write = async () => {
	for (;;) {
		const content = String(next++);
		await streams.write((writer) => writer.append("user/written", [{ type: "system", content, metadata: { message_type: "info" } }]));
		process.stdout.write(`${content}\n`);
	}
};
await Promise.all([write(), write(), write(), write()]);
