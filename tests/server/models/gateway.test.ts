import { tool } from "ai";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ModelGateway } from "#server/models/gateway.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import {
	answers,
	callsTool,
	cuts,
	drips,
	drops,
	endsEarly,
	errsThenFinishes,
	floods,
	type ModelServer,
	refuses,
	says,
	silent,
	stalls,
	startModelServer,
} from "#tests/support/model-server.ts";
import { addProvider, ask, callOf, chooseModels, fail, openTestGateway, testKey } from "#tests/support/models.ts";

let database: TestDatabase;
let gateway: ModelGateway;
let first: ModelServer;
let second: ModelServer;
beforeAll(async () => {
	database = await startTestDatabase();
	gateway = await openTestGateway(database);
});
afterAll(async () => {
	await gateway.stop();
	await database.stop();
});
beforeEach(async () => {
	[first, second] = await Promise.all([startModelServer(), startModelServer()]);
	await addProvider(gateway, "first", {
		baseUrl: first.url,
		models: [{ name: "m", idleS: 1, totalS: 120, price: { input: 1, output: 10 } }],
	});
	await addProvider(gateway, "second", { baseUrl: second.url });
	await chooseModels(gateway, ["first/m"]);
});
afterEach(() => Promise.all([first.stop(), second.stop()]));

const rows = (deploymentId: string) =>
	database.db.selectFrom("model_calls").selectAll().where("deployment_id", "=", deploymentId).orderBy("id").execute();

describe("a call", () => {
	it("streams every piece, and the pieces are the text (R182)", async () => {
		const pieces = Array.from({ length: 200 }, (_, index) => `piece ${index} äöü 🙂 `);
		first.reply(says(pieces));
		for (let run = 0; run < 10; run++) {
			const heard: string[] = [];
			const call = callOf({ onText: (delta) => heard.push(delta) });
			const answer = await ask(gateway, call);
			expect(answer.text).toBe(pieces.join(""));
			expect(heard.join("")).toBe(answer.text);
			expect(heard.length).toBeGreaterThanOrEqual(5);
		}
	});

	it("is in the ledger with what it cost, once", async () => {
		first.reply(says("fine"));
		const call = callOf();
		const answer = await ask(gateway, call);
		expect(answer).toMatchObject({ output: "fine", model: "first/m", tokens: { input: 11, output: 7 }, cached: false, attempts: 1 });
		expect(answer.costUsd).toBeCloseTo(81 / 1_000_000, 12);
		expect(await rows(call.deploymentId)).toMatchObject([
			{
				status: "succeeded",
				provider: "first",
				model: "m",
				agent: "Architect",
				purpose: "plan",
				input_tokens: 11,
				output_tokens: 7,
				measured: true,
			},
		]);
		expect(await gateway.ledger.usage(call.deploymentId)).toMatchObject({
			calls: 1,
			attempts: 1,
			tokens: { input: 11, output: 7 },
			costUsd: 81 / 1_000_000,
		});
	});

	it("has no cost where the price is not known, and no tokens where the provider says nothing", async () => {
		await chooseModels(gateway, ["second/m"]);
		second.reply(says("fine", { usage: null }));
		const call = callOf();
		expect(await ask(gateway, call)).toMatchObject({ tokens: null, costUsd: null });
		const [row] = await rows(call.deploymentId);
		expect(row).toMatchObject({ measured: false, cost_usd: null });
		expect(row?.input_tokens).toBeGreaterThan(5);
	});

	it("runs tools between the model's turns; each turn is a request of its own", async () => {
		first.reply(callsTool("add", { a: 2, b: 3 }), says("It is 5."));
		const add = tool({ inputSchema: z.object({ a: z.number(), b: z.number() }), execute: async ({ a, b }) => a + b });
		const call = callOf({ tools: { add } });
		expect(await ask(gateway, call)).toMatchObject({ text: "It is 5.", tokens: { input: 22, output: 14 }, attempts: 2 });
		expect(first.requests[1]?.body.messages.at(-1)).toMatchObject({ role: "tool", content: "5" });
		expect(await rows(call.deploymentId)).toHaveLength(2);
	});

	it("that calls tools without end is ended", async () => {
		first.reply(callsTool("again", {}));
		const again = tool({ inputSchema: z.object({}), execute: async () => "again" });
		expect(await fail(gateway, { tools: { again }, maxTurns: 3 })).toMatchObject({ code: "model_malformed" });
		expect(first.requests).toHaveLength(3);
	});

	it("asks for JSON in words where a model takes no schema, and parses what comes", async () => {
		first.reply(says('Of course:\n```json\n{"name": "shop", "pages": 3}\n```'));
		const output = z.object({ name: z.string(), pages: z.number() });
		const answer = await ask<z.infer<typeof output>>(gateway, { output });
		expect(answer.output).toEqual({ name: "shop", pages: 3 });
		expect(JSON.stringify(first.requests[0]?.body.messages)).toContain("JSON schema");
		first.reply(says("I would rather not."));
		expect((await gateway.run(callOf({ output: output as never }))).ok).toBe(false);
	});

	it("carries no key of a known form to the provider", async () => {
		await ask(gateway, { prompt: "README: use ghp_abcdefghijklmnopqrstuvwxyz0123 to clone https://bob:hunter2secret@host/x" });
		const sent = JSON.stringify(first.requests[0]?.body);
		expect(sent).toContain("[hidden]");
		expect(sent).not.toMatch(/ghp_abc|hunter2secret/);
		expect(first.requests[0]?.headers.authorization).toBe(`Bearer ${testKey}`);
	});
});

