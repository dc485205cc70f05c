import { validate } from "@readme/openapi-parser";
import { unzipSync } from "fflate";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answers } from "#app/api/openapi.json/answers.ts";
import { namedOperations, operations } from "#app/api/openapi.json/document.ts";
import { views } from "#app/api/openapi.json/views.ts";
import { type Client, createClient } from "#lib/client/client.ts";
import { getServices, provideServices } from "#lib/services.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

const password = "correct horse battery";
const url = "https://git.example.com/acme/web-shop.git";

let database: TestApi["database"];
let server: TestApi["server"];
let services: TestApi["services"];
let stop: TestApi["stop"];
let token: string;
let admin: Client;
let member: Client;
let memberToken: string;
beforeAll(async () => {
	({ database, server, services, stop, token, admin } = await startTestApi());
	await admin.accounts.createUser({ email: "bob@example.com", name: "Bob", password });
	const cookie = await logIn();
	const made = await call("POST", "/api/tokens", { cookie, body: { name: "bob" } });
	memberToken = (made.body as { token: string }).token;
	member = createClient({ origin: server.origin, token: memberToken });
}, 60_000);
afterAll(() => stop());

interface CallOptions {
	cookie?: string;
	bearer?: string;
	origin?: string;
	body?: unknown;
	headers?: Record<string, string>;
}

/** A request as a browser or curl sends it. A cookie comes with the origin of a page of ours unless another is given. */
async function call(method: string, path: string, { cookie, bearer, origin, body, headers }: CallOptions = {}) {
	const response = await fetch(server.origin + path, {
		method,
		headers: {
			...(body !== undefined && { "content-type": "application/json" }),
			...(cookie !== undefined && { cookie, origin: origin ?? server.origin }),
			...(origin !== undefined && { origin }),
			...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
			...headers,
		},
		body: typeof body === "string" || body === undefined ? body : JSON.stringify(body),
	});
	const text = await response.text();
	return {
		status: response.status,
		headers: response.headers,
		text,
		body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : null,
	};
}

async function logIn(): Promise<string> {
	const { headers } = await call("POST", "/api/auth/login", { body: { email: "bob@example.com", password }, origin: server.origin });
	return headers
		.getSetCookie()
		.map((cookie) => cookie.split(";")[0])
		.join("; ");
}

const codeOf = (answer: { body: { error?: { code: string } } | null }) => answer.body?.error?.code;
const deploy = (client: Client, name: string = ulid()) =>
	client.deployments.create({ source: { type: "git", url: `https://git.example.com/acme/${name}` } });

describe("the contract", () => {
	it("and the route files are the same", async () => {
		const ofSockets = ["/api/ws/status", "/api/ws/clients", "/api/ws/trigger-update"];
		const aliases = ["/api/builds/{id}", "/api/builds/{id}/events", "/api/builds/{id}/metrics", ...ofSockets, "/api/{...rest}"];
		const routes = [...(await server.methods())].filter(([path]) => !aliases.includes(path));
		const written = routes.flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
		expect(written.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
	});

	it("is readable as an OpenAPI document with a schema for each body", async () => {
		const { status, body } = await call("GET", "/api/openapi.json", { bearer: token });
		expect(status).toBe(200);
		expect(body).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } });
		expect(await validate(structuredClone(body))).toMatchObject({ valid: true, warnings: [] });
		const json = [...namedOperations].filter(([, { answer }]) => answer.mediaType === undefined && answer.status !== 204);
		expect(Object.keys(answers).sort()).toEqual(json.map(([name]) => name).sort());
		expect(Object.values(body.paths).flatMap((path) => Object.keys(path as object))).toHaveLength(operations.length);
		const { requestBody, parameters } = body.paths["/api/deployments"].post;
		expect(requestBody.content["application/json"].schema.properties.source.oneOf[0].properties).toHaveProperty("url");
		expect(parameters).toMatchObject([{ name: "idempotency-key", in: "header" }]);
		expect(body.paths["/api/deployments/{id}/events"].get.parameters.map(({ name }: { name: string }) => name)).toEqual(
			expect.arrayContaining(["id", "after", "since", "epoch", "limit", "wait"]),
		);
	});
});

