import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { closeCodes, type EventDraft, type ServerFrame } from "#lib/protocol/index.ts";
import { createStreamAccess } from "#server/pipeline/stream-access.ts";
import { type WireConnection, wires } from "#tests/conformance/wires.ts";
import { liveServers } from "./live-fixture.ts";
import { type LiveServer, principalOf, startLiveServer } from "./live-server.ts";
import { clientFrame, handshake, openRaw, textFrame } from "./raw-socket.ts";

const live = liveServers();
const { start, onEnd } = live;

async function raw(server: LiveServer) {
	const socket = await openRaw({ port: server.port, host: "127.0.0.1" });
	onEnd(() => socket.tcp.destroy());
	return socket;
}

const draft: EventDraft = { type: "system", content: "A line.", metadata: { message_type: "info" } };
const ann = { authorization: "Bearer ann" };
const sub = (fields: string) => `{"t":"sub","id":1,"stream":"deployment/H",${fields}}`;

describe("a socket that breaks the rules is ended", () => {
	test.each([
		["that does not mask", clientFrame(1, Buffer.from('{"t":"ping","n":1}'), { masked: false }), 1002],
		["with reserved bits", clientFrame(1, Buffer.from("x"), { reserved: 0x70 }), 1002],
		["of no known kind", clientFrame(5, Buffer.from("x")), 1002],
		["that is no text", clientFrame(1, Buffer.from([0xc3, 0x28])), 1007],
		["of a terabyte", Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]), closeCodes.tooBig],
		["that says nothing", textFrame(""), closeCodes.protocol],
		["that is a list", textFrame("[]"), closeCodes.protocol],
		["of another version", textFrame('{"v":2,"t":"subscribe","buildId":"x"}'), closeCodes.protocol],
		["in bytes", clientFrame(2, Buffer.from('{"t":"ping","n":1}')), closeCodes.protocol],
	])("a frame %s", async (_, bytes, code) => {
		const server = await start();
		const { tcp, closed } = await raw(server);
		tcp.write(bytes);
		expect(await closed).toBe(code);
		await expect.poll(() => server.hub.status()).toMatchObject({ clients: 0, dropped: 1, closed: { [code]: 1 } });
		expect(server.errors).toEqual([]);
	});

	test.each([
		["a message", clientFrame(1, Buffer.from('{"t":"sub","id":1,'), { fin: false })],
		["a frame", textFrame(sub('"after":0')).subarray(0, 20)],
		["a header", Buffer.from([0x81])],
	])("half of %s, when nothing follows", async (_, bytes) => {
		const server = await start({ limits: { noSubscriptionMs: 100 } });
		const { tcp, closed } = await raw(server);
		tcp.write(bytes);
		expect(await closed).toBe(closeCodes.noSubscription);
	});

	test("a handshake of an older version of WebSocket", async () => {
		const server = await start();
		const tcp = connect(server.port, "127.0.0.1");
		tcp.write(handshake("ann", 7));
		const [answer] = (await once(tcp, "data")) as [Buffer];
		expect(answer.toString()).toMatch(/^HTTP\/1\.1 4(00|26) /);
		await once(tcp, "close");
	});

	test("who never answers the close is cut off", async () => {
		const server = await start({ limits: { noSubscriptionMs: 50 } });
		const { ended, closed } = await raw(server);
		expect(await closed).toBe(closeCodes.noSubscription);
		await ended;
	});

	test("who never answers a ping is cut off, whatever it was sent", async () => {
		const server = await start({ limits: { pingMs: 20, deadMs: 100 } });
		const { tcp, ended } = await raw(server);
		tcp.write(textFrame(sub('"after":0')));
		await ended;
		await expect.poll(() => server.hub.status()).toMatchObject({ clients: 0, closed: { 1006: 1 } });
	});
});

