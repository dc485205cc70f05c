import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import type { Principal } from "#lib/services.ts";
import { createLiveRoutes, liveSocketPath } from "#server/http/live.ts";
import { createUpgradeDispatcher, type HandleUpgrade } from "#server/http/upgrade.ts";
import { createLive, type LiveHub } from "#server/live/hub.ts";
import type { LiveLimits } from "#server/live/limits.ts";
import type { Snapshot } from "#server/live/start.ts";
import type { LiveMetrics } from "#server/metrics/live-metrics.ts";
import type { Acknowledgements } from "#server/streams/acknowledgements.ts";
import type { Streams } from "#server/streams/streams.ts";

/** Faults a server or what stands before it can have; changed while it runs. */
export interface Faults {
	/** Upgrades are answered with this status. */
	refuseUpgrades?: number;
	/** The handshake succeeds and nothing is ever sent. */
	silentSockets?: boolean;
	/** SSE gets its headers and nothing else. */
	muteSse?: boolean;
	/** Every request is answered with this status. */
	refuseAll?: number;
}

export interface LiveServer {
	origin: string;
	port: number;
	hub: LiveHub;
	faults: Faults;
	/** Reported errors, oldest first. */
	errors: unknown[];
	/** What the log says of ended connections, oldest first. */
	ended: object[];
	/** Origins that browsers may come from; its own to begin with. */
	origins: Set<string>;
	/** Cuts every connection at once, without a word. */
	cut(): void;
	/** Stops as the platform does: `bye`, then the end. */
	stop(): Promise<void>;
}

export interface LiveServerOptions {
	streams: Streams;
	limits?: Partial<LiveLimits>;
	port?: number;
	/** A Unix socket it listens on as well: its buffers in the kernel are small. */
	unixPath?: string;
	snapshot?: (stream: string) => Promise<Snapshot | null>;
	/** Who may watch what, instead of `mayRead`. */
	authorize?: (principal: Principal, stream: string) => Promise<boolean>;
	/** Streams a user may read; all by default. */
	mayRead?: (user: string, stream: string) => boolean;
	metrics?: LiveMetrics;
	acknowledgements?: Acknowledgements;
	/** Who a token belongs to; every token is a user's name by default. A browser brings it as the cookie `token`. */
	identify?: (token: string) => Principal | null;
	/** Answers what is not live; 404 by default. */
	page?: (request: IncomingMessage, response: ServerResponse) => void;
	/** Next's development socket; none by default. */
	next?: HandleUpgrade;
}

export function principalOf(id: string, expiresAt: string | null = null): Principal {
	return { user: { id, email: `${id}@example.org`, name: id, role: "member" }, via: "token", expiresAt, mayApprove: false };
}

/** The real live server on a port of its own, with accounts made up: the bearer token is the user's id. */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
	const faults: Faults = {};
	const errors: unknown[] = [];
	const ended: object[] = [];
	const origins = new Set<string>();
	const sockets = new Set<Duplex>();
	const hub = createLive({
		streams: options.streams,
		authorize: options.authorize ?? (async (principal, stream) => options.mayRead?.(principal.user.id, stream) ?? true),
		snapshot: options.snapshot ?? (async () => null),
		bootId: crypto.randomUUID(),
		limits: { ...quickLimits, ...options.limits },
		metrics: options.metrics,
		acknowledgements: options.acknowledgements,
		log: {
			debug: (fields) => void ended.push(fields),
			info: (fields) => void ended.push(fields),
			warn: ({ err }: { err?: unknown }) => void errors.push(err),
		},
	});
	const routes = createLiveRoutes({
		hub,
		authenticate: async ({ headers }) => {
			const token = headers.get("authorization")?.replace("Bearer ", "") ?? /\btoken=([^;]+)/.exec(headers.get("cookie") ?? "")?.[1];
			if (!token) return null;
			return options.identify ? options.identify(token) : principalOf(token);
		},
		allowedOrigins: origins,
		reportError: (error) => {
			errors.push(error);
			return "reference";
		},
	});
	const dispatch = createUpgradeDispatcher({
		preview: {
			handles: (host) => host?.startsWith("preview.") ?? false,
			upgrade: (_request, socket) => void socket.end("HTTP/1.1 418 Preview\r\n\r\n"),
		},
		live: { path: liveSocketPath, upgrade: routes.upgrade },
		next: options.next ?? null,
	});
	const server = createServer((request, response) => answer(request, response));
	server.on("connection", (socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	server.on("upgrade", (request, socket, head) => {
		if (faults.refuseAll || faults.refuseUpgrades)
			socket.end(`HTTP/1.1 ${faults.refuseAll ?? faults.refuseUpgrades} Refused\r\nContent-Length: 0\r\n\r\n`);
		else if (faults.silentSockets) greetAndStaySilent(request, socket);
		else dispatch(request, socket, head);
	});
	await listen(server, options.port ?? 0);
	const unix = options.unixPath === undefined ? null : createTcpServer((socket) => server.emit("connection", socket));
	if (unix) await new Promise<void>((resolve) => unix.listen(options.unixPath, resolve));
	const { port } = server.address() as AddressInfo;
	const origin = `http://127.0.0.1:${port}`;
	origins.add(origin);

	function answer(request: IncomingMessage, response: ServerResponse): void {
		if (faults.refuseAll) response.writeHead(faults.refuseAll).end();
		else if (faults.muteSse && request.url?.startsWith("/live/sse"))
			response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
		else if (routes.handle(request, response)) return;
		else if (options.page) options.page(request, response);
		else response.writeHead(404).end();
	}

	return {
		origin,
		port,
		hub,
		faults,
		errors,
		ended,
		origins,
		cut() {
			for (const socket of sockets) socket.destroy();
		},
		async stop() {
			await hub.drain(2000);
			unix?.close();
			const closed = new Promise((resolve) => server.close(resolve));
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}

/** Short enough for tests, in the proportions of the real ones. */
export const quickLimits: Partial<LiveLimits> = {
	tickMs: 20,
	firstHeartbeatMs: 60,
	activeHeartbeatMs: 60,
	heartbeatMs: 300,
	activeHoldMs: 120,
};

function listen(server: Server, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
}

function greetAndStaySilent(request: IncomingMessage, socket: Duplex): void {
	const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
	socket.on("error", () => {});
	socket.on("data", () => {});
	socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
}
