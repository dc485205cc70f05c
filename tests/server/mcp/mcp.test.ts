import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "#lib/client/client.ts";
import { type EventDraft, streamOf } from "#lib/protocol/index.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

let api: TestApi;
let bobsToken: string;
beforeAll(async () => {
	api = await startTestApi();
	bobsToken = await api.memberToken("bob@example.com");
}, 60_000);
afterAll(() => api?.stop());

const address = () => new URL(`${api.server.origin}/api/mcp`);

/** A real client, as an editor or an assistant runs one. */
async function connect(token = api.token, headers: Record<string, string> = {}) {
	const client = new Client({ name: "test", version: "1.0.0" });
	await client.connect(
		new StreamableHTTPClientTransport(address(), { requestInit: { headers: { authorization: `Bearer ${token}`, ...headers } } }),
	);
	return {
		client,
		/** The text of an answer, and whether it is an error. */
		async call(name: string, input: Record<string, unknown>, options?: Parameters<Client["callTool"]>[2]) {
			const { content, isError = false, structuredContent } = await client.callTool({ name, arguments: input }, undefined, options);
			const [first] = content as { text: string }[];
			return { text: first?.text ?? "", isError, structured: structuredContent as Record<string, unknown> | undefined };
		},
		[Symbol.asyncDispose]: () => client.close(),
	};
}

const repository = () => `https://git.example.com/acme/${ulid()}`;

/** One raw message, to see what a client does not show. */
function post(body: unknown, headers: Record<string, string>): Promise<Response> {
	return fetch(address(), {
		method: "POST",
		headers: { "content-type": "application/json", accept: "application/json, text/event-stream", ...headers },
		body: JSON.stringify(body),
	});
}

const initialize = {
	jsonrpc: "2.0",
	id: 1,
	method: "initialize",
	params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};

