/** Readers with the client that pages use, behind a relay that can cut their connections. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createLiveClient, type LiveClient } from "#lib/live/client.ts";
import type { TransportKind } from "#lib/live/transports/transport.ts";
import { carryOut, clockMs } from "./pinned.ts";

interface Reader {
	client: LiveClient;
	sockets: Set<Socket>;
	/** Last seq by stream. */
	last: Map<string, number>;
	received: number;
	/** Events that were handed over twice, or with others left out before them. */
	doubled: number;
	skipped: number;
	lastEventMs: number;
	largestGapMs: number;
	onNext: ((ms: number) => void) | null;
	/** How it is connected, since when, and how long it was connected in each way before. */
	way: Way;
	waySinceMs: number;
	wayMs: Record<Way, number>;
}

type Way = TransportKind | "none";
const noTime = (): Record<Way, number> => ({ ws: 0, sse: 0, poll: 0, none: 0 });

const readers: Reader[] = [];
let beganMs = clockMs();

interface Open {
	port: number;
	token: string;
	streams: string[];
	count: number;
}

async function openReader({ port, token, streams }: Open): Promise<Reader> {
	const sockets = new Set<Socket>();
	const relay = createServer((near) => {
		const far = connect(port, "127.0.0.1");
		for (const [one, other] of [
			[near, far],
			[far, near],
		] as const) {
			one.setNoDelay(true);
			one.on("error", () => other.destroy());
			one.once("close", () => {
				sockets.delete(one);
				other.destroy();
			});
			one.pipe(other);
			sockets.add(one);
		}
	});
	relay.listen(0, "127.0.0.1");
	await once(relay, "listening");
	const headers = { authorization: `Bearer ${token}` };
	class AuthorizedSocket extends WebSocket {
		constructor(url: string | URL) {
			super(url, { headers } as unknown as string[]);
		}
	}
	const client = createLiveClient({
		origin: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
		WebSocket: AuthorizedSocket,
		fetch: (url, init) => fetch(url, { ...init, headers: { ...headers, ...(init?.headers as Record<string, string>) } }),
	});
	const now = clockMs();
	const reader: Reader = {
		client,
		sockets,
		last: new Map(),
		received: 0,
		doubled: 0,
		skipped: 0,
		lastEventMs: now,
		largestGapMs: 0,
		onNext: null,
		way: "none",
		waySinceMs: now,
		wayMs: noTime(),
	};
	client.onStatus(({ kind, transport }) => {
		countWay(reader);
		reader.way = (kind === "connected" && transport) || "none";
	});
	for (const stream of streams) {
		client.subscribe(
			stream,
			{ epoch: null, after: 0 },
			{
				onEvents(events) {
					for (const { seq } of events) take(reader, stream, seq);
				},
			},
		);
	}
	return reader;
}

function countWay(reader: Reader): void {
	const now = clockMs();
	reader.wayMs[reader.way] += now - reader.waySinceMs;
	reader.waySinceMs = now;
}

function take(reader: Reader, stream: string, seq: number): void {
	const last = reader.last.get(stream) ?? 0;
	if (seq <= last) reader.doubled++;
	else if (seq > last + 1) reader.skipped += seq - last - 1;
	reader.last.set(stream, Math.max(last, seq));
	reader.received++;
	const now = clockMs();
	reader.largestGapMs = Math.max(reader.largestGapMs, now - reader.lastEventMs);
	reader.lastEventMs = now;
	reader.onNext?.(now);
	reader.onNext = null;
}

const cut = ({ sockets }: Reader) => {
	for (const socket of sockets) socket.destroy();
};

carryOut({
	async open(options: Open) {
		for (let n = 0; n < options.count; n++) readers.push(await openReader(options));
	},
	/** Everything that was counted so far is forgotten, the places in the streams are not. */
	begin() {
		beganMs = clockMs();
		for (const reader of readers) Object.assign(reader, { lastEventMs: beganMs, largestGapMs: 0, waySinceMs: beganMs, wayMs: noTime() });
	},
	/** Cuts each reader's connection at a time of its own; answers how long each waited for its next event, in ms. */
	async cutEach({ withinMs }: { withinMs: number }): Promise<number[]> {
		return Promise.all(
			readers.map(async (reader) => {
				await new Promise((resolve) => setTimeout(resolve, Math.random() * withinMs));
				const cutAtMs = clockMs();
				cut(reader);
				return new Promise<number>((resolve) => {
					reader.onNext = (ms) => resolve(ms - cutAtMs);
				});
			}),
		);
	},
	cut({ indexes }: { indexes: number[] }) {
		for (const index of indexes) {
			const reader = readers[index];
			if (reader) cut(reader);
		}
	},
	/** How many stand at these heads. */
	current: ({ heads }: { heads: Record<string, number> }) =>
		readers.filter(({ last }) => Object.entries(heads).every(([stream, head]) => (last.get(stream) ?? 0) >= head)).length,
	tally() {
		for (const reader of readers) countWay(reader);
		const allMs = (clockMs() - beganMs) * readers.length;
		const share = (way: Way) => readers.reduce((sum, { wayMs }) => sum + wayMs[way], 0) / allMs;
		return {
			received: readers.reduce((sum, { received }) => sum + received, 0),
			doubled: readers.reduce((sum, { doubled }) => sum + doubled, 0),
			skipped: readers.reduce((sum, { skipped }) => sum + skipped, 0),
			largestGapMs: Math.max(...readers.map(({ largestGapMs }) => largestGapMs)),
			shares: { ws: share("ws"), sse: share("sse"), poll: share("poll"), none: share("none") },
		};
	},
	close() {
		for (const reader of readers.splice(0)) {
			reader.client.close();
			cut(reader);
		}
	},
});
