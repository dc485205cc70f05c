import type { AskedCursor, Deed, ExpectedFrame, LogSetup, ServerCase, Step } from "./case.ts";

const whole: AskedCursor = { epoch: "$epoch", after: 0 };
const s = (...frames: ExpectedFrame[]): Step => ({ expect: { s: frames } });
const ask = (cursor: AskedCursor): Step => ({ ask: { s: cursor } });
const deed = (done: Deed): Step => ({ deed: done });
const append = (events: number, stream = "s"): Step => deed({ do: "append", stream, events });

/** One reader of one log, on all transports. */
const one = (name: string, log: LogSetup, ...steps: Step[]): ServerCase => ({ name, logs: { s: log }, steps });
/** What only a transport with a way back can do. */
const overWebSocket = (name: string, logs: Record<string, LogSetup>, ...steps: Step[]): ServerCase => ({ name, over: ["ws"], logs, steps });

const beginnings: ServerCase[] = [
	one("a stream without events is live at once", { events: 0 }, ask({}), s({ sub: { after: 0, head: 0 } }, { live: 0 })),
	one(
		"a stream without events says its epoch with the first",
		{ events: 0 },
		ask({}),
		s({ sub: { after: 0, head: 0 } }, { live: 0 }),
		append(2),
		s({ ev: [1, 2] }),
	),
	one(
		"a newcomer to a stream without snapshot gets everything",
		{ events: 3 },
		ask({}),
		s({ sub: { after: 0, head: 3 } }, { ev: [1, 3] }, { live: 3 }),
	),
	one(
		"what is appended later follows",
		{ events: 1 },
		ask({}),
		s({ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }),
		append(1),
		s({ ev: [2, 2] }),
		append(2),
		s({ ev: [3, 4] }),
	),
	one(
		"a newcomer gets the snapshot and goes on from it",
		{ events: 5, snapshotAt: 4 },
		ask({}),
		s({ sub: { after: 4, head: 5, snap: 4 } }, { ev: [5, 5] }, { live: 5 }),
	),
	one(
		"a reader that names the epoch gets the whole history and no snapshot",
		{ events: 5, snapshotAt: 4 },
		ask(whole),
		s({ sub: { after: 0, head: 5 } }, { ev: [1, 5] }, { live: 5 }),
	),
	one(
		"a reader goes on where it stood",
		{ events: 9, snapshotAt: 4 },
		ask({ epoch: "$epoch", after: 7 }),
		s({ sub: { after: 7, head: 9 } }, { ev: [8, 9] }, { live: 9 }),
	),
	one(
		"a position without an epoch is trusted",
		{ events: 3 },
		ask({ after: 2 }),
		s({ sub: { after: 2, head: 3 } }, { ev: [3, 3] }, { live: 3 }),
	),
	one(
		"a long history comes in many frames without a gap",
		{ events: 950 },
		ask(whole),
		s({ sub: { after: 0, head: 950 } }, { ev: [1, 950] }, { live: 950 }),
	),
	one(
		"a closed stream ends",
		{ events: 2, closed: true },
		ask({}),
		s({ sub: { after: 0, head: 2, closed: true } }, { ev: [1, 2] }, { live: 2 }, { end: 2 }),
	),
	one(
		"a reader at the end of a closed stream is told so",
		{ events: 2, closed: true },
		ask({ epoch: "$epoch", after: 2 }),
		s({ sub: { after: 2, head: 2, closed: true } }, { live: 2 }, { end: 2 }),
	),
	one(
		"a stream that is closed under its reader ends",
		{ events: 2 },
		ask({}),
		s({ sub: { after: 0, head: 2 } }, { ev: [1, 2] }, { live: 2 }),
		append(1),
		deed({ do: "close", stream: "s" }),
		s({ ev: [3, 3] }, { end: 3 }),
	),
];