describe("what is written of an answer", () => {
	it("is what is answered", async () => {
		const { deployment, events } = await admin.deployments.create({ source: { type: "git", url: "https://git.example.com/acme/written" } });
		const { slug } = deployment.project;
		const variable = await admin.projects.setEnv(slug, { name: "GREETING", value: "hi" });
		const [row] = (await admin.deployments.list({ project: slug })).deployments;
		const page = await admin.deployments.events(deployment.id);
		const parts = [
			[views.Deployment, deployment],
			[views.Event, events[0]],
			[views.DeploymentRow, row],
			[views.Analytics, await admin.deployments.analytics()],
			[views.Project, await admin.projects.get(slug)],
			[views.Variable, variable],
			[views.DeployKey, await admin.projects.makeDeployKey(slug)],
			[views.User, (await admin.accounts.me()).user],
			[answers.readEvents, page],
			[answers.readLogLines, await admin.deployments.logLines(deployment.id)],
			[answers.readTimeline, await admin.deployments.timeline(deployment.id)],
			[answers.readMetrics, { metrics: await admin.deployments.metrics(deployment.id) }],
			[answers.readTiming, { timing: await admin.deployments.timing(deployment.id) }],
			[answers.compareDeployments, { comparison: await admin.deployments.compare(deployment.id, deployment.id) }],
			[answers.compareDeployments, { comparison: await admin.deployments.compare(deployment.id) }],
			[answers.listShares, { shares: await admin.deployments.shares(deployment.id) }],
			[answers.health, await admin.system.health()],
			[answers.listProjects, { projects: await admin.projects.list() }],
		] as const;
		for (const [schema, value] of parts) expect(schema?.safeParse(value)).toMatchObject({ success: true });
	});
});

describe("nobody", () => {
	const closed = operations.filter(({ access }) => access === "login");
	it.each(closed.map(({ method, path }) => [method, path.replace(/\{\w+\}/g, ulid())]))("gets 401 from %s %s", async (method, path) => {
		const answer = await call(method, path, method === "GET" || method === "DELETE" ? {} : { body: {} });
		expect([answer.status, codeOf(answer)]).toEqual([401, "unauthenticated"]);
	});

	it.each([
		["a path that does not exist", "/api/nothing/here"],
		["an alias", "/api/builds/01ARZ3NDEKTSV4RRFFQ69G5FAV"],
	])("gets 401 from %s", async (_, path) => {
		expect((await call("GET", path)).status).toBe(401);
		expect((await call("GET", path, { bearer: "wrong" })).status).toBe(401);
		expect((await call("GET", path, { bearer: token })).status).toBe(404);
	});

	it("may ask for health and readiness, under any name of the host", async () => {
		expect(await call("GET", "/api/health")).toMatchObject({ status: 200, body: { status: "ok" } });
		expect(await call("GET", "/api/ready")).toMatchObject({ status: 503, body: { ready: false } });
	});
});

