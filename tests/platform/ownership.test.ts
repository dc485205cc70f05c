import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { DeploymentView } from "#lib/deployment/state.ts";
import { deploy } from "#tests/support/deployments.ts";
import { type Platform, startPlatform } from "#tests/support/platform.ts";

/** What `docs/architecture.md` lists as open; everything else asks for a login. */
const open = ["GET /api/health", "GET /api/ready", "POST /api/auth/login", "POST /api/auth/setup"];
/** Open to whoever has the token of a shared deployment: a wrong one finds nothing. */
const shared = ["GET /api/share/{token}", "GET /api/share/{token}/log/lines", "GET /api/share/{token}/story"];

interface Operation {
	method: string;
	path: string;
}

let platform: Platform;
let operations: Operation[];
let deployment: DeploymentView;
/** What a browser of the other user sends. */
let bob: { cookie: string; origin: string };

beforeAll(async () => {
	platform = await startPlatform();
	operations = await readContract();
	deployment = await deploy(platform, "example:static-site");
	bob = { cookie: await addUser("bob@example.com"), origin: platform.url };
}, 120_000);
afterAll(() => platform?.stop());

async function readContract(): Promise<Operation[]> {
	const document = (await (await platform.fetch("/api/openapi.json")).json()) as { paths: Record<string, Record<string, unknown>> };
	return Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
	);
}

/** Makes an account and logs it in; answers its cookie. */
async function addUser(email: string): Promise<string> {
	const password = "another long enough one";
	const headers = { "content-type": "application/json" };
	const made = await platform.fetch("/api/users", { method: "POST", headers, body: JSON.stringify({ email, name: "Bob", password }) });
	expect(made.status).toBe(201);
	const login = await fetch(`${platform.url}/api/auth/login`, { method: "POST", headers, body: JSON.stringify({ email, password }) });
	return login.headers
		.getSetCookie()
		.map((cookie) => cookie.split(";")[0])
		.join("; ");
}

