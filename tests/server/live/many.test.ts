import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { type WireConnection, wires } from "#tests/conformance/wires.ts";
import { liveServers, sentences } from "./live-fixture.ts";
import { type LiveServer, principalOf } from "./live-server.ts";

const { start, append, onEnd } = liveServers();

function read(server: LiveServer, stream: string, wire = wires[0]): WireConnection {
	if (!wire) throw new Error("There is no such wire.");
	const connection = wire.open(server.origin, "ann", [{ stream }]);
	onEnd(() => connection.close());
	return connection;
}

const seqsOf = ({ frames }: WireConnection): number[] => frames.flatMap((frame) => (frame.t === "ev" ? frame.e.map(({ seq }) => seq) : []));
const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

test("24 readers at once, over all transports, are let in within two seconds and miss nothing (R47, R57, R58)", async () => {
	const server = await start();
	const began = performance.now();
	const readers = Array.from({ length: 24 }, (_, index) => read(server, "deployment/MANY", wires[index % wires.length]));
	// Poll speaks when it has something to say; the others at once.
	await Promise.all(readers.map((reader, index) => index % wires.length !== 2 && reader.until(({ t }) => t === "hello")));
	expect(performance.now() - began).toBeLessThan(2000);
	for (let round = 0; round < 20; round++) await append("deployment/MANY", sentences(5));
	await Promise.all(readers.map((reader) => reader.until((frame) => frame.t === "ev" && frame.to === 100)));
	for (const reader of readers) expect(seqsOf(reader)).toEqual(upTo(100));
	const ids = readers.flatMap(({ frames }) => frames.flatMap((frame) => (frame.t === "hello" ? frame.conn : [])));
	expect(new Set(ids).size).toBe(24);
	expect(server.errors).toEqual([]);
});

test("one connection that fails when it is written to harms none of the others (R52)", async () => {
	const server = await start();
	const readers = Array.from({ length: 4 }, () => read(server, "deployment/FAULT"));
	await Promise.all(readers.map((reader) => reader.until(({ t }) => t === "live")));
	let thrown = 0;
	server.hub.open({
		principal: principalOf("bob"),
		userAgent: "",
		via: null,
		reauthenticate: async () => principalOf("bob"),
		cursors: [{ stream: "deployment/FAULT", after: 0 }],
		holdMs: null,
		connect: ({ onClose }) => ({
			kind: "ws",
			bufferedBytes: 0,
			send({ type }) {
				if (type !== "ev") return true;
				thrown++;
				throw new Error("the line is broken");
			},
			close: onClose,
		}),
	});
	for (let round = 1; round <= 5; round++) await append("deployment/FAULT", sentences(1));
	await Promise.all(readers.map((reader) => reader.until((frame) => frame.t === "ev" && frame.to === 5)));
	for (const reader of readers) expect(seqsOf(reader)).toEqual(upTo(5));
	expect(thrown).toBeGreaterThan(0);
});

test("a peer that answers no ping is let go; one that does stays for as long as it likes (R102, R103, R105)", async () => {
	const deadMs = 200;
	const server = await start({ limits: { pingMs: 50, deadMs, noSubscriptionMs: 60_000, heartbeatMs: 100 } });
	const [mute, alive] = [false, true].map(
		(autoPong) =>
			new WebSocket(`${server.origin.replace("http", "ws")}/live/ws`, { headers: { authorization: "Bearer ann" }, autoPong } as object),
	);
	if (!mute || !alive) throw new Error("unreachable");
	for (const socket of [mute, alive]) onEnd(() => socket.terminate());
	let heartbeats = 0;
	alive.on("message", (data) => {
		if (JSON.parse(String(data)).t === "hb") heartbeats++;
	});
	let closed: number | null = null;
	mute.once("close", (code) => {
		closed = code;
	});
	await Promise.all([once(mute, "open"), once(alive, "open")]);
	await expect.poll(() => closed, { timeout: 5000 }).not.toBeNull();
	const heard = heartbeats;
	// Three times the silence that ends a connection, in heartbeats.
	await expect.poll(() => heartbeats - heard, { timeout: 10_000 }).toBeGreaterThan((3 * deadMs) / 100);
	expect(alive.readyState).toBe(WebSocket.OPEN);
	expect(server.hub.status().clients).toBe(1);
});

test("1000 connections that come and go leave nothing behind (R50, R66)", async () => {
	const server = await start({ limits: { maxConnectionsPerUser: 30, handshakeBurst: 2000 } });
	await append("deployment/COMES", sentences(3));
	for (let round = 0; round < 40; round++) {
		const connections = Array.from({ length: 25 }, (_, index) => read(server, "deployment/COMES", wires[index % 2]));
		await Promise.all(connections.map((connection) => connection.until(({ t }) => t === "live")));
		for (const connection of connections) connection.close();
		await expect.poll(() => server.hub.status().clients, { interval: 5 }).toBe(0);
	}
	expect(server.hub.clients()).toEqual([]);
	expect(server.hub.refusal("ann")).toBeNull();
	expect(server.errors).toEqual([]);
});
