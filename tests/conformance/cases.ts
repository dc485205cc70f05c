/**
 * The live protocol as data: what the log holds, what a reader asks for, what it is told. Heartbeats are left out; `ev` frames are
 * written as the seqs they carry. `$epoch` is the log's epoch. See docs/protocol.md.
 */
export interface ConformanceCase {
	name: string;
	/** Events in the log before the reader comes, and whether the log is then closed. */
	log: { events: number; closed?: boolean; truncatedTo?: number };
	/** The fold the server keeps for newcomers. */
	snapshotAt?: number;
	cursor: { epoch?: "$epoch" | "another" | null; after?: number };
	/** Events appended once the reader is live. */
	later?: number[];
	/** Frames in order, without `hello` and `hb`. */
	expect: ExpectedFrame[];
}

export type ExpectedFrame =
	| { sub: { after: number; head: number; min?: number; closed?: boolean; reset?: "epoch" | "truncated" | "ahead"; snap?: number } }
	/** Events `from` to `to`, in one frame or several. */
	| { ev: [from: number, to: number] }
	| { live: number }
	| { end: number }
	| { err: string };

export const cases: ConformanceCase[] = [
	{
		name: "a stream without events is live at once",
		log: { events: 0 },
		cursor: {},
		expect: [{ sub: { after: 0, head: 0 } }, { live: 0 }],
	},
	{
		name: "a newcomer to a stream without snapshot gets everything",
		log: { events: 3 },
		cursor: {},
		expect: [{ sub: { after: 0, head: 3 } }, { ev: [1, 3] }, { live: 3 }],
	},
	{
		name: "what is appended later follows",
		log: { events: 1 },
		cursor: {},
		later: [1, 2],
		expect: [{ sub: { after: 0, head: 1 } }, { ev: [1, 1] }, { live: 1 }, { ev: [2, 4] }],
	},
	{
		name: "a newcomer gets the snapshot and goes on from it",
		log: { events: 5 },
		snapshotAt: 4,
		cursor: {},
		expect: [{ sub: { after: 4, head: 5, snap: 4 } }, { ev: [5, 5] }, { live: 5 }],
	},
	{
		name: "a reader that names the epoch gets the whole history and no snapshot",
		log: { events: 5 },
		snapshotAt: 4,
		cursor: { epoch: "$epoch", after: 0 },
		expect: [{ sub: { after: 0, head: 5 } }, { ev: [1, 5] }, { live: 5 }],
	},
	{
		name: "a reader goes on where it stood",
		log: { events: 9 },
		snapshotAt: 4,
		cursor: { epoch: "$epoch", after: 7 },
		expect: [{ sub: { after: 7, head: 9 } }, { ev: [8, 9] }, { live: 9 }],
	},
	{
		name: "a position without an epoch is trusted",
		log: { events: 3 },
		cursor: { after: 2 },
		expect: [{ sub: { after: 2, head: 3 } }, { ev: [3, 3] }, { live: 3 }],
	},
	{
		name: "a long history comes in many frames without a gap",
		log: { events: 950 },
		cursor: { epoch: "$epoch", after: 0 },
		expect: [{ sub: { after: 0, head: 950 } }, { ev: [1, 950] }, { live: 950 }],
	},
	{
		name: "a closed stream ends",
		log: { events: 2, closed: true },
		cursor: {},
		expect: [{ sub: { after: 0, head: 2, closed: true } }, { ev: [1, 2] }, { live: 2 }, { end: 2 }],
	},
	{
		name: "a reader at the end of a closed stream is told so",
		log: { events: 2, closed: true },
		cursor: { epoch: "$epoch", after: 2 },
		expect: [{ sub: { after: 2, head: 2, closed: true } }, { live: 2 }, { end: 2 }],
	},
	{
		name: "another epoch resets to the first event",
		log: { events: 3 },
		cursor: { epoch: "another", after: 2 },
		expect: [{ sub: { after: 0, head: 3, reset: "epoch" } }, { ev: [1, 3] }, { live: 3 }],
	},
	{
		name: "another epoch resets to the snapshot where there is one",
		log: { events: 3 },
		snapshotAt: 3,
		cursor: { epoch: "another", after: 2 },
		expect: [{ sub: { after: 3, head: 3, reset: "epoch", snap: 3 } }, { live: 3 }],
	},
	{
		name: "a position beyond the head is a restored log",
		log: { events: 3 },
		cursor: { epoch: "$epoch", after: 8 },
		expect: [{ sub: { after: 0, head: 3, reset: "ahead" } }, { ev: [1, 3] }, { live: 3 }],
	},
	{
		name: "a position before what is kept resets to the first kept event",
		log: { events: 9, truncatedTo: 6 },
		cursor: { epoch: "$epoch", after: 2 },
		expect: [{ sub: { after: 5, head: 9, min: 6, reset: "truncated" } }, { ev: [6, 9] }, { live: 9 }],
	},
	{
		name: "a newcomer to a cut log is told that older events are gone",
		log: { events: 9, truncatedTo: 6 },
		cursor: {},
		expect: [{ sub: { after: 5, head: 9, min: 6, reset: "truncated" } }, { ev: [6, 9] }, { live: 9 }],
	},
];
