import { LLMock } from "@copilotkit/aimock";
import { tool } from "ai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { ModelGateway } from "#server/models/gateway.ts";
import { probeModel } from "#server/models/probe.ts";
import { startTestDatabase, type TestDatabase } from "#tests/support/database.ts";
import { addProvider, ask, callOf, chooseModels, fail, openTestGateway } from "#tests/support/models.ts";

/** An independent server that speaks as OpenAI, Anthropic and Gemini do. */
const providers = [
	{ kind: "openai", path: "/v1", model: "gpt-4o-mini", priced: true },
	{ kind: "anthropic", path: "/v1", model: "claude-haiku-4-5", priced: true },
	{ kind: "google", path: "/v1beta", model: "gemini-2.5-flash", priced: true },
	{ kind: "openai-compatible", path: "/v1", model: "llama3.2", priced: false },
] as const;

/** Of its own it counts for OpenAI only. */
const usage = { prompt_tokens: 12, completion_tokens: 34, total_tokens: 46 };

let mock: LLMock;
let database: TestDatabase;
let gateway: ModelGateway;
beforeAll(async () => {
	mock = new LLMock({ port: 0, logLevel: "silent" });
	await mock.start();
	database = await startTestDatabase();
	gateway = await openTestGateway(database);
});
afterAll(async () => {
	await gateway.stop();
	await database.stop();
	await mock.stop();
});

describe.each(providers)("$kind", ({ kind, path, model, priced }) => {
	beforeEach(async () => {
		mock.reset();
		await addProvider(gateway, kind, { kind, baseUrl: mock.url + path, key: "key-of-the-tests-4711", models: [{ name: model }] });
		await chooseModels(gateway, [`${kind}/${model}`]);
	});

	it("streams text and says what it used", async () => {
		const said = "A page with a header, three sections and a form that checks what is entered.";
		mock.onMessage("landing page", { content: said, usage }, { chunkSize: 5 });
		const heard: string[] = [];
		const answer = await ask(gateway, { onText: (delta) => heard.push(delta) });
		expect(answer.text).toBe(said);
		expect(heard.length).toBeGreaterThanOrEqual(5);
		expect(answer.tokens).toEqual({ input: 12, output: 34 });
		if (priced) expect(answer.costUsd).toBeGreaterThan(0);
		else expect(answer.costUsd).toBeNull();
	});

	it("calls tools and goes on with their results", async () => {
		const written: string[] = [];
		const write = tool({ inputSchema: z.object({ path: z.string() }), execute: async ({ path: file }) => void written.push(file) });
		mock.on({ hasToolResult: true }, { content: "It is written." });
		mock.onMessage("landing page", { toolCalls: [{ name: "write", arguments: { path: "index.html" } }] });
		expect(await ask(gateway, { tools: { write } })).toMatchObject({ text: "It is written.", attempts: 2 });
		expect(written).toEqual(["index.html"]);
	});

	it("answers by a schema", async () => {
		mock.onMessage("landing page", { content: '{"tasks":["one","two"]}' });
		const output = z.object({ tasks: z.array(z.string()) });
		expect((await ask<z.infer<typeof output>>(gateway, { output })).output).toEqual({ tasks: ["one", "two"] });
	});

	it("refuses a bad key: the sentence that was asked for, and no second attempt (R277)", async () => {
		mock.nextRequestError(401, {
			message: "Incorrect API key provided: key-of-the-tests-4711",
			type: "invalid_request_error",
			code: "invalid_api_key",
		});
		const failure = await fail(gateway);
		expect(failure.code).toBe("model_auth");
		expect(JSON.stringify(failure)).not.toContain("4711");
	});

	it("is busy, and answers the second time", async () => {
		mock.onMessage("landing page", { content: "Now." });
		mock.nextRequestError(429, { message: "Rate limit exceeded" });
		expect(await ask(gateway)).toMatchObject({ text: "Now.", attempts: 2 });
	});

	it("breaks off in the middle", async () => {
		mock.onMessage("landing page", { content: "word ".repeat(40) }, { chunkSize: 5, truncateAfterChunks: 5 });
		const failure = await fail(gateway, callOf());
		expect(["model_interrupted", "model_connection"]).toContain(failure.code);
	});

	it("is tested: what it can do is found out by asking", async () => {
		mock.on({ hasToolResult: true }, { content: "Done." });
		mock.onMessage("Reply with", { content: "OK", usage });
		mock.onMessage("How high", { content: '{"answer":2,"unit":"metre"}' });
		mock.onMessage("Ring the bell", { toolCalls: [{ name: "ring", arguments: { times: 1 } }] });
		const ready = await gateway.store.model(`${kind}/${model}`);
		const result = await probeModel(gateway.guard, ready, "admin", new AbortController().signal);
		expect(result).toMatchObject({ ok: true, problem: null, capabilities: { jsonSchema: true, tools: true, usage: true } });
		expect(result.firstTokenMs).toBeLessThanOrEqual(result.durationMs);
	});
});
