/** The language of the cases. Everything in it is plain JSON, so that a runner can be written in any language. See README.md. */

export type WireName = "ws" | "sse" | "poll";
export type ResetReason = "epoch" | "truncated" | "ahead";

/** What a log holds before anybody reads it. */
export interface LogSetup {
	events: number;
	closed?: true;
	/** First event that is still kept. */
	keptFrom?: number;
	/** The stream has a snapshot, taken after this event. */
	snapshotAt?: number;
	/** It belongs to somebody else. */
	foreign?: true;
}

/** What the keeper of the log is asked to do. Over HTTP it is the body of a POST to `--control`, `stream` being the log's name. */
export type Deed =
	| { do: "append"; stream: string; events: number }
	| { do: "close"; stream: string }
	/** Another log in its place, with another epoch. */
	| { do: "rewrite"; stream: string; events: number }
	/** An older state of the same log: what came after `head` never happened. */
	| { do: "restore"; stream: string; head: number }
	/** Written on until `head`, and everything before `from` forgotten, at once. */
	| { do: "outrun"; stream: string; head: number; from: number }
	/** What its deployment waits for now; null when it is not active. */
	| { do: "activity"; stream: string; awaiting: string | null }
	/** The server stops as it does for a restart, and comes back. */
	| { do: "restart" };

/** Asked first, for every log of a case: answered with `{"stream": name, "epoch": epoch}`. */
export interface MakeLog {
	do: "make";
	log: LogSetup;
}

export interface AskedCursor {
	/** `$epoch` is the log's. */
	epoch?: "$epoch" | "another" | null;
	after?: number;
}

/** A frame that must come. Heartbeats are told apart; `ev` frames that follow on count as one. */
export type ExpectedFrame =
	| { sub: { after: number; head: number; min?: number; closed?: boolean; reset?: ResetReason; snap?: number; epoch?: "changed" } }
	| { ev: [from: number, to: number] }
	| { live: number }
	| { end: number }
	| { err: string };

export type Step =
	/** Connects and asks for these logs, by their names in the case. */
	| { ask: Record<string, AskedCursor> }
	| { deed: Deed }
	/** The next frames about a log, in order and nothing in between. Frames about other logs may come before, after and between. */
	| { expect: Record<string, ExpectedFrame[]> }
	/** A heartbeat with exactly these heads, and these activities. */
	| { heartbeat: { heads: Record<string, number>; awaiting?: Record<string, string> } }
	/** WebSocket: sends a message. In strings, `$name` is the log's stream. */
	| { send: unknown }
	| { sendText: string }
	| { sendBinary: number[] }
	| { pong: number }
	/** The server says goodbye with this code. */
	| { bye: number }
	/** The connection is ended with this code. */
	| { closed: number };

/** A conversation. At its end nothing may be left unsaid by the case. */
export interface ServerCase {
	name: string;
	/** Transports it is about; all three by default. */
	over?: WireName[];
	/** The logs it needs, by a name of its own. */
	logs: Record<string, LogSetup>;
	steps: Step[];
}

/** One request and what is answered. */
export interface HttpCase {
	name: string;
	logs: Record<string, LogSetup>;
	request: {
		method: "GET" | "POST";
		path: string;
		/** The token that is sent; the good one by default. */
		token?: "none" | "wrong";
		/** `$origin` is the server's own. */
		headers?: Record<string, string>;
		/** Sent as JSON; a string as it is. `$name` is the log's stream. */
		body?: unknown;
		/** Asks for WebSocket. */
		upgrade?: true;
	};
	/** Done before, and while the request is under way. */
	before?: Deed[];
	meanwhile?: Deed[];
	answer: {
		status: number;
		/** Regular expressions; null for a header that must not be there. */
		headers?: Record<string, string | null>;
		/** Code of the error in the body. */
		error?: string;
		/** Kinds of the frames, in order; of SSE the first ones. */
		frames?: string[];
		/** Held for at least, and at most, so many milliseconds. */
		heldMs?: number;
		withinMs?: number;
	};
}

/** What a scripted server says about the stream; in the log `e1` where nothing else is said. */
export type Said =
	| { sub: { after: number; head: number; epoch?: string; min?: number; closed?: true; reset?: ResetReason; snap?: number } }
	| { ev: [from: number, to: number]; epoch?: string }
	| { live: number }
	| { end: number }
	| { err: string }
	/** From now on heartbeats say that the stream is that far. */
	| { head: number }
	/** Anything at all, as it is. */
	| { raw: unknown };

/** What a scripted server does when it is asked for the stream: by a `sub` message, or by a request that holds its cursor. */
export interface Answer {
	/** The cursor it must be asked with. */
	asked: { epoch: string | null; after: number };
	say: Said[];
	/** What becomes of the connection; it stays where nothing is said. `close` ends it without a `bye`, `refuse` answers the request with a status instead. */
	ending?: "cut" | { bye: number } | { close: number } | { refuse: number };
}

/** What a client has told its reader. */
export type Applied = { apply: number } | { reset: ResetReason } | { snapshot: number } | { end: number } | { error: string };

/** A server that follows a script, and what a client must make of it. */
export interface ClientCase {
	name: string;
	over?: WireName[];
	/** Where the client is told to begin. */
	start: { epoch: string | null; after: number };
	/** Answers in the order in which they must be asked for. A poll that asks from where the client stands is held in between. */
	script: Answer[];
	applied: Applied[];
}
