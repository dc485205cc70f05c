/** A platform in a process of its own, to be killed: `node platform-process.ts HOME`, the database's connection by IPC. */
import { type ConnectionConfig, openPool } from "#server/db/connection.ts";
import { startPlatform } from "./local-machine.ts";

const home = process.argv[2] ?? "";
process.once("message", async ({ secret, ...connection }: Omit<ConnectionConfig, "password"> & { secret: string }) => {
	const pool = openPool({ ...connection, password: () => secret }, { onError() {} });
	const platform = await startPlatform(home, pool.db);
	await platform.target.adopt();
	process.send?.({ port: platform.port });
});