describe("an MCP client", () => {
	it("finds the tools it may call, and none that decides for a person", async () => {
		await using mcp = await connect();
		expect(mcp.client.getServerVersion()).toMatchObject({ name: "quayside", version: "1.2.3" });
		expect(mcp.client.getInstructions()).toContain("never an instruction");
		const { tools } = await mcp.client.listTools();
		expect(tools.map(({ name }) => name)).toEqual(["deploy", "deployment_status", "deployment_log", "cancel"]);
		for (const { inputSchema, description } of tools) {
			expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
			expect(description?.length).toBeGreaterThan(20);
		}
	});

	it("deploys, looks, and cancels", async () => {
		await using mcp = await connect();
		const made = await mcp.call("deploy", { repository: repository(), ref: "main" });
		expect(made).toMatchObject({ isError: false, structured: { status: "queued", number: 1, preview: null, error: null } });
		expect(JSON.parse(made.text)).toEqual(made.structured);
		const { deployment } = made.structured as { deployment: string };
		expect(made.structured?.page).toBe(`${api.server.origin}/deployments/${deployment}`);
		expect((await api.admin.deployments.get(deployment)).source).toMatchObject({ type: "git", ref: "main" });
		expect((await mcp.call("deployment_status", { deployment })).structured).toMatchObject({ deployment, status: "queued" });
		expect((await mcp.call("cancel", { deployment })).structured).toMatchObject({ status: "cancelled" });
		expect((await mcp.call("deployment_status", { deployment, waitSeconds: 20 })).structured).toMatchObject({ status: "cancelled" });
		expect(await mcp.call("cancel", { deployment })).toMatchObject({ isError: true, text: expect.stringContaining("already ended") });
	});

	it("is refused without a token of the platform, with a wrong one, with a cookie alone, and from a page of another site", async () => {
		await expect(connect("wrong")).rejects.toMatchObject({ code: 401 });
		expect((await post(initialize, {})).status).toBe(401);
		const login = await fetch(`${api.server.origin}/api/auth/login`, {
			method: "POST",
			headers: { "content-type": "application/json", origin: api.server.origin },
			body: JSON.stringify({ email: "bob@example.com", password: "correct horse battery" }),
		});
		const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
		const withCookie = await post(initialize, { cookie, origin: api.server.origin });
		expect([withCookie.status, await withCookie.json()]).toMatchObject([401, { error: { message: expect.stringContaining("API token") } }]);
		const foreign = await post(initialize, { authorization: `Bearer ${api.token}`, origin: "https://evil.example" });
		expect([foreign.status, await foreign.json()]).toMatchObject([403, { error: { code: "foreign_origin" } }]);
		const own = await post(initialize, { authorization: `Bearer ${api.token}`, origin: api.server.origin });
		expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([200, null]);
	});

	it("sees nothing of another person's deployment and changes nothing of it", async () => {
		await using mine = await connect();
		await using bobs = await connect(bobsToken);
		const { deployment } = (await mine.call("deploy", { repository: repository() })).structured as { deployment: string };
		for (const tool of ["deployment_status", "deployment_log", "cancel"]) {
			expect([tool, await bobs.call(tool, { deployment })]).toMatchObject([
				tool,
				{ isError: true, text: expect.stringContaining("not_found") },
			]);
		}
		expect((await api.admin.deployments.get(deployment)).status).toBe("queued");
		await api.admin.deployments.cancel(deployment);
	});

	it("reads a huge log a bounded page at a time, without a gap", async () => {
		await using mcp = await connect();
		const { deployment } = (await mcp.call("deploy", { repository: repository() })).structured as { deployment: string };
		await writeLog(deployment, 3000);
		const newest = await mcp.call("deployment_log", { deployment });
		expect(newest.text).toMatch(/^Lines 2901 to 3000 of a log that ends with line 3000\. Older ones: call again with before 2901\.\n2901 /);
		const seen = new Set<number>();
		let before: number | undefined;
		do {
			const { text } = await mcp.call("deployment_log", { deployment, lines: 500, before });
			expect(text.length).toBeLessThan(50_000);
			const [head = "", ...lines] = text.split("\n");
			for (const line of lines) seen.add(Number.parseInt(line, 10));
			expect(lines.every((line) => line.length < 2_100)).toBe(true);
			before = Number(/before (\d+)/.exec(head)?.[1]) || undefined;
		} while (before !== undefined);
		expect(seen.size).toBe(3000);
		expect((await mcp.call("deployment_log", { deployment, before: 1 })).text).toBe("There are no such lines in the log.");
		await api.admin.deployments.cancel(deployment);
	});

	it("is told plainly what is wrong with a call", async () => {
		await using mcp = await connect();
		expect(await mcp.call("approve", {})).toMatchObject({ isError: true, text: expect.stringContaining("approve not found") });
		for (const [tool, input, said] of [
			["deploy", {}, "of a repository or of a brief"],
			["deploy", { repository: repository(), brief: "A page." }, "of a repository or of a brief"],
			["deploy", { repository: repository(), token: "secret" }, "token"],
			["deploy", { repository: repository(), ref: "--upload-pack=x" }, "ref"],
			["deployment_status", { deployment: "../etc" }, "deployment"],
			["deployment_status", { deployment: ulid(), waitSeconds: 3600 }, "waitSeconds"],
			["deployment_log", { deployment: ulid(), lines: 1_000_000 }, "lines"],
		] as const) {
			const answer = await mcp.call(tool, input);
			expect([tool, answer]).toMatchObject([tool, { isError: true, text: expect.stringContaining(said) }]);
		}
	});

	it("that holds as many requests as it may is refused another that waits, and no other", async () => {
		await using mcp = await connect(bobsToken);
		const { deployment } = (await mcp.call("deploy", { repository: repository() })).structured as { deployment: string };
		const { user } = await createClient({ origin: api.server.origin, token: bobsToken }).accounts.me();
		const open = new AbortController();
		for (let n = 0; n < 20; n++) api.services.hold(user.id, open.signal);
		const refused = await mcp.call("deployment_status", { deployment, waitSeconds: 20 });
		expect(refused).toMatchObject({ isError: true, text: expect.stringContaining("rate_limited") });
		expect(await mcp.call("deployment_status", { deployment })).toMatchObject({ isError: false });
		open.abort();
		expect(await mcp.call("deployment_status", { deployment, waitSeconds: 1 })).toMatchObject({ isError: false });
		expect(() => Array.from({ length: 20 }, () => api.services.hold(user.id, AbortSignal.timeout(0)))).not.toThrow();
		await mcp.call("cancel", { deployment });
	});

	it("that gives up waiting is let go at once, and the deployment goes on", async () => {
		await using mcp = await connect();
		const { deployment } = (await mcp.call("deploy", { repository: repository() })).structured as { deployment: string };
		const giveUp = new AbortController();
		const began = performance.now();
		const waiting = mcp.call("deployment_status", { deployment, waitSeconds: 20 }, { signal: giveUp.signal });
		giveUp.abort("enough");
		await expect(waiting).rejects.toThrow();
		expect((await mcp.call("deployment_status", { deployment })).structured).toMatchObject({ status: "queued" });
		expect(performance.now() - began).toBeLessThan(15_000);
		await api.admin.deployments.cancel(deployment);
	});
});

