import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { EventDraft, ServerFrame } from "#lib/protocol/index.ts";
import { type Wire, type WireConnection, wires } from "#tests/conformance/wires.ts";
import { liveServers, sentence } from "./live-fixture.ts";
import type { LiveServer, LiveServerOptions } from "./live-server.ts";

const { start, append, onEnd } = liveServers();
const ann = { authorization: "Bearer ann" };

describe("what is sent (R36)", () => {
	/** Counts of outcomes, as the metrics are told them. */
	function count() {
		const outcomes = { delivered: 0, behind: 0, gone: 0 };
		const metrics: LiveServerOptions["metrics"] = {
			opened() {},
			closed() {},
			subscribed() {},
			refused() {},
			sent: () => outcomes.delivered++,
			undelivered: (_, outcome) => outcomes[outcome]++,
			unknown() {},
		};
		return { outcomes, metrics };
	}

	test("is delivered, frame by frame", async () => {
		const { outcomes, metrics } = count();
		const server = await start({ metrics });
		const response = await fetch(`${server.origin}/live/poll`, {
			method: "POST",
			headers: ann,
			body: JSON.stringify({ subs: [{ stream: "deployment/O1" }] }),
		});
		const told = (await response.json()) as ServerFrame[];
		expect(told.map(({ t }) => t)).toEqual(["hello", "sub", "live", "hb"]);
		expect(outcomes).toEqual({ delivered: 4, behind: 0, gone: 0 });
	});

	test("stays behind in the log while its reader does not read, and follows", async () => {
		const { outcomes, metrics } = count();
		const server = await start({ metrics, limits: { highWaterBytes: 64 * 1024, lowWaterBytes: 16 * 1024 } });
		const socket = new WebSocket(`${server.origin.replace("http", "ws")}/live/ws`, { headers: ann });
		onEnd(() => socket.terminate());
		let last = 0;
		socket.on("message", (data) => {
			const frame = JSON.parse(String(data)) as ServerFrame;
			if (frame.t === "ev") last = frame.to;
		});
		await once(socket, "open");
		socket.pause();
		socket.send(JSON.stringify({ t: "sub", id: 1, stream: "deployment/O2" }));
		const some = Array<EventDraft>(500).fill(sentence("x".repeat(20_000)));
		await append("deployment/O2", some);
		await expect.poll(() => outcomes.behind, { timeout: 10_000 }).toBe(1);
		socket.resume();
		await expect.poll(() => last, { timeout: 10_000 }).toBe(some.length);
		expect(outcomes.gone).toBe(0);
	});

	test("is gone with its reader, who is let go and loses nothing", async () => {
		const { outcomes, metrics } = count();
		const server = await start({ metrics });
		// Says goodbye as WebSocket does, and leaves the line open: the server's socket is neither open nor closed then.
		const tcp = connect(server.port, "127.0.0.1");
		onEnd(() => tcp.destroy());
		tcp.on("error", () => {});
		await once(tcp, "connect");
		tcp.write(
			`GET /live/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}\r\nAuthorization: Bearer ann\r\n\r\n`,
		);
		await expect.poll(() => server.hub.status().clients).toBe(1);
		tcp.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]));
		await expect.poll(() => outcomes.gone).toBe(1);
		expect(server.hub.status().clients).toBe(0);
	});
});

describe("one small event (R34)", () => {
	const latencyMs = 50;

	test.each(wires.filter(({ name }) => name !== "poll"))("over $name is there at once", async (wire: Wire) => {
		const server = await start();
		const stream = `deployment/L-${wire.name}`;
		const connection: WireConnection = wire.open(server.origin, "ann", [{ stream }]);
		onEnd(() => connection.close());
		await connection.until(({ t }) => t === "live");
		const gaps: number[] = [];
		for (let seq = 1; seq <= 9; seq++) {
			await append(stream, [sentence()]);
			const writtenAt = performance.now();
			await connection.until((frame) => frame.t === "ev" && frame.to === seq);
			gaps.push(performance.now() - writtenAt);
		}
		// The median: other tests use the same processors. Three times the bound, for the same reason.
		expect(gaps.sort((a, b) => a - b)[4]).toBeLessThan(3 * latencyMs);
	});

	test("over SSE is held back by nothing on the way", async () => {
		const server = await start();
		const abort = new AbortController();
		onEnd(() => abort.abort());
		const { headers } = await fetch(`${server.origin}/live/sse`, {
			method: "POST",
			headers: { ...ann, "accept-encoding": "gzip, br" },
			body: JSON.stringify({ subs: [{ stream: "deployment/L-headers" }] }),
			signal: abort.signal,
		});
		expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
		expect(headers.get("cache-control")).toBe("no-store, no-transform");
		expect(headers.get("x-accel-buffering")).toBe("no");
		expect(headers.get("content-encoding")).toBeNull();
		expect(headers.get("content-length")).toBeNull();
	});
});

describe("an answer of poll (R64)", () => {
	async function poll(server: LiveServer, stream: string, encodings: string): Promise<{ response: IncomingMessage; bytes: number }> {
		const outgoing = httpRequest(`${server.origin}/live/poll`, { method: "POST", headers: { ...ann, "accept-encoding": encodings } });
		outgoing.end(JSON.stringify({ subs: [{ stream }] }));
		const [response] = (await once(outgoing, "response")) as [IncomingMessage];
		let bytes = 0;
		for await (const chunk of response) bytes += (chunk as Buffer).length;
		expect(bytes).toBe(Number(response.headers["content-length"]));
		return { response, bytes };
	}

	test("is compressed where it is long and the reader takes that", async () => {
		const server = await start();
		await append(
			"deployment/G1",
			Array.from({ length: 100 }, (_, index) => sentence(`line ${index} of the build's output`)),
		);
		const plain = await poll(server, "deployment/G1", "identity");
		const packed = await poll(server, "deployment/G1", "br;q=1, gzip;q=0.5");
		expect(plain.response.headers["content-encoding"]).toBeUndefined();
		expect(packed.response.headers["content-encoding"]).toBe("gzip");
		expect(packed.bytes).toBeLessThan(plain.bytes / 4);
		for (const refused of ["gzip;q=0", "br"])
			expect((await poll(server, "deployment/G1", refused)).response.headers["content-encoding"]).toBeUndefined();
		const short = await poll(server, "deployment/G2", "gzip");
		expect(short.response.headers["content-encoding"]).toBeUndefined();
	});
});

test.each(wires)("two runs and two readers over $name: each hears of its own and of nothing else (R71)", async (wire) => {
	const server = await start();
	const runs = ["one", "other"].map((name) => `deployment/R-${wire.name}-${name}`);
	const readers = runs.map((stream) => wire.open(server.origin, "ann", [{ stream }]));
	for (const reader of readers) onEnd(() => reader.close());
	for (const reader of readers) await reader.until(({ t }) => t === "live");
	const rounds = 5;
	for (let round = 1; round <= rounds; round++) for (const stream of runs) await append(stream, [sentence(`${stream} ${round}`)]);
	for (const [index, reader] of readers.entries()) {
		await reader.until((frame) => frame.t === "ev" && frame.to === rounds);
		const heard = reader.frames.flatMap((frame) => (frame.t === "ev" ? frame.e.map(({ content }) => content) : []));
		expect(heard).toEqual(Array.from({ length: rounds }, (_, round) => `${runs[index]} ${round + 1}`));
		const streams = reader.frames.flatMap((frame) =>
			"stream" in frame ? [frame.stream] : frame.t === "hb" ? Object.keys(frame.heads) : [],
		);
		expect(new Set(streams)).toEqual(new Set([runs[index]]));
	}
});
