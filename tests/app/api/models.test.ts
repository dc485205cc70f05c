import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { modelsView, modelTest, modelUsage } from "#app/api/openapi.json/model-views.ts";
import { type Client, createClient } from "#lib/client/client.ts";
import { createModelLedger } from "#server/models/ledger.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";
import { type ModelServer, refuses, says, startModelServer } from "#tests/support/model-server.ts";

const key = "model-key/of-the-api-tests-0815";

let api: TestApi;
let admin: Client;
let member: Client;
let model: ModelServer;
beforeAll(async () => {
	[api, model] = await Promise.all([startTestApi(), startModelServer()]);
	admin = api.admin;
	await admin.accounts.createUser({ email: "bob@example.com", name: "Bob", password: "correct horse battery" });
	const login = await fetch(`${api.server.origin}/api/auth/login`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: api.server.origin },
		body: JSON.stringify({ email: "bob@example.com", password: "correct horse battery" }),
	});
	const cookie = login.headers
		.getSetCookie()
		.map((line) => line.split(";")[0])
		.join("; ");
	const made = await fetch(`${api.server.origin}/api/tokens`, {
		method: "POST",
		headers: { "content-type": "application/json", origin: api.server.origin, cookie },
		body: JSON.stringify({ name: "bob" }),
	});
	member = createClient({ origin: api.server.origin, token: ((await made.json()) as { token: string }).token });
});
afterAll(async () => {
	await model.stop();
	await api.stop();
});

const provider = (more: object = {}) => ({
	kind: "openai-compatible" as const,
	baseUrl: model.url,
	key,
	allowPrivate: true,
	models: [{ name: "m" }],
	...more,
});

