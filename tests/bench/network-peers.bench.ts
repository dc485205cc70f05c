import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Server } from "socket.io";
import { io, type Socket } from "socket.io-client";
import type { StreamEvent } from "#lib/protocol/index.ts";
import { timingsAt } from "../network/scale.ts";
import { story } from "../network/story.ts";
import { type LiveServer, startLiveServer } from "../server/live/live-server.ts";
import { clientOf } from "../server/live/reader.ts";
import { startTestDatabase, type TestDatabase } from "../support/database.ts";
import { type Fault, type FaultRelay, startFaultRelay } from "../support/fault-relay.ts";

/** The same network for both: what happens to a WebSocket, and whether the server is started again in the middle. */
const networks: { name: string; socket: Fault; restartAtMs?: number }[] = [
	{ name: "nothing is wrong", socket: { do: "pass" } },
	{ name: "101, then silence", socket: { do: "swallow", after: "headers", direction: "both" } },
	{ name: "101, then reset after 200 ms", socket: { do: "reset", afterMs: 200 } },
	{ name: "silence after 3 s", socket: { do: "swallow", after: 3000, direction: "both" } },
	{ name: "server restarted in a burst", socket: { do: "pass" }, restartAtMs: 4000 },
];

const lastsMs = 12_000;
const beatMs = 50;
/** How long after the last event what is missing may still come. */
const graceMs = 15_000;

interface Peer {
	port: number;
	emit(n: number): Promise<void>;
	restart(): Promise<void>;
	/** Follows from the first event on; answers what ends it. */
	follow(origin: string, onEvent: (n: number) => void): () => void;
	stop(): Promise<void>;
}

/** Events emitted by a server and delivered to its client, through the same faults: Quayside, and Socket.IO with connection state recovery. */
export async function measure(): Promise<void> {
	const database = await startTestDatabase();
	try {
		console.log(`${"network".padEnd(30)} ${"".padEnd(10)} ${"delivered".padStart(10)} ${"twice".padStart(6)} ${"latest".padStart(10)}`);
		const rows = await Promise.all(
			networks.flatMap((network, index) => [
				watch("Quayside", network, quayside(database, `deployment/PEER${index}`)),
				watch("Socket.IO", network, socketIo()),
			]),
		);
		for (const row of rows) console.log(row);
		console.log("\nCentrifugo: not measured, no server to be had from npm.");
	} finally {
		await database.stop();
	}
}

async function watch(name: string, network: (typeof networks)[number], starting: Promise<Peer>): Promise<string> {
	const peer = await starting;
	const relay: FaultRelay = await startFaultRelay(peer.port, (kind) => (kind === "ws" ? network.socket : { do: "pass" }));
	const emittedAt: number[] = [];
	const times: number[] = [];
	let latestMs = 0;
	const stop = peer.follow(relay.origin, (n) => {
		times[n] = (times[n] ?? 0) + 1;
		if (times[n] === 1) latestMs = Math.max(latestMs, performance.now() - (emittedAt[n] ?? 0));
	});
	// Socket.IO has no history: where nothing is wrong, it is connected by then.
	await delay(1000);
	const startedAt = performance.now();
	let restarting: Promise<void> | null = null;
	while (performance.now() - startedAt < lastsMs) {
		emittedAt.push(performance.now());
		await peer.emit(emittedAt.length - 1);
		if (network.restartAtMs && !restarting && performance.now() - startedAt >= network.restartAtMs) restarting = peer.restart();
		await delay(beatMs);
	}
	await restarting;
	const deadline = performance.now() + graceMs;
	const delivered = () => times.filter((count) => count > 0).length;
	while (delivered() < emittedAt.length && performance.now() < deadline) await delay(50);
	stop();
	await relay.stop();
	await peer.stop();
	const twice = times.filter((count) => count > 1).length;
	const cells = [`${delivered()}/${emittedAt.length}`.padStart(10), `${twice}`.padStart(6), `${Math.round(latestMs)} ms`.padStart(10)];
	return `${network.name.padEnd(30)} ${name.padEnd(10)} ${cells.join(" ")}`;
}

async function quayside(database: TestDatabase, stream: string): Promise<Peer> {
	const { streams } = database;
	const { defaultLiveLimits } = await import("#server/live/limits.ts");
	const start = (port = 0): Promise<LiveServer> => startLiveServer({ streams, port, limits: defaultLiveLimits });
	let server = await start();
	return {
		port: server.port,
		async emit(n) {
			await streams.write((writer) => writer.append(stream, [story.lines(n + 1, 1)]));
			const at = new Date().toISOString();
			const deployment_id = stream.slice("deployment/".length);
			streams.activity.set({
				...{ deployment_id, stage: "build", agent_name: "Developer", awaiting: "it", since: at, last_output_at: at, ahead: null, at },
			});
		},
		async restart() {
			await server.stop();
			server = await start(server.port);
		},
		follow(origin, onEvent) {
			const client = clientOf(origin, "ann", { timings: timingsAt(1) });
			const take = (event: StreamEvent) => onEvent(event.type === "log" ? event.metadata.first - 1 : -1);
			client.subscribe(stream, { epoch: null, after: 0 }, { onEvents: (events) => events.forEach(take) });
			return () => client.close();
		},
		stop: () => server.stop(),
	};
}

/** WebSocket first and polling behind it, as ours; everything else as it comes, with connection state recovery. */
async function socketIo(): Promise<Peer> {
	let http: HttpServer;
	let server: Server;
	const start = async (at = 0): Promise<number> => {
		http = createServer();
		server = new Server(http, { path: "/live/ws", connectionStateRecovery: {} });
		http.listen(at, "127.0.0.1");
		await once(http, "listening");
		return (http.address() as AddressInfo).port;
	};
	const port = await start();
	return {
		port,
		async emit(n) {
			server.emit("event", n);
		},
		async restart() {
			await server.close();
			await start(port);
		},
		follow(origin, onEvent) {
			const socket: Socket = io(origin, { path: "/live/ws", transports: ["websocket", "polling"], tryAllTransports: true });
			socket.on("event", onEvent);
			return () => void socket.close();
		},
		stop: async () => void (await server.close()),
	};
}
