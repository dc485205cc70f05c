import type { LookupAddress } from "node:dns";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { allowedAddresses, parseAuthority } from "#server/exec/egress-check.ts";
import { type EgressProxyOptions, startEgressProxy } from "#server/exec/egress-proxy.ts";
import type { EgressPolicy } from "#server/exec/sandbox.ts";

const strict: EgressPolicy = { allowPrivate: false, allowPrivateHosts: [] };
const answers =
	(...addresses: string[]) =>
	async (): Promise<LookupAddress[]> =>
		addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

let folder: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "quayside-proxy-"));
	cleanups.push(() => rm(folder, { recursive: true }));
});
afterEach(async () => {
	for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function proxyWith(options: Partial<EgressProxyOptions>) {
	const socketPath = join(folder, "egress.sock");
	const proxy = await startEgressProxy({ policy: strict, listen: { socketPath }, ...options });
	cleanups.push(proxy.close);
	return { ...proxy, socketPath };
}

async function webServer(): Promise<{ port: number; requests: { url: string; headers: Record<string, unknown> }[] }> {
	const requests: { url: string; headers: Record<string, unknown> }[] = [];
	const server = createServer((incoming, answer) => {
		requests.push({ url: incoming.url ?? "", headers: incoming.headers });
		answer.setHeader("set-cookie", ["a=1", "b=2"]);
		incoming.pipe(answer);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	cleanups.push(() => new Promise((resolve) => server.close(resolve)));
	return { port: (server.address() as AddressInfo).port, requests };
}

/** What a proxy answers to a plain request for an absolute address. */
function plain(proxy: { socketPath?: string; port?: number | null }, path: string, body = "", headers: Record<string, string> = {}) {
	return new Promise<{ status: number; text: string; headers: Record<string, unknown> }>((resolve, reject) => {
		const via = proxy.port ? { host: "127.0.0.1", port: proxy.port } : { socketPath: proxy.socketPath };
		const asked = request({ ...via, path, method: body ? "POST" : "GET", headers, agent: false }, (answer) => {
			let text = "";
			answer.setEncoding("utf8").on("data", (chunk) => {
				text += chunk;
			});
			answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
		});
		asked.on("error", reject).end(body);
	});
}

/** Everything a proxy says to raw bytes, until it closes. */
function raw(socketPath: string, ...chunks: string[]): Promise<string> {
	return new Promise((resolve) => {
		let text = "";
		const socket = connect(socketPath, () => {
			for (const chunk of chunks) socket.write(chunk);
		});
		socket.setEncoding("utf8").on("data", (chunk) => {
			text += chunk;
		});
		socket.on("error", () => {});
		socket.on("close", () => resolve(text));
	});
}

test.each([
	["10.0.0.1", "10.0.0.1:443"],
	["169.254.169.254", "169.254.169.254:443"],
	["127.0.0.1", "127.0.0.1:443"],
	["[::1]", "[::1]:443"],
	["[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]:443"],
])("CONNECT to %s is refused and remembered", async (host, refused) => {
	const proxy = await proxyWith({});
	const answer = await raw(proxy.socketPath, `CONNECT ${host}:443 HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
	expect(answer).toMatch(/^HTTP\/1\.1 403 .*leads to a private address/);
	expect(proxy.refused()).toEqual([refused]);
});

test("a name is refused when any of its addresses is private, and is looked up once for each connection", async () => {
	const asked: string[] = [];
	const changing = async (host: string): Promise<LookupAddress[]> => {
		asked.push(host);
		return answers(...(asked.length === 1 ? ["203.0.113.1", "127.0.0.1"] : ["127.0.0.1"]))();
	};
	const proxy = await proxyWith({ resolve: changing });
	expect((await plain(proxy, "http://rebinding.example/")).status).toBe(403);
	expect(asked).toEqual(["rebinding.example"]);
	expect((await plain(proxy, "http://rebinding.example/")).text).toContain("loopback");
	expect(proxy.refused()).toEqual(["rebinding.example:80"]);
});

test("the checked address is the one that is dialled, whatever the name says a moment later", async () => {
	const web = await webServer();
	let lookups = 0;
	const policy = { allowPrivate: false, allowPrivateHosts: ["git.example"] };
	const resolve = async () => {
		lookups += 1;
		return answers(lookups === 1 ? "127.0.0.1" : "203.0.113.1")();
	};
	const proxy = await proxyWith({ policy, resolve });
	const answer = await plain(proxy, `http://git.example:${web.port}/x?y=1`, "sent body", {
		"proxy-authorization": "Basic c2VjcmV0",
		te: "x",
	});
	expect(answer).toMatchObject({ status: 200, text: "sent body" });
	expect(answer.headers["set-cookie"]).toEqual(["a=1", "b=2"]);
	expect(web.requests).toHaveLength(1);
	expect(web.requests[0]).toMatchObject({ url: "/x?y=1", headers: { host: `git.example:${web.port}` } });
	expect(web.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
	expect(lookups).toBe(1);
	expect(proxy.refused()).toEqual([]);
});

test("an allowed private host does not open another name on the same address", async () => {
	const policy = { allowPrivate: false, allowPrivateHosts: ["git.example"] };
	await expect(allowedAddresses({ host: "git.example", port: 443 }, policy, answers("10.0.0.9"))).resolves.toEqual(["10.0.0.9"]);
	await expect(allowedAddresses({ host: "evil.example", port: 443 }, policy, answers("10.0.0.9"))).rejects.toMatchObject({ status: 403 });
	await expect(allowedAddresses({ host: "10.0.0.9", port: 443 }, policy)).rejects.toMatchObject({ status: 403 });
});

test("an allowed port of a private host opens no other port of it", async () => {
	const policy = { allowPrivate: false, allowPrivateHosts: ["registry.example:4873", "[::1]:4873"] };
	const at = (host: string, port: number) => allowedAddresses({ host, port }, policy, answers("127.0.0.1"));
	await expect(at("registry.example", 4873)).resolves.toEqual(["127.0.0.1"]);
	await expect(at("::1", 4873)).resolves.toEqual(["::1"]);
	await expect(at("registry.example", 3000)).rejects.toMatchObject({ status: 403 });
	await expect(at("::1", 3000)).rejects.toMatchObject({ status: 403 });
});

test("spellings of loopback that only a resolver understands are refused by what they resolve to", async () => {
	for (const host of ["0x7f.1", "2130706433", "127.1", "localhost"]) {
		await expect(allowedAddresses({ host, port: 80 }, strict)).rejects.toMatchObject({
			message: expect.stringMatching(/private address|not found/),
		});
	}
});

test("this machine's own addresses are refused even where they are public", async () => {
	const own = Object.values(networkInterfaces()).flat();
	expect(own.length).toBeGreaterThan(0);
	for (const entry of own) {
		await expect(allowedAddresses({ host: "self.example", port: 80 }, strict, answers(entry?.address ?? ""))).rejects.toMatchObject({
			status: 403,
		});
	}
});

test("port 25 is refused, also for an allowed host", async () => {
	const policy = { allowPrivate: true, allowPrivateHosts: ["mail.example"] };
	await expect(allowedAddresses({ host: "mail.example", port: 25 }, policy, answers("203.0.113.1"))).rejects.toMatchObject({ status: 403 });
});

test("a tunnel carries bytes both ways, with what was sent early, and a half-close", async () => {
	const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
		let text = "";
		socket.on("data", (chunk) => {
			text += chunk;
		});
		socket.on("end", () => socket.end(`got ${text}`));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	cleanups.push(() => new Promise((resolve) => server.close(resolve)));
	const { port } = server.address() as AddressInfo;
	const proxy = await proxyWith({ policy: { allowPrivate: true, allowPrivateHosts: [] } });

	const answer = await new Promise<string>((resolve) => {
		let text = "";
		const socket = connect({ path: proxy.socketPath, allowHalfOpen: true }, () => {
			socket.end(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n\r\nearly bytes`);
		});
		socket.setEncoding("utf8").on("data", (chunk) => {
			text += chunk;
		});
		socket.on("close", () => resolve(text));
		socket.on("end", () => socket.destroy());
	});
	expect(answer).toBe("HTTP/1.1 200 Connection established\r\n\r\ngot early bytes");
});

test("nonsense is answered, not obeyed", async () => {
	const proxy = await proxyWith({});
	expect(await raw(proxy.socketPath, "CONNECT no-port HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
	expect((await plain(proxy, "/relative")).status).toBe(400);
	expect((await plain(proxy, "https://example.com/")).status).toBe(400);
	expect((await plain(proxy, "file:///etc/passwd")).status).toBe(400);
	expect(await raw(proxy.socketPath, `GET http://x/ HTTP/1.1\r\nbig: ${"x".repeat(20_000)}\r\n\r\n`)).toBe("");
	expect(proxy.refused()).toEqual([]);
});

test("a name that does not exist and a port nobody listens on are told apart from a refusal", async () => {
	const policy = { allowPrivate: true, allowPrivateHosts: [] };
	const fails = async () => {
		throw new Error("ENOTFOUND");
	};
	const unknown = await proxyWith({ policy, resolve: fails });
	expect(await plain(unknown, "http://missing.example/")).toMatchObject({ status: 502, text: expect.stringContaining("was not found") });
	await unknown.close();
	const gone = createTcpServer();
	await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
	const { port } = gone.address() as AddressInfo;
	await new Promise((resolve) => gone.close(resolve));
	const proxy = await proxyWith({ policy });
	expect(await plain(proxy, `http://127.0.0.1:${port}/`)).toMatchObject({
		status: 502,
		text: expect.stringContaining("could not be reached"),
	});
	expect(proxy.refused()).toEqual([]);
});

test("on loopback the proxy asks for its password", async () => {
	const web = await webServer();
	const proxy = await proxyWith({ policy: { allowPrivate: true, allowPrivateHosts: [] }, listen: { password: "p4ss" } });
	const url = `http://127.0.0.1:${web.port}/`;
	const basic = (text: string) => ({ "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` });
	const via = { port: proxy.port };
	expect((await plain(via, url)).status).toBe(403);
	expect((await plain(via, url, "", basic("quayside:wrong"))).status).toBe(403);
	expect((await plain(via, url, "", basic("quayside:p4ss"))).status).toBe(200);
	expect(web.requests).toHaveLength(1);
});

test("refusals are counted once each and never more than a hundred", async () => {
	const proxy = await proxyWith({});
	for (let last = 0; last < 120; last += 1) await plain(proxy, `http://10.0.0.${last}/`);
	await plain(proxy, "http://10.0.0.1/");
	expect(proxy.refused()).toHaveLength(100);
});

test("an authority is read strictly", () => {
	expect(parseAuthority("Registry.Example:443")).toEqual({ host: "registry.example", port: 443 });
	expect(parseAuthority("registry.example.:443")).toEqual({ host: "registry.example", port: 443 });
	expect(parseAuthority("[FE80::1]:80")).toEqual({ host: "fe80::1", port: 80 });
	for (const bad of ["x", "x:", "x:0", "x:65536", ":80", "a b:80", "a@b:80", "::1:80", "x:80/path", ".:80"])
		expect(parseAuthority(bad)).toBeNull();
});

test("permission for private addresses does not open those where clouds hand out credentials", async () => {
	const policy = { allowPrivate: true, allowPrivateHosts: [] };
	for (const host of ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"])
		await expect(allowedAddresses({ host, port: 80 }, policy)).rejects.toThrow(/link-local/);
	expect(await allowedAddresses({ host: "192.168.1.7", port: 80 }, policy)).toEqual(["192.168.1.7"]);
});
