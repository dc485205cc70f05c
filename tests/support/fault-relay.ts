import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a connection is used for, told from its first request. */
export type RelayedKind = "ws" | "sse" | "poll" | "other";

/** What networks do to a connection. Times count from the end of the answer's headers. */
export type Fault =
	| { do: "pass" }
	/** Reset before anything is answered. */
	| { do: "refuse" }
	/** Answered in the server's place. */
	| { do: "deny"; status: number }
	/** The request is swallowed and nothing is ever answered. */
	| { do: "hang" }
	| { do: "reset"; afterMs: number }
	/** From then on bytes disappear while the connection stays: `up` is towards the server. */
	| { do: "swallow"; after: "headers" | "hello" | number; direction: "both" | "up" | "down" }
	/** One byte a packet. */
	| { do: "dribble" };

export type FaultRule = (kind: RelayedKind, nth: number) => Fault;

export interface FaultRelay {
	readonly origin: string;
	readonly port: number;
	/** Connections so far, by kind. */
	readonly seen: Readonly<Record<RelayedKind, number>>;
	/** Decides about every connection that comes from now on. */
	rule: FaultRule;
	/** Resets every open connection, or lets them all fall silent. */
	strike(how: "reset" | "silence"): void;
	stop(): Promise<void>;
}

const pass: Fault = { do: "pass" };
const headersEnd = "\r\n\r\n";
/** A request head that is longer is no request of ours. */
const maxHeadBytes = 64 * 1024;

interface Relayed {
	client: Socket;
	server: Socket | null;
	silent: { up: boolean; down: boolean };
	timer: NodeJS.Timeout | null;
}

