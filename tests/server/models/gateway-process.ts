import { openPool } from "#server/db/connection.ts";
import { callOf, openTestGateway } from "#tests/support/models.ts";

/** A node that makes so many calls at once, each of the given deployment, and goes on until it is killed. */
const [host = "", user = "", password = "", database = "", deploymentId = "", count = "1"] = process.argv.slice(2);
const { db } = openPool({ host, user, database, password: () => password }, { onError: () => undefined });
const gateway = await openTestGateway({ db }, { nodeId: "killed" });
process.stdout.write("ready\n");
await Promise.all(
	Array.from({ length: Number(count) }, async (_, index) => {
		for (;;) await gateway.run(callOf({ deploymentId, prompt: `call ${index}` }));
	}),
);