describe("a cursor that cannot be", () => {
	test.each([
		'"after":-1',
		'"after":1.5',
		'"after":"1"',
		'"after":NaN',
		'"after":1e400',
		'"after":9007199254740992',
		`"epoch":"${"x".repeat(65)}"`,
	])("%s is refused by all three", async (fields) => {
		const server = await start();
		const { tcp, closed } = await raw(server);
		tcp.write(textFrame(sub(fields)));
		expect(await closed).toBe(closeCodes.protocol);
		const body = `{"subs":[{"stream":"deployment/H",${fields}}]}`;
		for (const path of ["/live/sse", "/live/poll"])
			expect((await fetch(server.origin + path, { method: "POST", headers: ann, body })).status).toBe(400);
	});

	test("a seq beyond all that can be written starts anew", async () => {
		const server = await start();
		await live.database.streams.write((writer) => writer.append("deployment/HEAD", [draft, draft]));
		for (const wire of wires) {
			const connection = wire.open(server.origin, "ann", [{ stream: "deployment/HEAD", after: Number.MAX_SAFE_INTEGER }]);
			onEnd(() => connection.close());
			expect(await connection.until(({ t }) => t === "sub")).toMatchObject({ reset: "ahead", after: 0, head: 2 });
		}
	});

	test("a stream nobody can name does not exist, and is no error of ours", async () => {
		const access = createStreamAccess(live.database.db);
		const server = await startLiveServer({ streams: live.database.streams, authorize: access.mayWatch });
		onEnd(() => server.stop());
		const names = ["deployment/\0", "deployment/x\ud800", "deployment/' or 1=1 --", "user/bob", "../user/ann", "deployment", "/", "💥/x"];
		for (const wire of wires) {
			const connection: WireConnection = wire.open(
				server.origin,
				"ann",
				names.map((stream) => ({ stream })),
			);
			onEnd(() => connection.close());
			await connection.until((frame) => frame.t === "err" && frame.stream === names.at(-1));
			expect(connection.frames.flatMap((frame) => (frame.t === "err" ? [frame.code] : []))).toEqual(names.map(() => "not_found"));
		}
		expect(server.errors).toEqual([]);
	});
});

describe("a login that ends", () => {
	/** What SSE says until it ends. */
	async function read(server: LiveServer): Promise<ServerFrame[]> {
		const body = JSON.stringify({ subs: [{ stream: "deployment/H" }] });
		const response = await fetch(`${server.origin}/live/sse`, { method: "POST", headers: ann, body });
		return [...(await response.text()).matchAll(/^data: (.*)$/gm)].map(([, json = ""]) => JSON.parse(json) as ServerFrame);
	}

	test("by being revoked ends SSE in the middle", async () => {
		let known = true;
		const server = await start({ limits: { reauthenticateMs: 50 }, identify: (token) => (known ? principalOf(token) : null) });
		const said = read(server);
		await expect.poll(() => server.hub.status().clients).toBe(1);
		known = false;
		expect((await said).at(-1)).toMatchObject({ t: "bye", code: closeCodes.authExpired });
	});

	test("by its age ends it when its time has come, not when it is next looked at", async () => {
		const expiresAt = new Date(Date.now() + 300).toISOString();
		const server = await start({ limits: { reauthenticateMs: 60_000 }, identify: (token) => principalOf(token, expiresAt) });
		const said = await read(server);
		expect(said[0]).toMatchObject({ t: "hello", auth_exp: expiresAt });
		expect(said.at(-1)).toMatchObject({ t: "bye", code: closeCodes.authExpired });
	});
});

test("a page without an origin of its own does not come in", async () => {
	const server = await start();
	const body = JSON.stringify({ subs: [{ stream: "deployment/H" }] });
	for (const headers of [
		{ ...ann, origin: "null" },
		{ ...ann, origin: "" },
		{ ...ann, "sec-fetch-site": "same-site" },
	])
		expect((await fetch(`${server.origin}/live/poll`, { method: "POST", headers, body })).status).toBe(403);
});

test("what fails for one connection is kept from the others (R52), and nothing is lost to it (R51)", async () => {
	const server = await start();
	const stream = "deployment/ISOLATED";
	const others = [0, 1, 2, 3].map(() => {
		const connection = wires[0]?.open(server.origin, "ann", [{ stream }]);
		if (!connection) throw new Error("no wire");
		onEnd(() => connection.close());
		return connection;
	});
	await Promise.all(others.map((connection) => connection.until(({ t }) => t === "live")));
	let sent = 0;
	server.hub.open({
		principal: principalOf("eve"),
		userAgent: "",
		via: null,
		reauthenticate: async () => null,
		cursors: [{ stream, after: 0 }],
		holdMs: null,
		connect: () => ({
			kind: "ws",
			bufferedBytes: 0,
			send: ({ type }) => {
				if (type === "ev") throw new Error("the line broke");
				return ++sent > 0;
			},
			close() {},
		}),
	});
	await expect.poll(() => sent).toBeGreaterThanOrEqual(3);
	await live.database.streams.write((writer) => writer.append(stream, [draft]));
	for (const connection of others) await connection.until((frame) => frame.t === "ev" && frame.to === 1);
	await expect.poll(() => server.ended).toMatchObject([{ user: "eve", code: closeCodes.internal, reason: "could not be written to" }]);
	expect(server.hub.status()).toMatchObject({ clients: 4, dropped: 1 });
	const back = wires[0]?.open(server.origin, "eve", [{ stream, after: 0 }]);
	onEnd(() => back?.close());
	expect(await back?.until(({ t }) => t === "ev")).toMatchObject({ from: 1, to: 1 });
});