describe("trouble before the first word", () => {
	it("is tried three times in all (R194)", async () => {
		first.reply(refuses(500), refuses(503), says("at last"));
		const call = callOf();
		expect(await ask(gateway, call)).toMatchObject({ text: "at last", attempts: 3 });
		expect((await rows(call.deploymentId)).map(({ status, error, attempt }) => [attempt, status, error])).toEqual([
			[1, "failed", "model_unavailable"],
			[2, "failed", "model_unavailable"],
			[3, "succeeded", null],
		]);
	});

	it.each([
		["is busy", refuses(429), "AI service is busy. Retrying in a moment…"],
		["is cut off", drops, "Connection lost. Reconnecting automatically…"],
		["has trouble of its own", refuses(500), "first/m did not answer, trying again in 1 s"],
	])("is said while it lasts, and no longer: one that %s (R207, R208)", async (_, trouble, sentence) => {
		first.reply(trouble, says("at last"));
		const said: string[] = [];
		await ask(gateway, { onWaiting: (text) => said.push(text) });
		expect(said).toEqual([sentence, "waiting for the rest of the answer"]);
	});

	it("says how long a pause is, and when it is over (R191)", async () => {
		first.reply(refuses(429, { "retry-after": "1" }), says("at last"));
		const said: string[] = [];
		await ask(gateway, { onWaiting: (text) => said.push(text) });
		expect(said[0]).toBe("AI service is busy. Retrying in a moment…");
		expect(said.slice(1, -2)).toEqual(said.slice(1, -2).map(() => "waiting for a model slot, ~1 s"));
		expect(said.slice(-2)).toEqual(["waiting for the model to answer", "waiting for the rest of the answer"]);
	});

	it("waits 1 and 2 seconds and a little more between the attempts (R196)", async () => {
		const usual = await openTestGateway(database, { backoffMs: undefined });
		first.reply(refuses(500));
		expect((await fail(usual)).code).toBe("model_unavailable");
		const [a = 0, b = 0, c = 0] = first.requests.map(({ atMs }) => atMs);
		expect(first.requests).toHaveLength(3);
		expect(b - a).toBeGreaterThanOrEqual(1000);
		expect(b - a).toBeLessThan(2000);
		expect(c - b).toBeGreaterThanOrEqual(2000);
		expect(c - b).toBeLessThan(3500);
		await usual.stop();
	});

	it("goes on to the next model of the order after three attempts (R194)", async () => {
		await chooseModels(gateway, ["first/m", "second/m"]);
		first.reply(refuses(500));
		second.reply(says("from the second"));
		const said: string[] = [];
		expect(await ask(gateway, { onWaiting: (sentence) => said.push(sentence) })).toMatchObject({ model: "second/m", attempts: 4 });
		expect(said).toContain("first/m does not answer, trying second/m");
	});

	it.each([
		["401", refuses(401), "model_auth"],
		["403", refuses(403), "model_auth"],
		["404", refuses(404), "model_unknown"],
		["400", refuses(400), "model_rejected"],
		["402", refuses(402), "model_unavailable"],
		["an empty account", refuses(429, {}, "insufficient_quota"), "model_unavailable"],
		["a refusal", says("", { finish: "content_filter" }), "model_refused"],
		["a web page", answers("text/html", "<html>log in</html>"), "model_malformed"],
	] as const)("%s is not tried again", async (_, reply, code) => {
		first.reply(reply);
		expect((await fail(gateway)).code).toBe(code);
		expect(first.requests).toHaveLength(1);
	});

	it.each([
		["nonsense", answers("text/event-stream", "data: {{{\n\n"), "model_malformed"],
		["no body", answers("text/event-stream", ""), "model_interrupted"],
		["an empty answer", says(""), "model_malformed"],
		["an error in the stream, then an end", errsThenFinishes("", "The server had an error"), "model_unavailable"],
		["a broken connection", (response: { destroy(): void }) => response.destroy(), "model_connection"],
	] as const)("%s is tried again and explained", async (_, reply, code) => {
		first.reply(reply as never);
		expect((await fail(gateway)).code).toBe(code);
		expect(first.requests).toHaveLength(3);
	});

	it("is the time: a second without a byte ends an attempt (R195)", async () => {
		first.reply(silent, says("awake"));
		expect(await ask(gateway)).toMatchObject({ text: "awake", attempts: 2 });
		await first.requests[0]?.closed;
	});

	it("is the time: an answer that drips ends when its time in all is over (R195)", async () => {
		await addProvider(gateway, "first", { baseUrl: first.url, models: [{ name: "m", idleS: 30, totalS: 1 }] });
		first.reply(drips);
		expect((await fail(gateway)).code).toBe("model_timeout");
		expect(first.requests).toHaveLength(1);
		await first.requests[0]?.closed;
	});

	it("is nobody at the address", async () => {
		await first.stop();
		expect((await fail(gateway)).code).toBe("model_connection");
	});
});