/** A TCP relay in front of a server on this machine that does to connections what no proxy can be configured to do. */
export async function startFaultRelay(upstreamPort: number, rule: FaultRule = () => pass): Promise<FaultRelay> {
	const seen: Record<RelayedKind, number> = { ws: 0, sse: 0, poll: 0, other: 0 };
	const open = new Set<Relayed>();
	const server = createServer({ noDelay: true }, (client) => void take(client));
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;

	async function take(client: Socket): Promise<void> {
		client.on("error", () => client.destroy());
		const relayed: Relayed = { client, server: null, silent: { up: false, down: false }, timer: null };
		open.add(relayed);
		client.once("close", () => {
			open.delete(relayed);
			if (relayed.timer) clearTimeout(relayed.timer);
			relayed.server?.destroy();
		});
		const request = await readHead(client);
		if (!request) return void client.destroy();
		const kind = kindOf(request.head);
		const fault = relay.rule(kind, ++seen[kind]);
		if (fault.do === "refuse") client.resetAndDestroy();
		else if (fault.do === "deny") client.end(`HTTP/1.1 ${fault.status} Denied\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
		else if (fault.do === "hang") client.resume();
		else forward(relayed, fault, kind === "ws" ? request.head : withoutKeepAlive(request.head), request.rest);
	}

	function forward(relayed: Relayed, fault: Fault, head: string, rest: Buffer): void {
		const { client, silent } = relayed;
		const upstream = connect({ port: upstreamPort, host: "127.0.0.1", noDelay: true });
		relayed.server = upstream;
		upstream.on("error", () => client.resetAndDestroy());
		const toServer = writerOf(upstream, client, fault);
		const toClient = writerOf(client, upstream, fault);
		const watch = watchAnswer(fault, relayed);
		toServer(Buffer.concat([Buffer.from(head, "latin1"), rest]));
		client.on("data", (chunk: Buffer) => {
			if (!silent.up) toServer(chunk);
		});
		upstream.on("data", (chunk: Buffer) => {
			if (silent.down) return;
			const passed = watch(chunk);
			if (passed.length > 0) toClient(passed);
		});
		client.once("end", () => silent.up || toServer(null));
		upstream.once("end", () => silent.down || toClient(null));
	}

	const relay: FaultRelay = {
		origin: `http://127.0.0.1:${port}`,
		port,
		seen,
		rule,
		strike(how) {
			for (const { client, silent } of open) {
				if (how === "reset") client.resetAndDestroy();
				else silent.up = silent.down = true;
			}
		},
		async stop() {
			const closed = new Promise((resolve) => server.close(resolve));
			for (const { client } of open) client.destroy();
			await closed;
		},
	};
	return relay;
}

/** Reads to the end of the request's head; null when the client leaves before. */
function readHead(client: Socket): Promise<{ head: string; rest: Buffer } | null> {
	return new Promise((resolve) => {
		let read = Buffer.alloc(0);
		const onData = (chunk: Buffer) => {
			read = Buffer.concat([read, chunk]);
			const end = read.indexOf(headersEnd);
			if (end === -1 && read.length < maxHeadBytes) return;
			client.off("data", onData);
			client.pause();
			resolve(
				end === -1 ? null : { head: read.toString("latin1", 0, end + headersEnd.length), rest: read.subarray(end + headersEnd.length) },
			);
			client.resume();
		};
		client.on("data", onData);
		client.once("close", () => resolve(null));
	});
}

function kindOf(head: string): RelayedKind {
	if (/\r\nupgrade: *websocket/i.test(head)) return "ws";
	const path = /^[A-Z]+ (?:https?:\/\/[^/ ]+)?\/live\/(sse|poll)[? ]/.exec(head)?.[1];
	return (path as RelayedKind | undefined) ?? "other";
}

/** One request a connection, so that a fault meets what it is meant for. */
function withoutKeepAlive(head: string): string {
	return `${head.replace(/\r\nconnection:[^\r]*/i, "").slice(0, -headersEnd.length)}\r\nConnection: close${headersEnd}`;
}

/** Lets the answer pass until the fault takes hold; answers what of a chunk still gets through. */
function watchAnswer(fault: Fault, relayed: Relayed): (chunk: Buffer) => Buffer {
	let seen = Buffer.alloc(0);
	let began = false;
	const later = (ms: number, work: () => void) => {
		relayed.timer = setTimeout(work, ms);
	};
	const fallSilent = () => {
		if (fault.do !== "swallow") return;
		relayed.silent.up ||= fault.direction !== "down";
		relayed.silent.down ||= fault.direction !== "up";
	};
	return (chunk) => {
		if (began || (fault.do !== "reset" && fault.do !== "swallow")) return chunk;
		const before = seen.length;
		seen = Buffer.concat([seen, chunk]);
		const headers = seen.indexOf(headersEnd);
		if (headers === -1) return chunk;
		if (fault.do === "swallow" && fault.after === "hello") {
			const hello = seen.indexOf("\n\n", headers + headersEnd.length);
			if (hello === -1) return chunk;
			began = true;
			fallSilent();
			return chunk.subarray(0, hello + 2 - before);
		}
		began = true;
		if (fault.do === "reset") later(fault.afterMs, () => relayed.client.resetAndDestroy());
		else if (typeof fault.after === "number") later(fault.after, fallSilent);
		else {
			fallSilent();
			if (fault.direction !== "up") return chunk.subarray(0, headers + headersEnd.length - before);
		}
		return chunk;
	};
}

/** Writes to one side and holds the other while the network does not take it; null ends it. */
function writerOf(to: Socket, from: Socket, fault: Fault): (chunk: Buffer | null) => void {
	if (fault.do !== "dribble")
		return (chunk) => {
			if (chunk === null) return void to.end();
			if (to.write(chunk)) return;
			from.pause();
			to.once("drain", () => from.resume());
		};
	let line = Promise.resolve();
	return (chunk) => {
		from.pause();
		line = line
			.then(async () => {
				if (chunk === null) return void to.end();
				for (const [index, byte] of chunk.entries()) {
					if (to.destroyed) return;
					to.write(Buffer.of(byte));
					if (index % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
				}
			})
			.finally(() => from.resume());
	};
}