describe("another person", () => {
	it("gets 404 from everything that names a deployment or a project of somebody's, and changes nothing", async () => {
		const { deployment } = await deploy(admin);
		const names: Record<string, string> = { id: deployment.id, slug: deployment.project.slug, name: "A" };
		await admin.projects.setEnv(deployment.project.slug, { name: "A", value: "kept", secret: false });
		const bodies: Record<string, unknown> = {
			env: { name: "A", value: "b" },
			rollback: { release: ulid() },
			settings: { settings: {} },
			messages: { text: "make it blue" },
		};
		const named = operations.filter(({ path }) => /^\/api\/(deployments|projects)\/\{/.test(path));
		expect(named.length).toBeGreaterThan(15);
		for (const { method, path } of named) {
			const target = path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");
			const answer = await call(method, target, {
				bearer: memberToken,
				body: method === "POST" || method === "PUT" ? (bodies[path.split("/").at(-1) ?? ""] ?? {}) : undefined,
			});
			expect([method, path, answer.status, codeOf(answer)]).toEqual([method, path, 404, "not_found"]);
		}
		expect((await admin.deployments.get(deployment.id)).status).toBe("queued");
		expect(await admin.projects.env(deployment.project.slug)).toMatchObject([{ value: "kept" }]);
		expect((await member.deployments.list()).deployments.map(({ id }) => id)).not.toContain(deployment.id);
	});

	it("who is no administrator may not make accounts", async () => {
		await expect(member.accounts.createUser({ email: "eve@example.com", name: "Eve", password })).rejects.toMatchObject({
			code: "forbidden",
			status: 403,
		});
	});
});

describe("a session", () => {
	it("begins with login, is known by its cookie, and ends with logout", async () => {
		const cookie = await logIn();
		expect(await call("GET", "/api/auth/me", { cookie })).toMatchObject({
			status: 200,
			body: { user: { email: "bob@example.com", role: "member" }, via: "session" },
		});
		const out = await call("POST", "/api/auth/logout", { cookie });
		expect(out.status).toBe(204);
		expect(out.headers.getSetCookie()).toEqual([expect.stringContaining("Max-Age=0")]);
		expect((await call("GET", "/api/auth/me", { cookie })).status).toBe(401);
	});

	it("is refused for a wrong password, and for a change from another site", async () => {
		expect(codeOf(await call("POST", "/api/auth/login", { body: { email: "bob@example.com", password: "wrong" } }))).toBe(
			"invalid_credentials",
		);
		const cookie = await logIn();
		const answer = await call("POST", "/api/tokens", { cookie, origin: "https://evil.example", body: { name: "x" } });
		expect([answer.status, codeOf(answer)]).toEqual([403, "foreign_origin"]);
		expect(answer.headers.get("access-control-allow-origin")).toBeNull();
	});

	it("cannot be begun by a page of another site", async () => {
		const answer = await call("POST", "/api/auth/login", { body: { email: "bob@example.com", password }, origin: "https://evil.example" });
		expect(codeOf(answer)).toBe("foreign_origin");
		expect(answer.headers.getSetCookie()).toEqual([]);
	});

	it("is not made by a set-up with a wrong secret", async () => {
		const answer = await call("POST", "/api/auth/setup", { body: { secret: "guess", name: "Eve", email: "eve@example.com", password } });
		expect([answer.status, codeOf(answer)]).toEqual([403, "setup_expired"]);
	});
});

describe("a request", () => {
	const post = (body: unknown, headers?: Record<string, string>) => call("POST", "/api/deployments", { bearer: token, body, headers });

	it.each([
		["an unknown field", { source: { type: "git", url, directry: "x" } }],
		["an unknown field at the top", { source: { type: "git", url }, projct: "x" }],
		["a missing field", { source: { type: "git" } }],
		["a ref that is an option", { source: { type: "git", url, ref: "--upload-pack=x" } }],
		["a directory outside", { source: { type: "git", url, directory: "../x" } }],
		["an address git must not get", { source: { type: "git", url: "ext::sh -c x" } }],
		["no JSON", "{"],
		["another shape", []],
	])("with %s is refused with 400", async (_, body) => {
		const answer = await post(body);
		expect(answer.status).toBe(400);
		expect(answer.body.error).toEqual({
			code: expect.stringMatching(/^(bad_request|invalid_url)$/),
			message: expect.any(String),
			action: expect.any(String),
			reference: expect.stringMatching(/^ref-/),
		});
	});

	it("names the field that does not fit", async () => {
		expect((await post({ source: { type: "git", url, ref: "--x" } })).body.error.message).toBe("“ref” is not a branch, tag or commit.");
	});

	it("that is no JSON by its type is refused", async () => {
		expect((await post(JSON.stringify({ source: { type: "git", url } }), { "content-type": "text/plain" })).status).toBe(400);
	});

	it("that is too large is refused, also without a length", async () => {
		expect((await post({ source: { type: "git", url: "x".repeat(300_000) } })).status).toBe(413);
		const chunks = new ReadableStream({
			start(controller) {
				for (let n = 0; n < 40; n++) controller.enqueue(new TextEncoder().encode("x".repeat(10_000)));
				controller.close();
			},
		});
		const response = await fetch(`${server.origin}/api/deployments`, {
			method: "POST",
			headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
			body: chunks,
			duplex: "half",
		} as RequestInit);
		expect(response.status).toBe(413);
	});

	it("that names nothing is not found, whatever it names", async () => {
		for (const path of ["/api/deployments/x", "/api/deployments/..%2f..%2fetc", "/api/projects/Not_A_Slug", `/api/deployments/${ulid()}`]) {
			expect((await call("GET", path, { bearer: token })).status).toBe(404);
		}
	});

	it("carries an id that its answer and its deployment repeat", async () => {
		const answer = await post({ source: { type: "git", url } }, { "x-request-id": "from-the-caller.1" });
		expect(answer.headers.get("x-request-id")).toBe("from-the-caller.1");
		expect(answer.body.deployment.correlationId).toBe("from-the-caller.1");
		expect((await post({ source: { type: "git", url } }, { "x-request-id": "a b" })).headers.get("x-request-id")).toMatch(/^[0-9A-Z]{26}$/);
	});

	it("that meets a fault of ours is answered without its words, and with the reference of the log", async () => {
		const real = getServices();
		const before = services.reported.length;
		provideServices({ ...real, projects: { ...real.projects, list: () => Promise.reject(new Error("password=hunter22 at /srv/x.ts:1")) } });
		const answer = await call("GET", "/api/projects", { bearer: token });
		provideServices(real);
		expect(answer.status).toBe(500);
		expect(answer.text).not.toMatch(/hunter22|x\.ts/);
		expect(answer.body.error).toMatchObject({ code: "internal", reference: `ref-${before + 1}` });
		expect(services.reported.at(-1)).toMatchObject({
			error: { message: expect.stringContaining("hunter22") },
			context: { method: "GET", path: "/api/projects" },
		});
	});
});

describe("a deployment", () => {
	it("is answered with its first event before any work", async () => {
		const { deployment, events } = await deploy(member, "first-event");
		expect(deployment).toMatchObject({ status: "queued", number: 1, project: { slug: "first-event" } });
		expect(events[0]).toMatchObject({ seq: 1, type: "deployment_started", deployment_id: deployment.id });
		expect(await member.deployments.get(deployment.id)).toMatchObject({ id: deployment.id });
		expect((await call("GET", `/api/builds/${deployment.id}`, { bearer: memberToken })).body.deployment.id).toBe(deployment.id);
	});

	it("is one under one key, and another request under it is refused", async () => {
		const source = { type: "git" as const, url };
		const options = { idempotencyKey: ulid() };
		const [one, two] = await Promise.all([member.deployments.create({ source }, options), member.deployments.create({ source }, options)]);
		expect(two.deployment.id).toBe(one.deployment.id);
		await expect(member.deployments.create({ source: { ...source, ref: "next" } }, options)).rejects.toMatchObject({
			code: "idempotency_conflict",
			status: 409,
		});
	});

	it("that has ended is shown to whoever has a link, and to nobody once it is revoked", async () => {
		const { deployment } = await deploy(member);
		await expect(member.deployments.share(deployment.id, { expiresInDays: 1 })).rejects.toMatchObject({ code: "not_finished" });
		await member.deployments.cancel(deployment.id);
		const made = await call("POST", `/api/deployments/${deployment.id}/share`, { bearer: memberToken, body: { expiresInDays: 3 } });
		expect([made.status, answers.createShare?.safeParse(made.body).success]).toEqual([201, true]);
		const { token: link, share } = made.body as Awaited<ReturnType<Client["deployments"]["share"]>>;
		const stranger = createClient({ origin: server.origin });
		const opened = await call("GET", `/api/share/${link}`);
		expect([opened.status, answers.openShare?.safeParse(opened.body).success]).toEqual([200, true]);
		expect(opened.headers.get("cache-control")).toBe("no-store");
		expect((await stranger.shared.story(link)).events[0]).toMatchObject({ type: "deployment_started", deployment_id: null });
		expect(await stranger.shared.logLines(link)).toEqual({ first: 0, last: 0, lines: [] });

		// Who looks at it may tell that its page failed; who looks at nothing may not.
		expect(await stranger.system.reportError({ message: "boom", page: "/share", share: link })).toMatch(/^ref-/);
		expect(services.reported.at(-1)?.context).toMatchObject({ sharedDeployment: deployment.id });
		await expect(stranger.system.reportError({ message: "boom" })).rejects.toMatchObject({ code: "unauthenticated" });

		await member.deployments.revokeShare(deployment.id, share.id);
		for (const path of ["", "/story", "/log/lines"]) expect((await call("GET", `/api/share/${link}${path}`)).status).toBe(404);
		await expect(stranger.system.reportError({ message: "boom", share: link })).rejects.toMatchObject({ code: "not_found" });
	});

	it("is cancelled, then cannot be cancelled again", async () => {
		const { deployment } = await deploy(member);
		expect((await member.deployments.cancel(deployment.id)).status).toBe("cancelled");
		await expect(member.deployments.cancel(deployment.id)).rejects.toMatchObject({ code: "already_finished" });
	});

	it("has a log and artifacts, which a browser never runs", async () => {
		const { deployment } = await deploy(member);
		const body = Buffer.from("<script>alert(1)</script>");
		const common = { deployment_id: deployment.id, size: body.length, sha256: "abc", body, created_at: new Date() };
		await database.db
			.insertInto("artifacts")
			.values([
				{ ...common, name: "page.html", media_type: "text/html" },
				{ ...common, name: "Dockerfile", media_type: "text/plain" },
			])
			.execute();
		expect((await member.deployments.artifacts(deployment.id)).map(({ name }) => name)).toEqual(["Dockerfile", "page.html"]);
		expect(Buffer.from(await member.deployments.artifact(deployment.id, "page.html")).equals(body)).toBe(true);
		const answer = await call("GET", `/api/deployments/${deployment.id}/artifacts/page.html`, { bearer: memberToken });
		expect(Object.fromEntries(answer.headers)).toMatchObject({
			"content-type": "application/octet-stream",
			"content-disposition": "attachment; filename*=UTF-8''page.html",
			"content-security-policy": expect.stringContaining("sandbox"),
			"x-content-type-options": "nosniff",
		});
		const path = `/api/deployments/${deployment.id}/artifacts/archive`;
		const archive = await fetch(`${server.origin}${path}`, { headers: { authorization: `Bearer ${memberToken}` } });
		expect(archive.headers.get("content-disposition")).toMatch(/^attachment; filename="[a-z0-9-]+-1\.zip"$/);
		const files = unzipSync(new Uint8Array(await archive.arrayBuffer()));
		expect(Object.keys(files)).toEqual(["Dockerfile", "page.html"]);
		expect(Buffer.from(files["page.html"] ?? []).equals(body)).toBe(true);
		expect((await call("GET", `/api/deployments/${ulid()}/artifacts/archive`, { bearer: memberToken })).status).toBe(404);
		const log = await call("GET", `/api/deployments/${deployment.id}/log?format=text`, { bearer: memberToken });
		expect([log.status, log.headers.get("content-type")]).toEqual([200, "text/plain; charset=utf-8"]);
	});
});