describe("trouble after the first word", () => {
	it.each([
		["a broken connection", cuts("half"), "model_interrupted"],
		["silence", stalls("half"), "model_timeout"],
		["an end without a reason", endsEarly("half"), "model_interrupted"],
		["an error, then an end", errsThenFinishes("half", "overloaded"), "model_interrupted"],
		["an answer that is cut off", says("half", { finish: "length" }), "model_malformed"],
		["more than anybody can want", floods, "model_malformed"],
	] as const)("%s fails the call: no second attempt, no other model", async (_, reply, code) => {
		await chooseModels(gateway, ["first/m", "second/m"]);
		first.reply(reply);
		let heard = 0;
		const call = callOf({ onText: (delta) => (heard += delta.length) });
		expect((await fail(gateway, call)).code).toBe(code);
		expect(heard).toBeGreaterThan(0);
		expect([first.requests.length, second.requests.length]).toEqual([1, 0]);
		await first.requests[0]?.closed;
		expect(await rows(call.deploymentId)).toMatchObject([{ status: "failed", error: expect.stringMatching(/^model_/) }]);
	});
});

describe("a provider that asks to be left alone", () => {
	it.each([["0"], ["1"]])("for %s s is asked again after that", async (seconds) => {
		first.reply(refuses(429, { "retry-after": seconds }), says("thanks"));
		expect(await ask(gateway)).toMatchObject({ text: "thanks", attempts: 2 });
		const [a = 0, b = 0] = first.requests.map(({ atMs }) => atMs);
		expect(b - a).toBeGreaterThanOrEqual(Number(seconds) * 1000);
	});

	it("says nonsense: the usual wait", async () => {
		first.reply(refuses(429, { "retry-after": "soon" }), says("thanks"));
		expect(await ask(gateway)).toMatchObject({ attempts: 2 });
	});

	it("for five minutes is left alone by everybody, and the next model is asked at once", async () => {
		await chooseModels(gateway, ["first/m", "second/m"]);
		first.reply(refuses(429, { "retry-after": "300" }));
		expect(await ask(gateway)).toMatchObject({ model: "second/m", attempts: 2 });
		expect(await ask(gateway)).toMatchObject({ model: "second/m", attempts: 1 });
		expect(first.requests).toHaveLength(1);
		const { pausedUntil } = await gateway.limiter.status("first");
		expect(pausedUntil?.getTime()).toBeGreaterThan(Date.now() + 280_000);
	});

	it("for five minutes is waited for where there is no other; people are told and may cancel", async () => {
		first.reply(refuses(429, { "retry-after": new Date(Date.now() + 301_000).toUTCString() }));
		const controller = new AbortController();
		const told = Promise.withResolvers<string>();
		const onWaiting = (text: string) => text.startsWith("waiting") && told.resolve(text);
		const running = gateway.run(callOf({ signal: controller.signal, onWaiting }));
		const seconds = Number(/^waiting for a model slot, ~(\d+) s$/.exec(await told.promise)?.[1]);
		expect(seconds).toBeGreaterThan(280);
		expect(seconds).toBeLessThanOrEqual(302);
		controller.abort();
		expect(await running).toMatchObject({ ok: false, failure: { code: "cancelled" } });
		expect(first.requests).toHaveLength(1);
	});

	it("for a day is not waited for", async () => {
		first.reply(refuses(429, { "retry-after": "86400" }));
		const failure = await fail(gateway);
		expect(failure).toMatchObject({ code: "model_rate_limited", action: expect.stringContaining("1440 minutes") });
		expect(await fail(gateway)).toMatchObject({ code: "model_rate_limited" });
		expect(first.requests).toHaveLength(1);
	});
});