/** The path of an operation for the deployment and project of somebody else. */
function pathOf({ path }: Operation): string {
	const values: Record<string, string> = {
		id: deployment.id,
		slug: deployment.project.slug,
		name: "Dockerfile",
		aid: "plan-1",
		host: "git.example.com",
		token: `qsh_${"x".repeat(43)}`,
	};
	return path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

const bodies: Record<string, unknown> = {
	"{aid}": { decision: "approve" },
	messages: { text: "make the header blue" },
	env: { name: "A", value: "b" },
	rollback: { release: "01ARZ3NDEKTSV4RRFFQ69G5FAV" },
	settings: { settings: { keepReleases: 1 } },
	"client-errors": { message: "A page broke." },
};

function call(operation: Operation, headers: Record<string, string>): Promise<Response> {
	const body = JSON.stringify(bodies[operation.path.split("/").at(-1) ?? ""] ?? {});
	const sends = operation.method === "POST" || operation.method === "PUT";
	return fetch(`http://127.0.0.1:${platform.port}${pathOf(operation)}`, {
		method: operation.method,
		redirect: "manual",
		headers: { ...headers, ...(sends && { "content-type": "application/json" }) },
		...(sends && { body }),
	});
}

describe("another user", () => {
	it("gets 404 from every endpoint of somebody's deployment and project, and changes nothing", async () => {
		const named = operations.filter(({ path }) => /^\/api\/(deployments|projects)\/\{/.test(path));
		expect(named.length).toBeGreaterThan(15);
		const answers = await Promise.all(named.map(async (one) => `${one.method} ${one.path} ${(await call(one, bob)).status}`));
		expect(answers).toEqual(named.map(({ method, path }) => `${method} ${path} 404`));
		for (const form of ["text/event-stream", "application/json"]) {
			const events = await fetch(`${platform.url}/api/deployments/${deployment.id}/events`, {
				headers: { ...bob, accept: form },
			});
			expect(events.status).toBe(404);
		}
		const owner = (await (await platform.fetch(`/api/projects/${deployment.project.slug}/env`)).json()) as { env?: unknown[] };
		expect(JSON.stringify(owner)).not.toContain('"A"');
	});

	it("does not find it in any list", async () => {
		const lists = operations.filter(({ method, path }) => method === "GET" && !path.includes("{") && path !== "/api/openapi.json");
		for (const one of lists) {
			const text = await (await call(one, bob)).text();
			expect([one.path, text.includes(deployment.id), text.includes(deployment.project.id)]).toEqual([one.path, false, false]);
		}
	});

	it("may not subscribe to its streams over any transport", async () => {
		const me = (await (await platform.fetch("/api/auth/me")).json()) as { user: { id: string } };
		const streams = [`deployment/${deployment.id}`, `project/${deployment.project.id}`, `user/${me.user.id}`];
		for (const stream of streams) expect([stream, await subscribe(stream)]).toEqual([stream, "err not_found"]);
		const poll = await fetch(`${platform.url}/live/poll`, {
			method: "POST",
			headers: bob,
			body: JSON.stringify({ subs: streams.map((stream) => ({ stream })) }),
		});
		const frames = (await poll.json()) as { t: string; stream?: string; code?: string }[];
		expect(frames.filter(({ t }) => t === "ev" || t === "sub")).toEqual([]);
		expect(frames.filter(({ t }) => t === "err").map(({ stream, code }) => `${stream} ${code}`)).toEqual(
			streams.map((stream) => `${stream} not_found`),
		);
	});

	it("is shown a page that says that there is nothing", async () => {
		for (const path of [`/deployments/${deployment.id}`, `/projects/${deployment.project.slug}`]) {
			const response = await fetch(platform.url + path, { headers: bob });
			const page = await response.text();
			expect(response.status).toBe(404);
			expect(page).toContain("There is nothing here");
			expect(page).not.toContain(deployment.project.id);
			expect(page).not.toContain(deployment.correlationId);
		}
	});
});

describe("nobody", () => {
	it("gets nothing but what is listed as open, on loopback too", async () => {
		const answers = await Promise.all(
			operations.map(async (one) => ({ name: `${one.method} ${one.path}`, status: (await call(one, {})).status })),
		);
		const closed = answers.filter(({ name }) => !open.includes(name) && !shared.includes(name));
		expect(closed.filter(({ status }) => status !== 401)).toEqual([]);
		const refused = answers.filter(({ name }) => shared.includes(name)).map(({ name, status }) => `${name} ${status}`);
		expect(refused.sort()).toEqual(shared.map((name) => `${name} 404`));
		expect(answers.map(({ name }) => name)).toEqual(expect.arrayContaining(open));
	});

	it("is refused by the live transports", async () => {
		expect(await subscribe(`deployment/${deployment.id}`, {})).toBe("refused 401");
		for (const path of ["/live/sse", "/live/poll"]) {
			const body = JSON.stringify({ subs: [{ stream: `deployment/${deployment.id}` }] });
			expect((await fetch(platform.url + path, { method: "POST", body })).status).toBe(401);
		}
	});

	it("is led to the login by every page", async () => {
		for (const path of ["/", "/projects", "/settings", `/deployments/${deployment.id}`, `/projects/${deployment.project.slug}`]) {
			const response = await fetch(platform.url + path, { redirect: "manual" });
			const page = await response.text();
			expect([path, response.status]).toEqual([path, 307]);
			expect(response.headers.get("location")).toMatch(/^\/login/);
			expect(page).not.toContain(deployment.project.id);
		}
	});
});

/** The first word about the stream, or how the handshake was refused. */
function subscribe(stream: string, headers: Record<string, string> = bob): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = new WebSocket(`ws://127.0.0.1:${platform.port}/live/ws`, { headers });
		socket.on("error", reject);
		socket.on("unexpected-response", (_, { statusCode }) => {
			resolve(`refused ${statusCode}`);
			socket.terminate();
		});
		socket.on("message", (data) => {
			const frame = JSON.parse(String(data)) as { t: string; code?: string };
			if (frame.t === "hello") return socket.send(JSON.stringify({ t: "sub", id: 1, stream, after: 0 }));
			resolve(`${frame.t} ${frame.code ?? ""}`.trim());
			socket.close();
		});
	});
}
