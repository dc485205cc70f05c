import type { ServerFrame, TransportReason } from "../protocol/index.ts";
import type { Timings } from "./timings.ts";
import type { TransportEnd, TransportKind } from "./transports/transport.ts";

/** One connection attempt, from its opening to its end. */
export interface Link {
	id: number;
	kind: TransportKind;
	startedAt: number;
	openedAt: number | null;
	helloAt: number | null;
	/** Last frame. */
	heardAt: number;
	/** A heartbeat came: frames arrive when they are sent, not when a buffer is full. */
	beat: boolean;
	ponged: boolean;
}

/** Every transport is tried that is not known to be bad; the first that proves itself is kept. */
export interface Racing {
	kind: "racing";
	socket: Link | null;
	stream: Link | null;
	poll: Link | null;
	/** When the next transport is tried beside the WebSocket; null once it is. */
	fallbackAt: number | null;
	peekAt: number;
	/** Times SSE fell silent after it had spoken. */
	mutes: number;
}

export interface Live {
	kind: "live";
	link: Link;
	proven: boolean;
	/** A frame must come until then, or the link is dead. */
	checkUntil: number | null;
	/** Takes the link's place once it is proven. */
	candidate: Link | null;
	/** No sooner is a poll sent beside a link that has fallen silent. */
	peekAt: number;
	/** When WebSocket is tried again; null while it is in use. */
	probeAt: number | null;
	probes: number;
}

export type Phase =
	/** Nobody wants a stream. */
	| { kind: "idle" }
	/** Switched off by the person. */
	| { kind: "paused" }
	/** The page is hidden or frozen. */
	| { kind: "asleep" }
	| Racing
	| Live
	/** Between two tries; the next one begins with `from`. */
	| { kind: "waiting"; until: number; from: TransportKind }
	| { kind: "refused"; code: number };

/** Transports that did not work here, and until when not to try them; kept across pages. */
export interface BadUntil {
	ws: number;
	sse: number;
}

/** Transports that have let this page down, and how. */
export interface Why {
	ws: TransportReason | null;
	sse: TransportReason | null;
}

export interface State {
	phase: Phase;
	nextLink: number;
	/** Failures in a row. */
	failures: number;
	/** Times of failed WebSockets while HTTP worked. */
	strikes: number[];
	/** A WebSocket failed at this time and nothing has shown yet whether the network did. */
	doubtAt: number | null;
	badUntil: BadUntil;
	why: Why;
	/** A watched deployment is active. */
	active: boolean;
	hiddenSince: number | null;
	/** Start of the server that was last heard of. */
	boot: string | null;
	/** A WebSocket was proven on this page, and none has failed since in a way that speaks against it. */
	socketTrusted: boolean;
	/** The window in which the server wanted everybody back, until one of its greetings: no shorter wait, or all come at once. */
	spreadMs: number;
	/** The server said that nobody is logged in, and the session was looked at once for it; until its next greeting. */
	sessionChecked: boolean;
	everLive: boolean;
	/** The server has no room for another connection; until its next greeting, or until something else goes wrong. */
	crowded: boolean;
}

export type Input =
	| { type: "start" | "stop" | "pause" | "resume" | "retry" | "tick" | "hidden" | "sleep" }
	/** The page became visible or came back, the network changed, or a timer was late. */
	| { type: "wake"; cause: WakeCause }
	| { type: "opened"; link: number }
	| { type: "frame"; link: number; frame: ServerFrame }
	| { type: "closed"; link: number; end: TransportEnd }
	/** Outcome of `peek`: null when it worked, with the start of the server that answered. */
	| { type: "peeked"; end: TransportEnd | null; boot?: string }
	/** Outcome of `checkSession`; null when nobody answered. */
	| { type: "session"; isValid: boolean | null }
	/** The wanted streams changed and this link cannot carry that. */
	| { type: "outdated"; link: number };

export type WakeCause = "visible" | "online" | "offline" | "jump";

