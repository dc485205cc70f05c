import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What a proxy does to what passes through it; everything that is left out passes. May be changed while it runs. */
export interface Meddling {
	/** Upgrade requests: refused with 403, kept without an answer, or cut after this many milliseconds of being open. */
	upgrade?: "refuse" | "hang" | { cutAfterMs: number };
	/** `text/event-stream` answers: kept until they end, let through in heaps of this age, or compressed in name. */
	stream?: "hold" | { heapMs: number };
	/** Every request of `/live/` is answered with this page. */
	liveAnswer?: { status: number; type: string; body: string };
}

export interface MeddlingProxy {
	origin: string;
	meddling: Meddling;
	stop(): Promise<void>;
}

/** A reverse proxy before a server on 127.0.0.1, which meddles as told. It passes `Host` and `Origin` on as the server's own. */
export async function startMeddlingProxy(
	upstreamPort: number,
	meddling: Meddling = {},
	upstreamHost = "127.0.0.1",
): Promise<MeddlingProxy> {
	const proxy: MeddlingProxy = { origin: "", meddling, stop };
	const sockets = new Set<Duplex>();
	const timers = new Set<NodeJS.Timeout>();
	const server = createServer(answer);
	server.on("connection", (socket) => track(socket));
	server.on("upgrade", upgrade);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	proxy.origin = `http://${upstreamHost}:${(server.address() as AddressInfo).port}`;
	return proxy;

	function track(socket: Duplex): void {
		sockets.add(socket);
		socket.on("error", () => socket.destroy());
		socket.once("close", () => sockets.delete(socket));
	}

	function headersFor(request: IncomingMessage): IncomingMessage["headers"] {
		const own = `http://${upstreamHost}:${upstreamPort}`;
		return {
			...request.headers,
			host: new URL(own).host,
			...(request.headers.origin && { origin: own }),
			...(request.headers.referer && { referer: own }),
		};
	}

	function answer(request: IncomingMessage, response: ServerResponse): void {
		const { liveAnswer, stream } = proxy.meddling;
		if (liveAnswer && request.url?.startsWith("/live/")) {
			request.resume();
			response.writeHead(liveAnswer.status, { "content-type": liveAnswer.type }).end(liveAnswer.body);
			return;
		}
		const upstream = send({
			port: upstreamPort,
			host: "127.0.0.1",
			method: request.method,
			path: request.url,
			headers: headersFor(request),
		});
		upstream.on("error", () => response.destroy());
		response.on("close", () => upstream.destroy());
		response.on("error", () => {});
		upstream.on("response", (incoming) => {
			response.writeHead(incoming.statusCode ?? 502, incoming.headers);
			const isStream = incoming.headers["content-type"]?.startsWith("text/event-stream") ?? false;
			if (!isStream || stream === undefined) incoming.pipe(response);
			else {
				response.flushHeaders();
				holdBack(incoming, response, stream === "hold" ? null : stream.heapMs);
			}
		});
		request.pipe(upstream);
	}

	function holdBack(incoming: IncomingMessage, response: ServerResponse, heapMs: number | null): void {
		let held: Buffer[] = [];
		const flush = () => {
			if (held.length > 0) response.write(Buffer.concat(held));
			held = [];
		};
		const timer = heapMs === null ? null : setInterval(flush, heapMs);
		if (timer) timers.add(timer);
		incoming.on("data", (chunk: Buffer) => held.push(chunk));
		incoming.on("error", () => {});
		incoming.once("close", () => {
			if (timer) clearInterval(timer);
			flush();
			response.end();
		});
	}

	function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
		const how = proxy.meddling.upgrade;
		if (how === "hang") return;
		if (how === "refuse") {
			socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
			return;
		}
		const upstream: Socket = connect(upstreamPort, "127.0.0.1", () => {
			const lines = Object.entries(headersFor(request)).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}`));
			upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
			upstream.write(head);
			upstream.pipe(socket).pipe(upstream);
			if (how) timers.add(setTimeout(() => socket.destroy(), how.cutAfterMs));
		});
		track(upstream);
		upstream.once("close", () => socket.destroy());
		socket.once("close", () => upstream.destroy());
	}

	async function stop(): Promise<void> {
		for (const timer of timers) clearInterval(timer);
		const closed = new Promise((resolve) => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	}
}