describe("a cancel", () => {
	it.each([
		["while the model is silent", silent],
		["in the middle of the answer", stalls("half")],
	])("%s ends the request at once", async (_, reply) => {
		first.reply(reply);
		const controller = new AbortController();
		const call = callOf({ signal: controller.signal });
		const running = gateway.run(call);
		await first.asked(1);
		// `npm run bench models` measures the 100 ms; here the machine may be busy.
		const cancelledAt = performance.now();
		controller.abort();
		expect(await running).toMatchObject({ ok: false, failure: { code: "cancelled" } });
		await first.requests[0]?.closed;
		expect(performance.now() - cancelledAt).toBeLessThan(1000);
		expect(await rows(call.deploymentId)).toMatchObject([{ status: "cancelled", error: "cancelled" }]);
	});
});

describe("a budget", () => {
	it("of tokens ends what would exceed it, before anything is asked (R202)", async () => {
		await chooseModels(gateway, ["first/m"], { budget: { tokens: 1100, usd: null } });
		first.reply(says("fine", { usage: { prompt_tokens: 100, completion_tokens: 400, total_tokens: 500 } }));
		const call = callOf();
		await ask(gateway, call);
		expect(await fail(gateway, call)).toMatchObject({ code: "model_budget", message: expect.stringContaining("500 of 1100 tokens") });
		expect(first.requests).toHaveLength(1);
		// Another deployment has its own.
		await ask(gateway);
	});

	it("of money counts prices (R202)", async () => {
		await chooseModels(gateway, ["first/m"], { budget: { tokens: null, usd: 0.02 } });
		first.reply(says("fine", { usage: { prompt_tokens: 0, completion_tokens: 1500, total_tokens: 1500 } }));
		const call = callOf();
		await ask(gateway, call);
		expect(await fail(gateway, call)).toMatchObject({ code: "model_budget", message: expect.stringContaining("$0.01 of $0.02") });
	});
});

describe("a kept answer", () => {
	it("is given to an identical call of the same project and says so (R200)", async () => {
		await database.db
			.insertInto("projects")
			.values({
				id: "p-cache",
				owner_id: "owner",
				slug: "p-cache",
				name: "p",
				source: "{}",
				target: "local",
				settings: "{}",
				git_token: null,
				active_release: null,
				created_at: new Date(),
				deleted_at: null,
			})
			.execute();
		await chooseModels(gateway, ["first/m"], { cache: true });
		first.reply(says(["one ", "two"]));
		const call = { projectId: "p-cache" };
		expect(await ask(gateway, call)).toMatchObject({ text: "one two", cached: false });
		const again = callOf(call);
		expect(await ask(gateway, again)).toMatchObject({ text: "one two", cached: true, costUsd: 0, attempts: 0 });
		expect(first.requests).toHaveLength(1);
		expect(await rows(again.deploymentId)).toMatchObject([{ status: "cached", input_tokens: 0 }]);
		await ask(gateway, { ...call, prompt: "something else" });
		expect(first.requests).toHaveLength(2);
		// What turned out to be of no use is not kept.
		const output = z.object({ never: z.string() }) as never;
		expect((await fail(gateway, { ...call, output })).code).toBe("model_malformed");
		expect((await fail(gateway, { ...call, output })).code).toBe("model_malformed");
		expect(first.requests).toHaveLength(4);
	});
});