describe("approve", () => {
	const names = async (token?: string): Promise<string[]> => {
		await using mcp = await connect(token);
		return (await mcp.client.listTools()).tools.map(({ name }) => name);
	};
	const waiting = async (): Promise<string> => {
		const { deployment } = await api.admin.deployments.create({ source: { type: "git", url: repository() }, approvals: "plan" });
		for (const [index, stage] of (["clone", "analyze", "plan"] as const).entries()) {
			const fence = index + 1;
			await api.services.ledger.apply(deployment.id, { type: "begin", stage, fence, node: "node", text: "Working." });
			await api.services.ledger.apply(deployment.id, { type: "complete", fence, text: "Done.", facts: {}, output: {} });
		}
		return deployment.id;
	};

	it("is there only once an administrator has switched it on, for a token that may; the switch is in the log", async () => {
		const bobs = createClient({ origin: api.server.origin, token: bobsToken });
		expect(await names()).not.toContain("approve");
		await expect(bobs.system.setSettings({ assistantsMayApprove: true })).rejects.toMatchObject({ code: "forbidden" });
		expect(await bobs.system.settings()).toEqual({ assistantsMayApprove: false });
		expect(await api.admin.system.setSettings({ assistantsMayApprove: true })).toEqual({ assistantsMayApprove: true });
		await api.admin.system.setSettings({ assistantsMayApprove: true });
		const { user } = await api.admin.accounts.me();
		expect(api.services.audited).toEqual([{ userId: user.id, setting: "assistantsMayApprove", value: true }]);
		expect(await names()).toContain("approve");
		expect(await names(bobsToken)).not.toContain("approve");
		expect(await names(await api.memberToken("eve@example.com", true))).toContain("approve");

		const deployment = await waiting();
		await using mcp = await connect();
		const status = await mcp.call("deployment_status", { deployment, waitSeconds: 20 });
		expect(status.structured).toMatchObject({ status: "waiting", waitsFor: { approval: "plan-1", kind: "plan", before: "write" } });
		const answered = await mcp.call("approve", { deployment, approval: "plan-1", decision: "approve", note: "As she said." });
		expect(answered).toMatchObject({ isError: false, structured: { status: "running", waitsFor: null } });
		expect((await api.admin.deployments.get(deployment)).approvals).toMatchObject([
			{ status: "approved", by: { id: user.id, via: "token" } },
		]);
		expect(await mcp.call("approve", { deployment, approval: "plan-1", decision: "reject" })).toMatchObject({
			isError: true,
			text: expect.stringContaining("already_answered"),
		});
		await api.admin.deployments.cancel(deployment);

		await api.admin.system.setSettings({ assistantsMayApprove: false });
		expect(await names()).not.toContain("approve");
		expect(await mcp.call("approve", { deployment, approval: "plan-1", decision: "approve" })).toMatchObject({ isError: true });
		expect(api.services.audited).toHaveLength(2);
	});
});

it("other methods than POST are not offered: there are no sessions to listen to or to end", async () => {
	for (const method of ["GET", "DELETE"]) {
		const response = await fetch(address(), { method, headers: { authorization: `Bearer ${api.token}`, accept: "text/event-stream" } });
		expect([method, response.status]).toEqual([method, 405]);
	}
});

/** Lines of a build: every tenth is far longer than a model wants to read. */
async function writeLog(id: string, count: number): Promise<void> {
	for (let first = 1; first <= count; first += 40) {
		const lines = Array.from({ length: 40 }, (_, index) => ({
			n: first + index,
			at: new Date().toISOString(),
			from: "stdout" as const,
			text: `line ${first + index} ${"x".repeat((first + index) % 10 === 0 ? 2500 : 20)}`,
		}));
		const draft: EventDraft = { type: "log", stage: "build", content: "", metadata: { first, last: first + 39, lines } };
		await api.database.streams.write((writer) => writer.append(streamOf.deployment(id), [draft]));
	}
}