describe("models", () => {
	it("are the administrators' business", async () => {
		await expect(member.models.get()).rejects.toMatchObject({ code: "forbidden" });
		await expect(member.models.setProvider("mine", provider())).rejects.toMatchObject({ code: "forbidden" });
		await expect(member.models.deleteProvider("mine")).rejects.toMatchObject({ code: "forbidden" });
		await expect(member.models.setSettings({})).rejects.toMatchObject({ code: "forbidden" });
		await expect(member.models.test("mine/m")).rejects.toMatchObject({ code: "forbidden" });
		expect((await fetch(`${api.server.origin}/api/models`)).status).toBe(401);
	});

	it("have keys that go in and never come out", async () => {
		const view = await admin.models.setProvider("fake", provider());
		expect(modelsView.parse(view)).toEqual(view);
		expect(view.providers).toMatchObject([
			{
				id: "fake",
				hasKey: true,
				requestsPerMinute: 20,
				tokensPerMinute: 40_000,
				models: [{ name: "m", idleS: 30, totalS: 120, price: null }],
			},
		]);
		expect(JSON.stringify([view, await admin.models.get()])).not.toContain(key);
		const { rows } = await api.database.db
			.selectFrom("model_providers")
			.selectAll()
			.execute()
			.then((rows) => ({ rows }));
		expect(rows[0]?.key).not.toBeNull();
		expect(Buffer.from(rows[0]?.key ?? []).includes(key)).toBe(false);
		// Absent keeps it.
		expect((await admin.models.setProvider("fake", provider({ key: undefined, requestsPerMinute: 30 }))).providers[0]).toMatchObject({
			hasKey: true,
			requestsPerMinute: 30,
		});
		model.reply(says("OK"));
		await admin.models.test("fake/m");
		expect(model.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
	});

	it("have keys that are not sent to another address than the one they were entered for", async () => {
		await admin.models.setProvider("fake", provider());
		await expect(
			admin.models.setProvider("fake", provider({ key: undefined, baseUrl: "https://models.example.com/v1" })),
		).rejects.toMatchObject({
			code: "bad_request",
		});
		// Another path of the same server is the same address.
		await admin.models.setProvider("fake", provider({ key: undefined, baseUrl: `${model.url}/more` }));
	});

	it.each([
		["an address without https that is not private", { allowPrivate: false }],
		["a password in the address", { baseUrl: "https://bob:secret@models.example.com/v1" }],
		["no address", { baseUrl: "models" }],
		["another protocol", { baseUrl: "file:///etc/passwd" }],
		["the port of mail", { baseUrl: "https://models.example.com:25/v1" }],
		["a model named twice", { models: [{ name: "m" }, { name: "m" }] }],
		["a provider that needs a key", { kind: "openai", key: null }],
		["an unknown field", { secret: true }],
	])("refuses %s", async (_, more) => {
		await expect(admin.models.setProvider("bad", provider(more) as never)).rejects.toMatchObject({ code: "bad_request" });
	});

	it.each([
		["this machine", (port: string) => `https://127.0.0.1:${port}/v1`],
		["this machine by name", (port: string) => `https://localhost:${port}/v1`],
		["this machine as IPv6", (port: string) => `https://[::1]:${port}/v1`],
		["this machine in disguise", (port: string) => `https://[::ffff:127.0.0.1]:${port}/v1`],
		["a number for it", (port: string) => `https://2130706433:${port}/v1`],
	])("does not dial %s unless it is allowed", async (_, address) => {
		const before = model.requests.length;
		await admin.models.setProvider("inside", provider({ baseUrl: address(new URL(model.url).port), allowPrivate: false }));
		expect(await admin.models.test("inside/m")).toMatchObject({ ok: false, problem: { code: "private_address" } });
		expect(model.requests.length).toBe(before);
	});

	it("does not dial where clouds hand out credentials, whatever is allowed", async () => {
		await admin.models.setProvider("metadata", provider({ baseUrl: "http://169.254.169.254/v1" }));
		expect(await admin.models.test("metadata/m")).toMatchObject({ ok: false, problem: { code: "private_address" } });
	});

	it("does not follow a redirect", async () => {
		await admin.models.setProvider("fake", provider());
		model.reply((response) => response.writeHead(302, { location: "http://169.254.169.254/latest" }).end());
		const before = model.requests.length;
		expect(await admin.models.test("fake/m")).toMatchObject({ ok: false, problem: { code: "model_connection" } });
		expect(model.requests.length).toBe(before + 1);
	});

	it("are tested by asking them; a bad key has the sentence that was asked for (R206, R277)", async () => {
		await admin.models.setProvider("fake", provider());
		model.reply(says("OK"));
		const good = await admin.models.test("fake/m");
		expect(modelTest.parse(good)).toEqual(good);
		expect(good).toMatchObject({ ok: true, capabilities: { jsonSchema: false, tools: false, usage: true }, problem: null });
		expect((await admin.models.get()).providers.find(({ id }) => id === "fake")?.models[0]?.capabilities).toEqual(good.capabilities);
		model.reply(refuses(401, {}, `Incorrect key ${key}`));
		const bad = await admin.models.test("fake/m");
		expect(bad).toMatchObject({
			ok: false,
			problem: { code: "model_auth", message: "AI service configuration needed. Please check setup." },
		});
		expect(JSON.stringify(bad)).not.toContain(key);
		await expect(admin.models.test("fake/unheard-of")).rejects.toMatchObject({ code: "not_found" });
	});

	it("are chosen by agent, and leave every choice when they are removed", async () => {
		await admin.models.setProvider("fake", provider());
		await admin.models.setProvider("other", provider());
		await expect(admin.models.setSettings({ order: ["fake/unheard-of"] })).rejects.toMatchObject({ code: "bad_request" });
		const { settings } = await admin.models.setSettings({
			order: ["fake/m", "other/m"],
			agents: { Tester: ["other/m"], Deployer: [] },
			budget: { tokens: 5000, usd: null },
		});
		expect(settings).toMatchObject({ order: ["fake/m", "other/m"], agents: { Tester: ["other/m"], Deployer: [] }, cache: true });
		await admin.models.deleteProvider("other");
		// Who had nothing but what is gone has what the others have; who was given none keeps none.
		expect((await admin.models.get()).settings).toMatchObject({ order: ["fake/m"], agents: { Deployer: [] } });
		expect((await admin.models.get()).settings.agents).not.toHaveProperty("Tester");
		await expect(admin.models.deleteProvider("other")).rejects.toMatchObject({ code: "not_found" });
	});

	it("say what a deployment has used, to its owner only", async () => {
		const { deployment } = await admin.deployments.create({ source: { type: "git", url: "https://git.example.com/acme/used" } });
		const usage = await admin.models.usage(deployment.id);
		expect(modelUsage.parse(usage)).toEqual(usage);
		expect(usage).toEqual({ calls: 0, attempts: 0, cached: 0, tokens: { input: 0, output: 0 }, costUsd: 0, durationMs: 0, agents: [] });
		await expect(member.models.usage(deployment.id)).rejects.toMatchObject({ code: "not_found" });

		const { id, owner_id, project_id } = await api.database.db
			.selectFrom("deployments")
			.select(["id", "owner_id", "project_id"])
			.where("id", "=", deployment.id)
			.executeTakeFirstOrThrow();
		const asker = { deploymentId: id, ownerId: owner_id, projectId: project_id, agent: "Developer", purpose: "write" } as const;
		await createModelLedger(api.database.db, "here").cached(asker, "fake", "m");
		const metrics = await admin.deployments.metrics(id);
		expect(metrics).toMatchObject({ totalMs: null, filesWritten: null, models: { calls: 1, cached: 1 } });
		await expect(member.deployments.metrics(id)).rejects.toMatchObject({ code: "not_found" });
		const { models } = await admin.deployments.analytics({ project: deployment.project.slug });
		expect(models).toMatchObject({ totals: { calls: 1, cached: 1 }, byModel: [{ model: "fake/m" }], byAgent: [{ agent: "Developer" }] });
		expect((await member.deployments.analytics()).models.byModel).toEqual([]);
		const alias = await fetch(`${api.server.origin}/api/builds/${id}/metrics`, { headers: { authorization: `Bearer ${api.token}` } });
		expect(await alias.json()).toEqual({ metrics });
	});

	it("left no key in what was reported to the log", () => {
		expect(
			JSON.stringify(api.services.reported, (_, value) =>
				value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
			),
		).not.toContain(key);
	});
});
