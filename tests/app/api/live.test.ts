import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cursor, closeCodes, type StreamEvent, streamOf } from "#lib/protocol/index.ts";
import type { LiveClient } from "#lib/services.ts";
import type { Connect } from "#server/live/transports/transport.ts";
import { startTestApi, type TestApi } from "#tests/support/api.ts";

const password = "correct horse battery";

let api: TestApi;
let member: { id: string; token: string };
let adminId: string;
beforeAll(async () => {
	api = await startTestApi();
	adminId = (await api.admin.accounts.me()).user.id;
	const { id } = await api.admin.accounts.createUser({ email: "bob@example.com", name: "Bob", password });
	const principal = {
		user: { id, email: "bob@example.com", name: "Bob", role: "member" as const },
		via: "session" as const,
		expiresAt: null,
		mayApprove: true,
	};
	member = { id, token: (await api.services.accounts.createToken(principal, { name: "bob", expiresInDays: null })).token };
}, 60_000);
afterAll(() => api.stop());

async function call(method: "GET" | "POST", path: string, token?: string) {
	const response = await fetch(api.server.origin + path, { method, headers: token ? { authorization: `Bearer ${token}` } : {} });
	return { status: response.status, body: await response.json() };
}

/** A connection of this user, as far as the hub can tell. */
function connectAs(userId: string, cursors: Cursor[] = []): void {
	const connect: Connect = ({ onClose }) => ({ kind: "ws", bufferedBytes: 0, send: () => true, close: (code) => onClose(code) });
	api.services.hub.open({
		principal: {
			user: { id: userId, email: `${userId}@example.com`, name: userId, role: "member" },
			via: "session",
			expiresAt: null,
			mayApprove: true,
		},
		userAgent: "a browser",
		via: null,
		connect,
		reauthenticate: async () => null,
		cursors,
		holdMs: null,
	});
}

describe("the status of live delivery (R53, R54)", () => {
	it("is a health check for curl", async () => {
		const headers = ["-H", `Authorization: Bearer ${api.token}`];
		for (const path of ["/api/live/status", "/api/ws/status"]) {
			const { stdout } = await promisify(execFile)("curl", ["-fsS", ...headers, api.server.origin + path]);
			expect(JSON.parse(stdout)).toMatchObject({
				status: "ok",
				clients: 0,
				maxConnections: 5000,
				byTransport: { ws: 0, sse: 0, poll: 0 },
				parked: 0,
				dropped: 0,
				bufferedBytes: 0,
				pendingMessages: 0,
				uptimeS: expect.any(Number),
				timestamp: expect.stringMatching(/^\d{4}-/),
			});
		}
		await expect(promisify(execFile)("curl", ["-fsS", `${api.server.origin}/api/ws/status`])).rejects.toMatchObject({ code: 22 });
	});
});

describe("the list of connections (R45)", () => {
	it("shows an administrator all of them, and others their own", async () => {
		connectAs(member.id, [{ stream: streamOf.user(member.id), epoch: null, after: 0 }]);
		connectAs(adminId);
		const clientsFor = async (token: string) => ((await call("GET", "/api/ws/clients", token)).body as { clients: LiveClient[] }).clients;
		expect((await clientsFor(api.token)).map(({ userId }) => userId).sort()).toEqual([member.id, adminId].sort());
		await expect.poll(() => clientsFor(member.token)).toMatchObject([{ userId: member.id, subscriptions: [streamOf.user(member.id)] }]);
		expect((await call("GET", "/api/live/clients")).status).toBe(401);
	});
});

describe("a message to see that it arrives (R55)", () => {
	it("is told on the caller's own stream, under both names", async () => {
		const stream = streamOf.user(adminId);
		for (const path of ["/api/live/trigger", "/api/ws/trigger-update"]) {
			const { status, body } = await call("POST", path, api.token);
			const { event } = body as { event: StreamEvent };
			expect(status).toBe(202);
			expect(event).toMatchObject({ type: "system", stream, content: expect.stringContaining("to see that it arrives") });
			const { events } = await api.database.streams.read({ stream, epoch: null, after: event.seq - 1 });
			expect(events).toEqual([event]);
		}
	});

	it("is for administrators", async () => {
		expect(await call("POST", "/api/ws/trigger-update")).toMatchObject({ status: 401, body: { error: { code: "unauthenticated" } } });
		expect(await call("POST", "/api/ws/trigger-update", member.token)).toMatchObject({
			status: 403,
			body: { error: { code: "forbidden" } },
		});
		expect((await api.database.streams.read({ stream: streamOf.user(member.id), epoch: null, after: 0 })).events).toEqual([]);
	});
});

it("a server that stops fails the health check (R54)", async () => {
	await api.services.hub.drain(1000);
	expect(await call("GET", "/api/live/status", api.token)).toMatchObject({
		status: 503,
		body: { status: "draining", closed: { [closeCodes.restart]: 2 } },
	});
});