const resets: ServerCase[] = [
	one(
		"another epoch resets to the first event",
		{ events: 3 },
		ask({ epoch: "another", after: 2 }),
		s({ sub: { after: 0, head: 3, reset: "epoch" } }, { ev: [1, 3] }, { live: 3 }),
	),
	one(
		"another epoch resets to the snapshot where there is one",
		{ events: 3, snapshotAt: 3 },
		ask({ epoch: "another", after: 2 }),
		s({ sub: { after: 3, head: 3, reset: "epoch", snap: 3 } }, { live: 3 }),
	),
	one(
		"a position beyond the head is a restored log",
		{ events: 3 },
		ask({ epoch: "$epoch", after: 8 }),
		s({ sub: { after: 0, head: 3, reset: "ahead" } }, { ev: [1, 3] }, { live: 3 }),
	),
	one(
		"a position before what is kept resets to the first kept event",
		{ events: 9, keptFrom: 6 },
		ask({ epoch: "$epoch", after: 2 }),
		s({ sub: { after: 5, head: 9, min: 6, reset: "truncated" } }, { ev: [6, 9] }, { live: 9 }),
	),
	one(
		"a newcomer to a cut log is told that older events are gone",
		{ events: 9, keptFrom: 6 },
		ask({}),
		s({ sub: { after: 5, head: 9, min: 6, reset: "truncated" } }, { ev: [6, 9] }, { live: 9 }),
	),
	one(
		"a newcomer to a cut log with a snapshot misses nothing",
		{ events: 9, keptFrom: 6, snapshotAt: 8 },
		ask({}),
		s({ sub: { after: 8, head: 9, min: 6, snap: 8 } }, { ev: [9, 9] }, { live: 9 }),
	),
	one(
		"a log that is rewritten under its reader",
		{ events: 3 },
		ask(whole),
		s({ sub: { after: 0, head: 3 } }, { ev: [1, 3] }, { live: 3 }),
		deed({ do: "rewrite", stream: "s", events: 2 }),
		s({ sub: { after: 0, head: 2, reset: "epoch", epoch: "changed" } }, { ev: [1, 2] }, { live: 2 }),
		append(1),
		s({ ev: [3, 3] }),
	),
	one(
		"a log that is restored under its reader",
		{ events: 5 },
		ask(whole),
		s({ sub: { after: 0, head: 5 } }, { ev: [1, 5] }, { live: 5 }),
		deed({ do: "restore", stream: "s", head: 3 }),
		s({ sub: { after: 0, head: 3, reset: "ahead" } }, { ev: [1, 3] }, { live: 3 }),
		append(1),
		s({ ev: [4, 4] }),
	),
	one(
		"a log that is cut before its reader has read it",
		{ events: 3 },
		ask(whole),
		s({ sub: { after: 0, head: 3 } }, { ev: [1, 3] }, { live: 3 }),
		deed({ do: "outrun", stream: "s", head: 9, from: 8 }),
		s({ sub: { after: 7, head: 9, min: 8, reset: "truncated" } }, { ev: [8, 9] }, { live: 9 }),
	),
];

const together: ServerCase[] = [
	one("another's stream does not exist", { events: 2, foreign: true }, ask({}), s({ err: "not_found" })),
	{
		name: "a stream that cannot be read leaves the others alone",
		logs: { s: { events: 2 }, other: { events: 2, foreign: true } },
		steps: [
			{ ask: { other: {}, s: {} } },
			{ expect: { other: [{ err: "not_found" }], s: [{ sub: { after: 0, head: 2 } }, { ev: [1, 2] }, { live: 2 }] } },
		],
	},
	{
		name: "two streams go side by side, each in its own order",
		logs: { a: { events: 3 }, b: { events: 250 } },
		steps: [
			{ ask: { a: {}, b: whole } },
			{
				expect: {
					b: [{ sub: { after: 0, head: 250 } }, { ev: [1, 250] }, { live: 250 }],
					a: [{ sub: { after: 0, head: 3 } }, { ev: [1, 3] }, { live: 3 }],
				},
			},
			append(2, "b"),
			append(1, "a"),
			{ expect: { a: [{ ev: [4, 4] }], b: [{ ev: [251, 252] }] } },
			deed({ do: "close", stream: "a" }),
			append(1, "b"),
			{ expect: { a: [{ end: 4 }], b: [{ ev: [253, 253] }] } },
		],
	},
	{
		name: "many streams travel on one connection",
		logs: named(10, { events: 20 }),
		steps: [
			{ ask: named(10, {}) },
			{ expect: named<ExpectedFrame[]>(10, [{ sub: { after: 0, head: 20 } }, { ev: [1, 20] }, { live: 20 }]) },
		],
	},
	{
		name: "a heartbeat says how far each stream is",
		logs: { a: { events: 2 }, b: { events: 3 } },
		steps: [
			{ ask: { a: {}, b: {} } },
			{
				expect: {
					a: [{ sub: { after: 0, head: 2 } }, { ev: [1, 2] }, { live: 2 }],
					b: [{ sub: { after: 0, head: 3 } }, { ev: [1, 3] }, { live: 3 }],
				},
			},
			{ heartbeat: { heads: { a: 2, b: 3 } } },
		],
	},
	{
		name: "a heartbeat says what an active deployment does",
		logs: { s: { events: 2 } },
		steps: [
			deed({ do: "activity", stream: "s", awaiting: "npm to install 214 packages" }),
			ask({}),
			s({ sub: { after: 0, head: 2 } }, { ev: [1, 2] }, { live: 2 }),
			{ heartbeat: { heads: { s: 2 }, awaiting: { s: "npm to install 214 packages" } } },
			deed({ do: "activity", stream: "s", awaiting: null }),
			{ heartbeat: { heads: { s: 2 }, awaiting: {} } },
		],
	},
	{
		name: "a server that restarts says when to come back",
		// A poll may find itself between two requests at that moment.
		over: ["ws", "sse"],
		logs: { s: { events: 1 } },
		steps: [ask({}), s({ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }), deed({ do: "restart" }), { bye: 1012 }],
	},
];