export type Command =
	| { type: "open"; link: number; kind: TransportKind }
	| { type: "close"; link: number }
	| { type: "ping"; link: number }
	/** Fetch once what is new, by a poll that is not held. */
	| { type: "peek" }
	/** Ask whether the person is still logged in. */
	| { type: "checkSession" }
	| { type: "remember"; badUntil: BadUntil };

export function initialState(badUntil: BadUntil): State {
	return {
		phase: { kind: "idle" },
		nextLink: 1,
		failures: 0,
		strikes: [],
		doubtAt: null,
		badUntil,
		why: { ws: null, sse: null },
		active: false,
		hiddenSince: null,
		boot: null,
		socketTrusted: false,
		spreadMs: 0,
		sessionChecked: false,
		everLive: false,
		crowded: false,
	};
}

/** All links of a phase. */
export function openLinks(phase: Phase): Link[] {
	if (phase.kind === "racing") return [phase.socket, phase.stream, phase.poll].filter((link) => link !== null);
	if (phase.kind === "live") return phase.candidate ? [phase.link, phase.candidate] : [phase.link];
	return [];
}

/** When `tick` is due; null when nothing depends on time. */
export function deadline(state: State, timings: Timings): number | null {
	const due = deadlines(state, timings).filter((time) => time !== null);
	return due.length > 0 ? Math.min(...due) : null;
}

function deadlines({ phase, active, hiddenSince }: State, timings: Timings): (number | null)[] {
	switch (phase.kind) {
		case "waiting":
			return [phase.until];
		case "racing":
			return [phase.fallbackAt, phase.peekAt, ...openLinks(phase).map((link) => patienceEnd(link, timings))];
		case "live":
			return [
				phase.checkUntil,
				silenceEnd(phase.link, active, timings),
				suspectAt(phase, active, timings),
				phase.proven || !phase.link.ponged ? null : provenAt(phase.link, timings),
				phase.candidate ? (provenAt(phase.candidate, timings) ?? patienceEnd(phase.candidate, timings)) : phase.probeAt,
				hiddenSince === null || phase.link.kind === "ws" ? null : hiddenSince + timings.hiddenMs,
			];
		default:
			return [];
	}
}

/** When a link that has not proven itself is given up. */
export function patienceEnd({ kind, startedAt, openedAt, helloAt, heardAt }: Link, timings: Timings): number {
	switch (kind) {
		case "ws":
			return openedAt === null ? startedAt + timings.socketOpenMs : openedAt + timings.socketHelloMs;
		case "sse":
			if (openedAt === null) return startedAt + timings.streamHeadersMs;
			return helloAt === null ? openedAt + timings.streamHelloMs : heardAt + timings.streamBeatMs;
		case "poll":
			return startedAt + timings.pollWaitS * 1000 + timings.pollAnswerMs;
	}
}

/** When a link in use counts as dead if nothing more is heard, or if what we say does not seem to arrive. */
export function silenceEnd(link: Link, active: boolean, timings: Timings): number {
	const end = link.heardAt + (active ? timings.deadActiveMs : timings.deadIdleMs);
	return isUnanswered(link) ? Math.min(end, (link.helloAt ?? link.startedAt) + timings.checkMs) : end;
}

/** A WebSocket greeted us and has answered nothing yet: it may be open in one direction only. */
function isUnanswered({ kind, ponged }: Link): boolean {
	return kind === "ws" && !ponged;
}

/**
 * When a poll is sent beside a link that should have spoken, so that the screen goes on while it is not yet dead; null where silence
 * means nothing.
 */
export function suspectAt({ link, peekAt }: Live, active: boolean, timings: Timings): number | null {
	if (isUnanswered(link)) return Math.max(peekAt, link.startedAt + timings.suspectMs);
	return active && link.kind !== "poll" ? Math.max(peekAt, link.heardAt + timings.suspectMs) : null;
}

/** When a WebSocket that has spoken has lived long enough; null before it spoke. */
export function provenAt({ helloAt }: Link, { provenMs }: Timings): number | null {
	return helloAt === null ? null : helloAt + provenMs;
}
