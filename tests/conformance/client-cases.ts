import type { Answer, Applied, ClientCase, Said } from "./case.ts";

const nothing = { epoch: null, after: 0 };
const after = (seq: number, epoch = "e1") => ({ epoch, after: seq });
const answer = (asked: Answer["asked"], ...say: Said[]): Answer => ({ asked, say });
const cut = (asked: Answer["asked"], ...say: Said[]): Answer => ({ asked, say, ending: "cut" });
const apply = (from: number, to: number): Applied[] => Array.from({ length: to - from + 1 }, (_, index) => ({ apply: from + index }));

const one = (name: string, start: ClientCase["start"], script: Answer[], applied: Applied[], over?: ClientCase["over"]): ClientCase => ({
	name,
	...(over && { over }),
	start,
	script,
	applied,
});

const begin: Said = { sub: { after: 0, head: 3 } };

export const clientCases: ClientCase[] = [
	one(
		"applies what there is, and what follows",
		nothing,
		[answer(nothing, begin, { ev: [1, 2] }, { ev: [3, 3] }, { live: 3 }, { ev: [4, 6] })],
		apply(1, 6),
	),
	one(
		"begins with the snapshot",
		nothing,
		[answer(nothing, { sub: { after: 4, head: 5, snap: 4 } }, { ev: [5, 5] }, { live: 5 })],
		[{ snapshot: 4 }, { apply: 5 }],
	),
	one(
		"goes on where it is told to",
		after(7),
		[answer(after(7), { sub: { after: 7, head: 9 } }, { ev: [8, 9] }, { live: 9 })],
		apply(8, 9),
	),
	one(
		"asks for the whole history where it names the log",
		after(0),
		[answer(after(0), { sub: { after: 0, head: 2 } }, { ev: [1, 2] }, { live: 2 })],
		apply(1, 2),
	),
	one(
		"passes over events that come before it knows where it stands",
		nothing,
		[answer(nothing, { ev: [1, 3] }, begin, { ev: [1, 3] }, { live: 3 })],
		apply(1, 3),
	),
	one(
		"applies events once that come twice",
		nothing,
		[answer(nothing, begin, { ev: [1, 3] }, { ev: [1, 3] }, { ev: [2, 5] }, { live: 3 }, { ev: [4, 4] }, { ev: [5, 6] })],
		apply(1, 6),
	),
	one(
		"asks again when events are missing, and drops what is still on its way",
		nothing,
		[
			answer(nothing, begin, { ev: [1, 2] }, { ev: [4, 5] }, { ev: [6, 6] }),
			answer(after(2), { sub: { after: 2, head: 6 } }, { ev: [3, 6] }, { ev: [4, 6] }, { live: 6 }),
		],
		apply(1, 6),
	),
	one(
		"asks again when the answer begins too late",
		after(3),
		[
			answer(after(3), { sub: { after: 5, head: 6 } }, { ev: [6, 6] }),
			answer(after(3), { sub: { after: 3, head: 6 } }, { ev: [4, 6] }, { live: 6 }),
		],
		apply(4, 6),
	),
	one(
		"asks again when heartbeats say that it is behind",
		nothing,
		[
			answer(nothing, begin, { ev: [1, 3] }, { live: 3 }, { head: 5 }),
			answer(after(3), { sub: { after: 3, head: 5 } }, { ev: [4, 5] }, { live: 5 }),
		],
		apply(1, 5),
	),
	one(
		"goes on where it stood after each cut",
		nothing,
		[
			cut(nothing, begin, { ev: [1, 2] }),
			cut(after(2), { sub: { after: 2, head: 3 } }, { ev: [3, 3] }, { live: 3 }),
			answer(after(3), { sub: { after: 3, head: 4 } }, { ev: [4, 4] }, { live: 4 }),
		],
		apply(1, 4),
	),
	one(
		"comes back after the server's goodbye",
		nothing,
		[
			{ asked: nothing, say: [begin, { ev: [1, 3] }, { live: 3 }], ending: { bye: 1012 } },
			answer(after(3), { sub: { after: 3, head: 4 } }, { ev: [4, 4] }, { live: 4 }),
		],
		apply(1, 4),
	),
	// By whom and why does not matter: the server, a proxy, a browser.
	...[1000, 1001, 1008, 1009, 1011, 1012, 1013, 4008].map((code) =>
		one(
			`comes back after the close code ${code}, without a goodbye`,
			nothing,
			[
				{ asked: nothing, say: [begin, { ev: [1, 3] }, { live: 3 }], ending: { close: code } },
				answer(after(3), { sub: { after: 3, head: 4 } }, { ev: [4, 4] }, { live: 4 }),
			],
			apply(1, 4),
			["ws"],
		),
	),
	one(
		"comes back after a refusal that passes",
		after(3),
		[{ asked: after(3), say: [], ending: { refuse: 503 } }, answer(after(3), { sub: { after: 3, head: 4 } }, { ev: [4, 4] }, { live: 4 })],
		apply(4, 4),
		["sse", "poll"],
	),
	one(
		"stays away when it is told to",
		nothing,
		[{ asked: nothing, say: [begin, { ev: [1, 3] }, { live: 3 }], ending: { bye: 4503 } }],
		apply(1, 3),
	),
	one(
		"begins anew when the log is another one",
		after(8),
		[answer(after(8), { sub: { epoch: "e2", after: 0, head: 2, reset: "epoch" } }, { ev: [1, 2], epoch: "e2" }, { live: 2 })],
		[{ reset: "epoch" }, ...apply(1, 2)],
	),
	one(
		"takes the snapshot that comes with a reset",
		after(8),
		[answer(after(8), { sub: { epoch: "e2", after: 3, head: 4, reset: "epoch", snap: 3 } }, { ev: [4, 4], epoch: "e2" }, { live: 4 })],
		[{ reset: "epoch" }, { snapshot: 3 }, { apply: 4 }],
	),
	one(
		"begins anew when the log changes in the middle of the conversation",
		nothing,
		[
			answer(
				nothing,
				begin,
				{ ev: [1, 3] },
				{ live: 3 },
				{ sub: { epoch: "e2", after: 0, head: 1, reset: "epoch" } },
				{ ev: [1, 1], epoch: "e2" },
				{ live: 1 },
				{ ev: [2, 2], epoch: "e2" },
			),
		],
		[...apply(1, 3), { reset: "epoch" }, ...apply(1, 2)],
	),
	one(
		"begins anew when the log is restored",
		after(8),
		[answer(after(8), { sub: { after: 0, head: 2, reset: "ahead" } }, { ev: [1, 2] }, { live: 2 })],
		[{ reset: "ahead" }, ...apply(1, 2)],
	),
	one(
		"goes on behind what is gone",
		after(2),
		[answer(after(2), { sub: { after: 5, head: 6, min: 6, reset: "truncated" } }, { ev: [6, 6] }, { live: 6 })],
		[{ reset: "truncated" }, { apply: 6 }],
	),
	one(
		"asks again when events come from another log",
		nothing,
		[
			answer(nothing, begin, { ev: [1, 3] }, { live: 3 }, { ev: [4, 4], epoch: "e2" }),
			answer(after(3), { sub: { epoch: "e2", after: 0, head: 4, reset: "epoch" } }, { ev: [1, 4], epoch: "e2" }, { live: 4 }),
		],
		[...apply(1, 3), { reset: "epoch" }, ...apply(1, 4)],
	),
	one(
		"a reset that comes twice resets once",
		after(8),
		[
			answer(
				after(8),
				{ sub: { epoch: "e2", after: 0, head: 2, reset: "epoch" } },
				{ ev: [1, 2], epoch: "e2" },
				{ sub: { epoch: "e2", after: 0, head: 2, reset: "epoch" } },
				{ ev: [1, 2], epoch: "e2" },
				{ live: 2 },
				{ ev: [3, 3], epoch: "e2" },
			),
		],
		[{ reset: "epoch" }, ...apply(1, 3)],
	),
	one(
		"is done at the end, and never asks again",
		nothing,
		[answer(nothing, { sub: { after: 0, head: 2, closed: true } }, { ev: [1, 2] }, { live: 2 }, { end: 2 })],
		[...apply(1, 2), { end: 2 }],
	),
	one(
		"does not take an end for true that it has not reached",
		nothing,
		[
			answer(nothing, { sub: { after: 0, head: 3, closed: true } }, { ev: [1, 2] }, { end: 3 }),
			answer(after(2), { sub: { after: 2, head: 3, closed: true } }, { ev: [3, 3] }, { live: 3 }, { end: 3 }),
		],
		[...apply(1, 3), { end: 3 }],
	),
	one(
		"says that a stream cannot be read, and never asks again",
		nothing,
		[answer(nothing, { err: "not_found" })],
		[{ error: "not_found" }],
	),
	one(
		"passes over what it does not know",
		nothing,
		[
			answer(
				nothing,
				{ raw: { t: "weather", stream: "$stream", rain: true } },
				{ sub: { after: 0, head: 1 } },
				{ ev: [1, 1] },
				{ raw: { t: "live", stream: "$stream", head: 1, colour: "red" } },
				{ raw: { t: "ev", stream: "deployment/another", epoch: "e9", from: 7, to: 7, e: [] } },
				{ ev: [2, 2] },
			),
		],
		apply(1, 2),
	),
];
