/** Every interval of the client, in milliseconds. `docs/protocol.md` says why each is what it is; tests shrink them. */
export interface Timings {
	/** WebSocket: time to open, then to the first frame. */
	socketOpenMs: number;
	socketHelloMs: number;
	/** SSE starts beside a WebSocket that has not spoken for this long. */
	streamAfterMs: number;
	/** SSE: time to the headers, then to the first frame, then to the first heartbeat (it proves that frames are not held back). */
	streamHeadersMs: number;
	streamHelloMs: number;
	streamBeatMs: number;
	/** Poll: seconds a request may be held, time beyond that to its answer, and the pause between requests that are not held. */
	pollWaitS: number;
	pollAnswerMs: number;
	pollPauseMs: number;
	/** While nothing is proven yet, the screen is kept fresh by single polls this often. */
	peekMs: number;
	/** A WebSocket is proven once it answered a ping and has lived this long. */
	provenMs: number;
	/** This many unproven failures within this time, while HTTP works, make WebSocket bad for `badMs`. */
	strikes: number;
	strikeWindowMs: number;
	badMs: number;
	/** An HTTP answer this soon after a failed WebSocket shows that it was the socket and not the network. */
	sameMomentMs: number;
	/** When to try WebSocket again from a lower transport: the first while the page is seen, else one after the other. Each is spread by ± 20 %. */
	probesMs: readonly number[];
	/** Silence of a push transport, while a watched deployment is active, after which single polls bring what it may be missing. */
	suspectMs: number;
	/** Silence after which a connection is dead: while a watched deployment is active, and else. */
	deadActiveMs: number;
	deadIdleMs: number;
	/** Time to answer a ping after the page woke up, and the lateness of a timer that means it slept. */
	checkMs: number;
	jumpMs: number;
	/** Full-jitter backoff. */
	backoffMs: number;
	backoffActiveCapMs: number;
	backoffCapMs: number;
	/** Failures in a row after which the server counts as unreachable. */
	unreachableAfter: number;
	/** SSE and poll are given up this long after the page was hidden. */
	hiddenMs: number;
	/** A connection nobody needs any more is kept this long. */
	lingerMs: number;
	/** A stream that stays behind its announced head for this long is asked for again; at most this often. */
	behindMs: number;
	resubscribeMs: number;
	/** Tabs: time to say where they stand before their leader connects, how often a follower looks at its leader, the silence after which it asks, and the wait for an answer before it takes over. */
	tabGatherMs: number;
	tabTickMs: number;
	tabAskMs: number;
	tabDeadMs: number;
	/** Round trip is measured this often. */
	pingMs: number;
}

const minuteMs = 60_000;

export const defaultTimings: Timings = {
	socketOpenMs: 4000,
	socketHelloMs: 2500,
	streamAfterMs: 2500,
	streamHeadersMs: 4000,
	streamHelloMs: 2000,
	streamBeatMs: 3000,
	pollWaitS: 20,
	pollAnswerMs: 5000,
	pollPauseMs: 2000,
	peekMs: 2000,
	provenMs: 10_000,
	strikes: 2,
	strikeWindowMs: 2 * minuteMs,
	badMs: 30 * minuteMs,
	sameMomentMs: 5000,
	probesMs: [45_000, 5 * minuteMs, 15 * minuteMs, 30 * minuteMs],
	suspectMs: 2000,
	deadActiveMs: 5000,
	deadIdleMs: 35_000,
	checkMs: 3000,
	jumpMs: 10_000,
	backoffMs: 250,
	backoffActiveCapMs: 4000,
	backoffCapMs: 30_000,
	unreachableAfter: 10,
	hiddenMs: 5 * minuteMs,
	lingerMs: 5000,
	behindMs: 2000,
	resubscribeMs: 1000,
	tabGatherMs: 50,
	tabTickMs: 1000,
	tabAskMs: 1500,
	tabDeadMs: 2000,
	pingMs: 15_000,
};
