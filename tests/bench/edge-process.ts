/** A target and its edge in a process of their own, as the server runs them: `node edge-process.ts HOME SOCKET`, the database's connection by IPC. */
import { createServer } from "node:http";
import { type ConnectionConfig, openPool } from "../../server/db/connection.ts";
import { startPlatform } from "../server/targets/local-machine.ts";

const [home = "", socketPath = ""] = process.argv.slice(2);
process.once("message", async ({ secret, ...connection }: Omit<ConnectionConfig, "password"> & { secret: string }) => {
	const pool = openPool({ ...connection, password: () => secret }, { onError() {} });
	const { edge, target } = await startPlatform(home, pool.db);
	await target.adopt();
	const server = createServer(edge.request);
	server.listen(socketPath, () => process.send?.("ready"));
});
