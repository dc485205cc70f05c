import { expect, test } from "vitest";
import { createLiveClient } from "#lib/live/client.ts";
import type { Clock } from "#lib/live/clock.ts";
import type { ClientFrame, ServerFrame, StreamEvent } from "#lib/protocol/index.ts";

/** Time stands still until it is set, and no timer ever runs. */
let now = 1_000_000;
const frozen: Clock = { now: () => now, setTimeout: () => 0, clearTimeout() {} };
const stream = "deployment/A";

const hello: ServerFrame = { t: "hello", v: 1, conn: "c", boot: "b", hb: 15_000, auth_exp: null };

/** A socket whose other end is the test. */
class FakeSocket {
	static readonly OPEN = 1;
	static latest: FakeSocket;
	readonly readyState = 1;
	onopen: (() => void) | null = null;
	onmessage: ((message: { data: string }) => void) | null = null;
	onclose: ((end: { code: number }) => void) | null = null;
	constructor() {
		FakeSocket.latest = this;
	}
	readonly sent: ClientFrame[] = [];
	send(text: string): void {
		this.sent.push(JSON.parse(text));
	}
	close(): void {}
	say(frame: ServerFrame): void {
		this.onmessage?.({ data: JSON.stringify(frame) });
	}
}

test("an event is with its readers before the message that brought it is dealt with: nothing waits (R31)", () => {
	const client = createLiveClient({ origin: "http://localhost", WebSocket: FakeSocket as unknown as typeof WebSocket, clock: frozen });
	const told: (number | string)[] = [];
	client.subscribe(
		stream,
		{ epoch: "e1", after: 0 },
		{
			onEvents: (events) => told.push(...events.map(({ seq }) => seq)),
			onActivity: (activity) => told.push(activity?.awaiting ?? ""),
			onEnd: () => told.push("end"),
		},
	);
	const socket = FakeSocket.latest;
	socket.onopen?.();
	socket.say(hello);
	socket.say({ t: "sub", id: 1, stream, epoch: "e1", head: 0, min: 1, closed: false, after: 0 });
	for (let seq = 1; seq <= 3; seq++) {
		const event = { seq, type: "status", metadata: {} } as unknown as StreamEvent;
		socket.say({ t: "ev", stream, epoch: "e1", from: seq, to: seq, e: [event] });
		expect(told).toEqual([1, 2, 3].slice(0, seq));
	}
	const awaiting = {
		deployment_id: "A",
		stage: null,
		agent_name: null,
		awaiting: "npm",
		since: "",
		last_output_at: null,
		ahead: null,
		at: "",
	};
	socket.say({ t: "hb", n: 1, heads: { [stream]: 3 }, activity: [awaiting] });
	socket.say({ t: "end", stream, seq: 3 });
	expect(told).toEqual([1, 2, 3, "npm", "end"]);
	client.close();
});

test("an open connection is pinged every fifteen seconds, and not more often (R104)", () => {
	const client = createLiveClient({ origin: "http://localhost", WebSocket: FakeSocket as unknown as typeof WebSocket, clock: frozen });
	client.subscribe(stream, { epoch: "e1", after: 0 }, {});
	const socket = FakeSocket.latest;
	socket.onopen?.();
	socket.say(hello);
	const pings = () => socket.sent.filter(({ t }) => t === "ping").length;
	expect(pings()).toBe(1);
	for (let second = 0; second < 60; second++) {
		now += 1000;
		socket.say({ t: "hb", n: second, heads: {}, activity: [] });
	}
	expect(pings()).toBe(1 + 60 / 15);
	client.close();
});