const messages: ServerCase[] = [
	overWebSocket("a ping is answered with its number", {}, { ask: {} }, { send: { t: "ping", n: 7 } }, { pong: 7 }),
	overWebSocket(
		"what a stream says after it was let go is not sent",
		{ a: { events: 1 }, b: { events: 1 } },
		{ ask: { a: {}, b: {} } },
		{
			expect: {
				a: [{ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }],
				b: [{ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }],
			},
		},
		{ send: { t: "unsub", stream: "$a" } },
		{ send: { t: "ping", n: 1 } },
		{ pong: 1 },
		append(1, "a"),
		append(1, "b"),
		{ expect: { b: [{ ev: [2, 2] }] } },
		{ heartbeat: { heads: { b: 2 } } },
	),
	overWebSocket(
		"asking again moves the cursor",
		{ s: { events: 4 } },
		ask({}),
		s({ sub: { after: 0, head: 4 } }, { ev: [1, 4] }, { live: 4 }),
		{ send: { t: "sub", id: 9, stream: "$s", after: 2 } },
		s({ sub: { after: 2, head: 4 } }, { ev: [3, 4] }, { live: 4 }),
		append(1),
		s({ ev: [5, 5] }),
	),
	overWebSocket(
		"a closed stream may be asked for again",
		{ s: { events: 1, closed: true } },
		ask({}),
		s({ sub: { after: 0, head: 1, closed: true } }, { ev: [1, 1] }, { live: 1 }, { end: 1 }),
		{ send: { t: "sub", id: 2, stream: "$s", after: 0 } },
		s({ sub: { after: 0, head: 1, closed: true } }, { ev: [1, 1] }, { live: 1 }, { end: 1 }),
	),
	overWebSocket(
		"fields that the server does not know are passed over",
		{ s: { events: 1 } },
		{ ask: {} },
		{ send: { t: "sub", id: 1, stream: "$s", after: 0, colour: "red" } },
		s({ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }),
	),
	overWebSocket(
		"an acknowledgement changes nothing",
		{ s: { events: 1 } },
		ask({}),
		s({ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }),
		{ send: { t: "ack", stream: "$s", seq: 1 } },
		append(1),
		s({ ev: [2, 2] }),
	),
	overWebSocket(
		"the 51st stream is refused and the others stay",
		named(51, { events: 1 }),
		{ ask: named(50, {}) },
		{ expect: named<ExpectedFrame[]>(50, [{ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }]) },
		{ send: { t: "sub", id: 50, stream: "$n50", after: 0 } },
		{ expect: { n50: [{ err: "too_large" }] } },
		append(1, "n0"),
		{ expect: { n0: [{ ev: [2, 2] }] } },
	),
	overWebSocket("what is no JSON ends the connection", {}, { ask: {} }, { sendText: "{" }, { bye: 4505 }, { closed: 4505 }),
	overWebSocket("so does a frame of another protocol", {}, { ask: {} }, { send: { t: "init" } }, { bye: 4505 }, { closed: 4505 }),
	overWebSocket("and one of ours without its fields", {}, { ask: {} }, { send: { t: "sub", id: 1 } }, { bye: 4505 }, { closed: 4505 }),
	overWebSocket("and a binary message", {}, { ask: {} }, { sendBinary: [1, 2, 3] }, { bye: 4505 }, { closed: 4505 }),
	overWebSocket(
		"a message over 16 KB ends the connection",
		{},
		{ ask: {} },
		{ send: { t: "ping", n: 1, pad: "x".repeat(17_000) } },
		{ closed: 1009 },
	),
];

/** `n0`, `n1`, …, each with the same. */
function named<T>(count: number, value: T): Record<string, T> {
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, value]));
}

export const serverCases: ServerCase[] = [...beginnings, ...resets, ...together, ...messages];
