import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { allowedAddresses, type Destination, parseAuthority, Refused, type Resolve, written } from "./egress-check.ts";
import type { EgressPolicy } from "./sandbox.ts";
import { listenOnSocket } from "./unix-socket.ts";

export interface EgressProxyOptions {
	policy: EgressPolicy;
	/** A Unix socket for a sandbox; a port on loopback, behind a password, where nothing is isolated. */
	listen: { socketPath: string } | { password: string };
	/** For tests; the system's resolver otherwise. */
	resolve?: Resolve;
}

export interface EgressProxy {
	/** Port on loopback, null on a Unix socket. */
	readonly port: number | null;
	/** Destinations that were forbidden so far, each once: "169.254.169.254:80". */
	refused(): string[];
	/** Ends every connection. */
	close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
const idleTimeoutMs = 5 * 60_000;
const mostConnections = 512;
const mostRefusals = 100;
const triedAddresses = 3;
/** Headers between a client and its proxy, which are nobody else's business (RFC 9110, 7.6.1). */
const hopByHop = new Set([
	"connection",
	"proxy-connection",
	"keep-alive",
	"proxy-authorization",
	"proxy-authenticate",
	"te",
	"trailer",
	"upgrade",
]);

/**
 * Starts an HTTP proxy (CONNECT and plain requests) that resolves names itself, refuses private addresses under the policy
 * and dials the very address it has checked. What passes through is neither kept nor logged.
 */
export async function startEgressProxy({ policy, listen, resolve }: EgressProxyOptions): Promise<EgressProxy> {
	const refusals = new Set<string>();
	const open = new Set<Duplex>();
	const password = "password" in listen ? digest(listen.password) : null;

	const server = createServer({ maxHeaderSize: 16_384, headersTimeout: 15_000, requestTimeout: 0, keepAliveTimeout: 5_000 });
	server.maxConnections = mostConnections;
	server.on("connection", (socket) => track(socket));
	server.on("clientError", (_error, socket) => socket.destroy());
	server.on("request", (incoming, answer) => {
		forward(incoming, answer).catch((error) => refuseRequest(answer, error));
	});
	server.on("connect", (incoming, client, head) => {
		client.on("error", () => client.destroy());
		tunnel(incoming, client, head).catch((error) => refuseTunnel(client, error));
	});
	await ("socketPath" in listen ? listenOnSocket(server, listen.socketPath) : listenOnLoopback(server));

	return {
		port: "socketPath" in listen ? null : (server.address() as AddressInfo).port,
		refused: () => [...refusals],
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of open) socket.destroy();
			}),
	};

	async function tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer): Promise<void> {
		authorise(incoming);
		const to = parseAuthority(incoming.url ?? "");
		if (!to) throw new Refused(400, "the destination could not be understood");
		const upstream = await dial(await check(to));
		if (client.destroyed) return void upstream.destroy();
		client.write("HTTP/1.1 200 Connection established\r\n\r\n");
		if (head.length > 0) upstream.write(head);
		join(client, upstream);
	}

	async function forward(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
		authorise(incoming);
		const url = URL.parse(incoming.url ?? "");
		const to = url?.protocol === "http:" ? parseAuthority(`${url.hostname}:${url.port || 80}`) : null;
		if (!url || !to) throw new Refused(400, "only http:// addresses can be forwarded; use CONNECT for others");
		const upstream = await dial(await check(to));
		const outgoing = request({
			createConnection: () => upstream,
			method: incoming.method,
			path: `${url.pathname}${url.search}`,
			headers: { ...forwardable(incoming), host: url.host, connection: "close" },
			setHost: false,
		});
		outgoing.on("error", (error) => refuseRequest(answer, error));
		outgoing.on("response", (response) => {
			answer.writeHead(response.statusCode ?? 502, response.statusMessage, forwardable(response));
			response.on("error", () => answer.destroy());
			response.pipe(answer);
		});
		answer.on("close", () => outgoing.destroy());
		incoming.pipe(outgoing);
	}

	function authorise(incoming: IncomingMessage): void {
		if (!password) return;
		const sent = /^Basic (\S{1,400})$/.exec(incoming.headers["proxy-authorization"] ?? "")?.[1] ?? "";
		const [, given = ""] = Buffer.from(sent, "base64").toString().split(":");
		if (!timingSafeEqual(digest(given), password)) throw new Refused(403, "the proxy's password is wrong");
	}

	async function check(to: Destination): Promise<{ to: Destination; addresses: string[] }> {
		try {
			return { to, addresses: await allowedAddresses(to, policy, resolve) };
		} catch (error) {
			if (error instanceof Refused && error.forbidden && refusals.size < mostRefusals) refusals.add(written(to));
			throw error;
		}
	}

	async function dial({ to, addresses }: { to: Destination; addresses: string[] }): Promise<Socket> {
		for (const address of addresses.slice(0, triedAddresses)) {
			const socket = await connected(address, to.port);
			if (socket) return track(socket);
		}
		throw new Refused(502, `${written(to)} could not be reached`);
	}

	function track<S extends Socket>(socket: S): S {
		open.add(socket);
		socket.once("close", () => open.delete(socket));
		socket.setTimeout(idleTimeoutMs, () => socket.destroy());
		return socket;
	}
}

function connected(host: string, port: number): Promise<Socket | null> {
	return new Promise((resolve) => {
		const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
		const timer = setTimeout(() => socket.destroy(), connectTimeoutMs);
		socket.on("error", () => socket.destroy());
		socket.once("connect", () => {
			clearTimeout(timer);
			resolve(socket);
		});
		socket.once("close", () => {
			clearTimeout(timer);
			resolve(null);
		});
	});
}

function join(client: Duplex, upstream: Socket): void {
	client.on("close", () => upstream.destroy());
	upstream.on("close", () => client.destroy());
	client.pipe(upstream);
	upstream.pipe(client);
}

function forwardable(message: IncomingMessage): Record<string, string | string[]> {
	const kept: Record<string, string | string[]> = {};
	for (const [name, values] of Object.entries(message.headersDistinct)) {
		if (values && !hopByHop.has(name)) kept[name] = values.length === 1 ? (values[0] ?? "") : values;
	}
	return kept;
}

function refuseTunnel(client: Duplex, error: unknown): void {
	const { status, message } = explained(error);
	client.end(`HTTP/1.1 ${status} ${message}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
}

function refuseRequest(answer: ServerResponse, error: unknown): void {
	if (answer.headersSent) return void answer.destroy();
	const { status, message } = explained(error);
	answer.writeHead(status, { "content-type": "text/plain", connection: "close" }).end(`Quayside: ${message}\n`);
}

function explained(error: unknown): { status: number; message: string } {
	// A name comes from the other side: only what can stand in a status line is repeated.
	if (error instanceof Refused) return { status: error.status, message: error.message.replace(/[^\x20-\x7e]/g, "?") };
	return { status: 502, message: "the connection failed" };
}

function listenOnLoopback(server: Server): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			server.off("error", reject);
			resolve();
		});
	});
}

function digest(value: string): Buffer {
	return createHash("sha256").update(value).digest();
}
