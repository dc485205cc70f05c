import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type ModelServer, type Reply, says, stalls, startModelServer } from "#tests/support/model-server.ts";
import { addProvider, chooseModels, openTestGateway } from "#tests/support/models.ts";

const node = fileURLToPath(new URL("gateway-process.ts", import.meta.url));

let database: TestDatabase;
let server: ModelServer;
beforeAll(async () => {
	[database, server] = await Promise.all([startTestDatabase(), startModelServer()]);
	const gateway = await openTestGateway(database);
	await addProvider(gateway, "fake", {
		baseUrl: server.url,
		models: [{ name: "m", price: { input: 1, output: 1 } }],
		requestsPerMinute: 10_000,
	});
	await chooseModels(gateway, ["fake/m"], { budget: { tokens: null, usd: null } });
	await gateway.stop();
});
afterAll(async () => {
	await server.stop();
	await database.stop();
});

/** Kills a node with SIGKILL after so many requests have reached the model. */
async function killAfter(requests: number, deploymentId: string): Promise<void> {
	const { host = "", user = "", password, database: name = "" } = database.connection;
	const before = server.requests.length;
	const child = execa(process.execPath, [node, host, user, password?.() ?? "", name, deploymentId, "4"], {
		reject: false,
		stderr: "inherit",
	});
	await server.asked(before + requests);
	child.kill("SIGKILL");
	await child;
}

describe("the ledger after kill -9", () => {
	it("holds every request that reached the model, and what it may have cost", async () => {
		const quick = says(["one ", "two ", "three"], { everyMs: 1 });
		const replies: Reply[] = [quick, quick, quick, stalls("half")];
		for (const [round, requests] of [1, 7, 23].entries()) {
			const deploymentId = ulid();
			server.reply(
				...(round === 0 ? [stalls("half")] : Array.from({ length: 20 }, (_, index) => replies[index % 4] ?? quick)),
				stalls("half"),
			);
			const before = server.requests.length;
			await killAfter(Math.min(requests, 4 + Math.floor(requests / 2)), deploymentId);
			const reached = server.requests.length - before;

			// The same node starts again and closes what it left open.
			const next = await openTestGateway(database, { nodeId: "killed" });
			const rows = await database.db.selectFrom("model_calls").selectAll().where("deployment_id", "=", deploymentId).execute();
			const usage = await next.ledger.usage(deploymentId);
			await next.stop();

			expect(rows.length).toBeGreaterThanOrEqual(reached);
			// At most those that were about to be sent.
			expect(rows.length).toBeLessThanOrEqual(reached + 4);
			const lost = rows.filter(({ status }) => status === "lost");
			expect(lost.length).toBeGreaterThan(0);
			for (const row of rows) {
				expect(["succeeded", "lost", "failed"]).toContain(row.status);
				expect(row.input_tokens).toBeGreaterThan(0);
				expect(row.cost_usd).toBeGreaterThan(0);
				expect(row.finished_at).not.toBeNull();
			}
			for (const row of lost) expect(row).toMatchObject({ measured: false, output_tokens: 1000 });
			expect(usage.tokens.input + usage.tokens.output).toBe(rows.reduce((sum, row) => sum + row.input_tokens + row.output_tokens, 0));
			expect(usage.costUsd).toBeCloseTo(
				rows.reduce((sum, row) => sum + (row.cost_usd ?? 0), 0),
				9,
			);
		}
	}, 60_000);
});
