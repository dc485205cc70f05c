import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createParser } from "eventsource-parser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StreamEvent, streamOf } from "#lib/protocol/index.ts";
import type { Applied, WireName } from "#tests/conformance/case.ts";
import { followToEnd, submit, waitForEvent } from "#tests/support/deployments.ts";
import { freePort, type Platform, startPlatform } from "#tests/support/platform.ts";

const conformance = (name: string) => fileURLToPath(new URL(`../conformance/${name}`, import.meta.url));

let platform: Platform;
let relay: Relay;
const children: ChildProcess[] = [];
let id: string;
let epoch: string;
let events: StreamEvent[];
beforeAll(async () => {
	const port = await freePort();
	relay = await startRelay(port);
	platform = await startPlatform({ port, env: { QUAYSIDE_ALLOWED_ORIGINS: relay.url } });
});
afterAll(async () => {
	for (const child of children) child.kill("SIGKILL");
	await relay?.stop();
	await platform?.stop();
});

interface Relay {
	url: string;
	/** Cuts every connection at once. */
	cut(): number;
	stop(): Promise<void>;
}

/** A network between client and server that can be cut. */
async function startRelay(port: number): Promise<Relay> {
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(port, "127.0.0.1");
		for (const [one, other] of [
			[near, far],
			[far, near],
		] as const) {
			sockets.add(one);
			one.pipe(other);
			one.on("error", () => {});
			one.once("close", () => {
				sockets.delete(one);
				other.destroy();
			});
		}
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const cut = () => {
		const { size } = sockets;
		for (const socket of sockets) socket.destroy();
		return size;
	};
	return {
		url: `http://localhost:${(server.address() as AddressInfo).port}`,
		cut,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				cut();
			}),
	};
}

/** The client that was written from the document alone; `told` is what it printed when it ended. */
function startWrittenClient(over: WireName): { told: Applied[]; ended: Promise<number | null> } {
	const told: Applied[] = [];
	const child = spawn(process.execPath, [conformance("minimal-client.mjs")], {
		stdio: ["ignore", "pipe", "inherit"],
		env: {
			...process.env,
			QUAYSIDE_URL: relay.url,
			QUAYSIDE_TOKEN: platform.token,
			QUAYSIDE_STREAM: streamOf.deployment(id),
			QUAYSIDE_OVER: over,
			QUAYSIDE_EPOCH: epoch,
			QUAYSIDE_AFTER: "0",
		},
	});
	children.push(child);
	createInterface({ input: child.stdout }).on("line", (line) => told.push(JSON.parse(line) as Applied));
	return { told, ended: new Promise((resolve) => child.once("exit", resolve)) };
}

describe("a client that was written from the document alone", () => {
	const transports = ["ws", "sse", "poll"] as const;

	it("reads a deployment once and in order, through cuts and a kill -9 of the server, over each transport", {
		timeout: 90_000,
	}, async () => {
		({ id, epoch } = await submit(platform, "example:node-server"));
		const clients = transports.map(startWrittenClient);
		await waitForEvent(platform, id, ({ type }) => type === "stage_started");
		await expect.poll(() => clients.every(({ told }) => told.length > 0), { timeout: 10_000 }).toBe(true);
		expect(relay.cut()).toBeGreaterThan(0);
		await waitForEvent(platform, id, ({ type, stage }) => type === "stage_started" && stage === "build");
		await platform.kill9();
		await platform.restart();
		events = await followToEnd(platform, id);
		const all = [...events.map(({ seq }) => ({ apply: seq })), { end: events.length }];
		for (const { told, ended } of clients) {
			expect(await ended).toBe(0);
			expect(told).toEqual(all);
		}
	});

	it("is what the published cases say: the real server passes them", { timeout: 60_000 }, async () => {
		const args = ["--url", platform.url, "--token", platform.token, "--stream", streamOf.deployment(id)];
		const child = spawn(process.execPath, [conformance("run.ts"), ...args], { stdio: ["ignore", "pipe", "inherit"] });
		children.push(child);
		const exited = new Promise((resolve) => child.once("exit", resolve));
		const output = await text(child.stdout);
		expect(output).toMatch(/\n[1-9]\d* passed, 0 failed/);
		expect(await exited).toBe(0);
	});
});

describe("the events of one deployment for curl and EventSource", () => {
	async function ask(query: string): Promise<{ response: Response; seqs: number[]; named: (string | undefined)[] }> {
		const response = await platform.fetch(`/api/deployments/${id}/events${query}`, { headers: { accept: "text/event-stream" } });
		const messages: { event?: string | undefined; data: string }[] = [];
		createParser({ onEvent: (message) => messages.push(message) }).feed(await response.text());
		const seqs = messages.flatMap(({ event, data }) => (event ? [] : [(JSON.parse(data) as StreamEvent).seq]));
		return { response, seqs, named: messages.flatMap(({ event }) => event ?? []) };
	}

	it("come as server-sent events, from the start, after a place and since a time", async () => {
		const whole = await ask("");
		expect(whole.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
		expect(whole.response.headers.get("cache-control")).toBe("no-store, no-transform");
		expect(whole.response.headers.get("x-accel-buffering")).toBe("no");
		expect(whole.seqs).toEqual(events.map(({ seq }) => seq));
		expect(whole.named).toEqual(["end"]);
		const head = events.length;
		expect((await ask(`?after=${head - 2}`)).seqs).toEqual([head - 1, head]);
		for (const { timestamp } of [events[head - 20], events[head - 1]].filter((event) => event !== undefined)) {
			const later = events.filter((event) => event.timestamp > timestamp);
			expect((await ask(`?since=${timestamp}`)).seqs).toEqual(later.map(({ seq }) => seq));
		}
	});
});
