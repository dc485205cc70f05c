import type { KyselyPlugin } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelGateway } from "#server/models/gateway.ts";
import { remember } from "#server/models/remembered.ts";
import { openStreams } from "#server/streams/open.ts";
import type { Streams } from "#server/streams/streams.ts";
import { silentLog, startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { type ModelServer, startModelServer } from "#tests/support/model-server.ts";
import { addProvider, ask, chooseModels, openTestGateway } from "#tests/support/models.ts";

describe("what is remembered", () => {
	it("is loaded once for all who ask, and again after it was forgotten", async () => {
		let loaded = 0;
		const number = remember(async () => ++loaded, 60_000);
		expect(await Promise.all([number.get(), number.get()])).toEqual([1, 1]);
		expect(await number.get()).toBe(1);
		number.forget();
		expect(await number.get()).toBe(2);
	});

	it("is not what was being loaded when it was forgotten, nor what could not be loaded", async () => {
		const loads = [Promise.withResolvers<string>(), Promise.withResolvers<string>(), Promise.withResolvers<string>()];
		let next = 0;
		const value = remember(() => loads[next++]?.promise ?? Promise.reject(new Error("asked too often")), 60_000);
		const old = value.get();
		value.forget();
		const failing = value.get();
		loads[0]?.resolve("old");
		loads[1]?.reject(new Error("away"));
		expect(await old).toBe("old");
		await expect(failing).rejects.toThrow("away");
		loads[2]?.resolve("new");
		expect(await value.get()).toBe("new");
	});
});

describe("the settings of models", () => {
	let database: TestDatabase;
	let server: ModelServer;
	let otherStreams: Streams;
	let gateway: ModelGateway;
	let other: ModelGateway;
	const asked: string[] = [];
	const overheard: KyselyPlugin = {
		transformQuery({ node }) {
			asked.push(node.kind);
			return node;
		},
		transformResult: async ({ result }) => result,
	};

	beforeAll(async () => {
		[database, server] = await Promise.all([startTestDatabase(), startModelServer()]);
		otherStreams = await openStreams({ db: database.db, connection: database.connection, log: silentLog });
		gateway = await openTestGateway(database, { news: database.streams.news });
		other = await openTestGateway(database, { nodeId: "node-2", news: otherStreams.news });
		await addProvider(gateway, "fake", { baseUrl: server.url });
	});
	afterAll(async () => {
		await Promise.all([gateway.stop(), other.stop(), otherStreams.stop(), server.stop()]);
		await database.stop();
	});

	it("are not asked for again with every call: one question for the slot, one for the end", async () => {
		// Without news of others, so that nothing is forgotten meanwhile because listening began.
		const alone = await openTestGateway({ db: database.db.withPlugin(overheard) });
		await chooseModels(alone, ["fake/m"]);
		await ask(alone);
		asked.length = 0;
		expect(await alone.isReady("Tester")).toBe(true);
		expect(asked).toEqual([]);
		await ask(alone);
		expect(asked).toEqual(["RawNode", "UpdateQueryNode"]);
		await alone.stop();
	});

	it("hold at once where they were changed, and soon on other nodes", async () => {
		await chooseModels(gateway, []);
		expect(await gateway.isReady("Tester")).toBe(false);
		await expect.poll(() => other.isReady("Tester"), { timeout: 20_000 }).toBe(false);
		await chooseModels(other, ["fake/m"]);
		expect(await other.isReady("Tester")).toBe(true);
		await expect.poll(() => gateway.isReady("Tester"), { timeout: 20_000 }).toBe(true);
		await other.store.deleteProvider("fake");
		await expect.poll(() => gateway.isReady("Tester"), { timeout: 20_000 }).toBe(false);
	});
});
