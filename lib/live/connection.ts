import { closeCodes, isTerminalClose, type ServerFrame } from "../protocol/index.ts";
import { aroundMs, fullJitterMs, type Random, withinMs } from "./backoff.ts";
import type { Timings } from "./timings.ts";
import type { TransportEnd, TransportKind } from "./transports/transport.ts";

/**
 * How a page stays connected, as a pure function: `transition(state, input)` answers the next state and what to do. The driver
 * in `client.ts` carries the commands out and owns all time and I/O. The rules are in `docs/protocol.md`, "The client".
 */

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

export type Phase =
	/** Nobody wants a stream. */
	| { kind: "idle" }
	/** Switched off by the person. */
	| { kind: "paused" }
	/** The page is hidden or frozen. */
	| { kind: "asleep" }
	| {
			kind: "racing";
			socket: Link | null;
			stream: Link | null;
			poll: Link | null;
			fallbackAt: number | null;
			peekAt: number;
			mutes: number;
	  }
	| { kind: "live"; link: Link; proven: boolean; checkUntil: number | null; candidate: Link | null; probeAt: number | null; probes: number }
	| { kind: "waiting"; until: number; from: TransportKind }
	| { kind: "refused"; code: number };

/** Transports that did not work here, and until when not to try them; kept across pages. */
export interface BadUntil {
	ws: number;
	sse: number;
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
	/** A watched deployment is active. */
	active: boolean;
	hiddenSince: number | null;
	boot: string | null;
	everLive: boolean;
}

export type Input =
	| { type: "start" | "stop" | "pause" | "resume" | "retry" | "tick" | "hidden" | "sleep" }
	/** The page became visible or came back, the network changed, or a timer was late. */
	| { type: "wake"; cause: "visible" | "online" | "jump" }
	| { type: "opened"; link: number }
	| { type: "frame"; link: number; frame: ServerFrame }
	| { type: "closed"; link: number; end: TransportEnd }
	/** Answer to `peek`; null when it worked. */
	| { type: "peeked"; end: TransportEnd | null }
	/** The wanted streams changed and this link cannot carry that. */
	| { type: "outdated"; link: number };

export type Command =
	| { type: "open"; link: number; kind: TransportKind }
	| { type: "close"; link: number }
	| { type: "ping"; link: number }
	/** Fetch once what is new, by a poll that is not held. */
	| { type: "peek" }
	| { type: "remember"; badUntil: BadUntil };

export interface Surroundings {
	now: number;
	random: Random;
	timings: Timings;
}

export function initialState(badUntil: BadUntil): State {
	return {
		phase: { kind: "idle" },
		nextLink: 1,
		failures: 0,
		strikes: [],
		doubtAt: null,
		badUntil,
		active: false,
		hiddenSince: null,
		boot: null,
		everLive: false,
	};
}

/** The next state, and what to do about it. Changes nothing of what it is given. */
export function transition(state: State, input: Input, surroundings: Surroundings): { state: State; commands: Command[] } {
	const turn: Turn = { ...surroundings, state: structuredClone(state), commands: [] };
	apply(turn, input);
	return { state: turn.state, commands: turn.commands };
}

/** A state that is being changed, and what that makes necessary. */
interface Turn extends Surroundings {
	state: State;
	commands: Command[];
}

function apply(turn: Turn, input: Input): void {
	const { state, now } = turn;
	const { phase } = state;
	switch (input.type) {
		case "start":
			if (phase.kind === "idle") race(turn);
			break;
		case "stop":
			if (phase.kind !== "paused") leave(turn, { kind: "idle" });
			break;
		case "pause":
			leave(turn, { kind: "paused" });
			break;
		case "resume":
			if (phase.kind === "paused") race(turn);
			break;
		case "retry":
			if (phase.kind !== "paused" && phase.kind !== "idle") race(turn);
			break;
		case "hidden":
			state.hiddenSince ??= now;
			break;
		case "sleep":
			if (phase.kind !== "paused" && phase.kind !== "idle") leave(turn, { kind: "asleep" });
			break;
		case "wake":
			wake(turn, input.cause);
			break;
		case "tick":
			tick(turn);
			break;
		case "opened":
			withLink(turn, input.link, (link) => {
				link.openedAt ??= now;
				link.heardAt = now;
			});
			break;
		case "frame":
			withLink(turn, input.link, (link) => hear(turn, link, input.frame));
			break;
		case "closed":
			withLink(turn, input.link, (link) => lose(turn, link, input.end));
			break;
		case "peeked":
			peeked(turn, input.end);
			break;
		case "outdated":
			withLink(turn, input.link, (link) => replace(turn, link));
			break;
	}
}

/** When `tick` is due; null when nothing depends on time. */
export function deadline({ phase, active, hiddenSince }: State, timings: Timings): number | null {
	const times: (number | null)[] = [];
	if (phase.kind === "waiting") times.push(phase.until);
	if (phase.kind === "racing") {
		times.push(phase.fallbackAt, phase.peekAt);
		for (const link of [phase.socket, phase.stream, phase.poll]) if (link) times.push(patienceEnd(link, timings));
	}
	if (phase.kind === "live") {
		const { link, candidate, checkUntil, probeAt, proven } = phase;
		times.push(checkUntil, link.heardAt + (active ? timings.deadActiveMs : timings.deadIdleMs));
		if (!candidate) times.push(probeAt);
		if (candidate) times.push(candidate.helloAt === null ? patienceEnd(candidate, timings) : candidate.helloAt + timings.provenMs);
		if (!proven && link.helloAt !== null && link.ponged) times.push(link.helloAt + timings.provenMs);
		if (hiddenSince !== null && link.kind !== "ws") times.push(hiddenSince + timings.hiddenMs);
	}
	const due = times.filter((time) => time !== null);
	return due.length > 0 ? Math.min(...due) : null;
}

/** When a link that has not proven itself is given up. */
function patienceEnd({ kind, startedAt, openedAt, helloAt }: Link, timings: Timings): number {
	switch (kind) {
		case "ws":
			return openedAt === null ? startedAt + timings.socketOpenMs : openedAt + timings.socketHelloMs;
		case "sse":
			if (openedAt === null) return startedAt + timings.streamHeadersMs;
			return helloAt === null ? openedAt + timings.streamHelloMs : helloAt + timings.streamBeatMs;
		case "poll":
			return startedAt + timings.pollWaitS * 1000 + timings.pollAnswerMs;
	}
}

function tick(turn: Turn): void {
	const { state, now, timings } = turn;
	const { phase } = state;
	if (phase.kind === "waiting" && now >= phase.until) race(turn, phase.from);
	if (phase.kind === "racing") tickRace(turn, phase);
	if (phase.kind === "live") tickLive(turn, phase);

	function tickRace(_: Turn, racing: Extract<Phase, { kind: "racing" }>): void {
		if (racing.fallbackAt !== null && now >= racing.fallbackAt) openFallback(turn, racing);
		if (now >= racing.peekAt) {
			racing.peekAt = now + timings.peekMs;
			turn.commands.push({ type: "peek" });
		}
		for (const link of [racing.socket, racing.stream, racing.poll]) {
			if (link && now >= patienceEnd(link, timings)) giveUp(turn, link);
		}
	}
}

function tickLive(turn: Turn, phase: Extract<Phase, { kind: "live" }>): void {
	const { state, now, timings, commands } = turn;
	const { link, candidate } = phase;
	const isDead = now >= link.heardAt + (state.active ? timings.deadActiveMs : timings.deadIdleMs);
	const failedCheck = phase.checkUntil !== null && now >= phase.checkUntil;
	if (isDead || failedCheck) {
		giveUp(turn, link);
		return;
	}
	if (state.hiddenSince !== null && link.kind !== "ws" && now >= state.hiddenSince + timings.hiddenMs) {
		leave(turn, { kind: "asleep" });
		return;
	}
	if (!phase.proven && link.ponged && link.helloAt !== null && now >= link.helloAt + timings.provenMs) {
		phase.proven = true;
		clearSocket(turn);
	}
	if (candidate && candidate.helloAt === null && now >= patienceEnd(candidate, timings)) giveUp(turn, candidate);
	if (candidate?.kind === "ws" && candidate.helloAt !== null && now >= candidate.helloAt + timings.provenMs) {
		if (candidate.ponged) promote(turn, phase, candidate);
		else giveUp(turn, candidate);
	}
	if (!phase.candidate && phase.probeAt !== null && now >= phase.probeAt) {
		phase.probes++;
		phase.probeAt = nextProbe(turn, phase.probes);
		phase.candidate = open(turn, "ws");
	}
	void commands;
}

/** Tries every transport that is not known to be bad, the best one first, each a little after the one before. */
function race(turn: Turn, from: TransportKind = "ws"): void {
	const { state, now, timings } = turn;
	leave(turn, { kind: "idle" });
	const trySocket = from === "ws" && state.badUntil.ws <= now;
	const doubtful = state.doubtAt !== null && now - state.doubtAt <= timings.sameMomentMs;
	const racing: Extract<Phase, { kind: "racing" }> = {
		kind: "racing",
		socket: trySocket ? open(turn, "ws") : null,
		stream: null,
		poll: null,
		fallbackAt: trySocket ? now + timings.streamAfterMs : null,
		peekAt: doubtful ? now : now + timings.peekMs,
		mutes: 0,
	};
	state.phase = racing;
	if (from === "poll") racing.poll = open(turn, "poll");
	else if (!trySocket) openFallback(turn, racing);
	if (doubtful) turn.commands.push({ type: "peek" });
	if (doubtful) racing.peekAt = now + timings.peekMs;
}

function openFallback(turn: Turn, racing: Extract<Phase, { kind: "racing" }>): void {
	racing.fallbackAt = null;
	if (racing.stream || racing.poll) return;
	if (turn.state.badUntil.sse <= turn.now) racing.stream = open(turn, "sse");
	else racing.poll = open(turn, "poll");
}

function open(turn: Turn, kind: TransportKind): Link {
	const { state, now } = turn;
	const link: Link = {
		id: state.nextLink++,
		kind,
		startedAt: now,
		openedAt: null,
		helloAt: null,
		heardAt: now,
		beat: false,
		ponged: false,
	};
	turn.commands.push({ type: "open", link: link.id, kind });
	return link;
}

/** Closes whatever is open and goes on in another phase. */
function leave(turn: Turn, phase: Phase): void {
	for (const link of openLinks(turn.state.phase)) turn.commands.push({ type: "close", link: link.id });
	turn.state.phase = phase;
}

/** All links of a phase. */
export function openLinks(phase: Phase): Link[] {
	if (phase.kind === "racing") return [phase.socket, phase.stream, phase.poll].filter((link) => link !== null);
	if (phase.kind === "live") return phase.candidate ? [phase.link, phase.candidate] : [phase.link];
	return [];
}

function withLink(turn: Turn, id: number, work: (link: Link) => void): void {
	const link = openLinks(turn.state.phase).find((one) => one.id === id);
	if (link) work(link);
}

function hear(turn: Turn, link: Link, frame: ServerFrame): void {
	const { state, now, commands } = turn;
	link.openedAt ??= now;
	link.heardAt = now;
	if (state.phase.kind === "live" && state.phase.link.id === link.id) state.phase.checkUntil = null;
	switch (frame.t) {
		case "hello":
			link.helloAt = now;
			if (link.kind === "ws") commands.push({ type: "ping", link: link.id });
			welcome(turn, frame.boot);
			break;
		case "hb":
			link.beat = true;
			state.active = frame.activity.length > 0;
			break;
		case "pong":
			link.ponged = true;
			break;
		case "bye":
			commands.push({ type: "close", link: link.id });
			lose(turn, link, { code: frame.code, retryAfterMs: withinMs(frame.after, turn.random) });
			return;
	}
	if (state.phase.kind === "racing") judgeRace(turn, link);
	else if (state.phase.kind === "live" && state.phase.candidate?.id === link.id && link.kind !== "ws") promote(turn, state.phase, link);
}

/** A new start of the server may have come with a new way through: try the better transport again. */
function welcome(turn: Turn, boot: string): void {
	const { state, now } = turn;
	if (state.boot !== null && state.boot !== boot && state.phase.kind === "live" && state.phase.link.kind !== "ws")
		state.phase.probeAt = now;
	state.boot = boot;
}

/** Only frames prove a transport: a WebSocket by `hello`, SSE by a heartbeat sent after it, poll by an answer. */
function judgeRace(turn: Turn, link: Link): void {
	if (link.helloAt === null || (link.kind === "sse" && !link.beat)) return;
	const { state, now, timings } = turn;
	const { phase } = state;
	if (phase.kind !== "racing") return;
	for (const other of openLinks(phase)) if (other.id !== link.id) turn.commands.push({ type: "close", link: other.id });
	if (link.kind !== "ws") {
		// HTTP works: a WebSocket that hangs or failed just now was the socket's own fault.
		if (phase.socket) state.doubtAt = now;
		strikeIfDoubtful(turn);
		state.failures = 0;
	}
	state.everLive = true;
	const probeAt = link.kind === "ws" ? null : now + aroundMs(timings.probesMs[0] ?? 0, turn.random);
	state.phase = { kind: "live", link, proven: link.kind !== "ws", checkUntil: null, candidate: null, probeAt, probes: 0 };
}

/** Replaces the link by its candidate, which has proven itself. */
function promote(turn: Turn, phase: Extract<Phase, { kind: "live" }>, candidate: Link): void {
	turn.commands.push({ type: "close", link: phase.link.id });
	phase.link = candidate;
	phase.candidate = null;
	phase.checkUntil = null;
	if (candidate.kind !== "ws") return;
	phase.proven = true;
	phase.probeAt = null;
	clearSocket(turn);
}

/** WebSocket works here. */
function clearSocket(turn: Turn): void {
	const { state } = turn;
	state.failures = 0;
	state.strikes = [];
	state.doubtAt = null;
	if (state.badUntil.ws === 0) return;
	state.badUntil.ws = 0;
	turn.commands.push({ type: "remember", badUntil: state.badUntil });
}

/** We end a link that was silent for too long. */
function giveUp(turn: Turn, link: Link): void {
	turn.commands.push({ type: "close", link: link.id });
	lose(turn, link, { code: 1006, retryAfterMs: null });
}

function lose(turn: Turn, link: Link, end: TransportEnd): void {
	const { state } = turn;
	const { phase } = state;
	if (isTerminalClose(end.code)) {
		leave(turn, { kind: "refused", code: end.code });
		return;
	}
	if (phase.kind === "racing") loseInRace(turn, phase, link, end);
	else if (phase.kind === "live" && phase.candidate?.id === link.id) loseCandidate(turn, phase, link);
	else if (phase.kind === "live") loseLive(turn, phase, end);
}

function loseInRace(turn: Turn, phase: Extract<Phase, { kind: "racing" }>, link: Link, end: TransportEnd): void {
	const { state, now } = turn;
	if (link.kind === "ws") {
		phase.socket = null;
		doubt(turn);
		phase.peekAt = now;
		openFallback(turn, phase);
	}
	if (link.kind === "sse") {
		phase.stream = null;
		const isMute = end.code === 1006 && link.openedAt !== null;
		if (isMute && link.helloAt !== null && phase.mutes === 0) {
			phase.mutes++;
			phase.stream = open(turn, "sse");
		} else {
			if (isMute) markBad(turn, "sse");
			phase.poll = open(turn, "poll");
		}
	}
	if (link.kind === "poll") phase.poll = null;
	if (openLinks(phase).length === 0 && phase.fallbackAt === null) {
		state.failures++;
		wait(turn, end.retryAfterMs);
	}
}

function loseCandidate(turn: Turn, phase: Extract<Phase, { kind: "live" }>, link: Link): void {
	phase.candidate = null;
	if (link.kind === "ws") {
		turn.state.doubtAt = turn.now;
		strikeIfDoubtful(turn);
		phase.probeAt ??= nextProbe(turn, phase.probes);
		return;
	}
	// The set of streams is still the wrong one: start over.
	leave(turn, { kind: "idle" });
	wait(turn, null);
}

function loseLive(turn: Turn, phase: Extract<Phase, { kind: "live" }>, end: TransportEnd): void {
	const { state } = turn;
	const { link, proven, candidate } = phase;
	const isOrdered = end.retryAfterMs !== null;
	if (candidate?.helloAt) {
		promote(turn, phase, candidate);
		return;
	}
	if (link.kind === "ws" && !proven && !isOrdered) {
		doubt(turn);
		state.failures++;
	} else if (!isOrdered && link.kind === "ws") state.failures = 0;
	phase.link = link;
	for (const other of openLinks(phase)) if (other.id !== link.id) turn.commands.push({ type: "close", link: other.id });
	const rotates = link.kind !== "ws" && end.code === closeCodes.normal;
	wait(turn, end.retryAfterMs, rotates ? link.kind : "ws");
}

function wait(turn: Turn, retryAfterMs: number | null, from: TransportKind = "ws"): void {
	const { state, now, random, timings } = turn;
	const capMs = state.active && state.hiddenSince === null ? timings.backoffActiveCapMs : timings.backoffCapMs;
	const delayMs = retryAfterMs ?? fullJitterMs(state.failures, timings.backoffMs, capMs, random);
	state.phase = { kind: "waiting", until: now + delayMs, from };
}

function doubt(turn: Turn): void {
	turn.state.doubtAt = turn.now;
}

function peeked(turn: Turn, end: TransportEnd | null): void {
	if (end === null) strikeIfDoubtful(turn);
	else if (isTerminalClose(end.code)) leave(turn, { kind: "refused", code: end.code });
}

/** HTTP just worked. If a WebSocket failed at the same moment, that counts against WebSocket. */
function strikeIfDoubtful(turn: Turn): void {
	const { state, now, timings } = turn;
	if (state.doubtAt === null) return;
	const isSameMoment = now - state.doubtAt <= timings.sameMomentMs;
	state.doubtAt = null;
	if (!isSameMoment) return;
	state.strikes = [...state.strikes.filter((at) => now - at <= timings.strikeWindowMs), now];
	if (state.strikes.length >= timings.strikes) markBad(turn, "ws");
}

function markBad(turn: Turn, kind: keyof BadUntil): void {
	turn.state.badUntil[kind] = turn.now + turn.timings.badMs;
	turn.commands.push({ type: "remember", badUntil: turn.state.badUntil });
}

function nextProbe({ now, random, timings: { probesMs } }: Turn, probes: number): number {
	return now + aroundMs(probesMs[Math.min(probes, probesMs.length - 1)] ?? 0, random);
}

/** The wanted streams changed: the new link is opened before the old one ends. */
function replace(turn: Turn, link: Link): void {
	const { phase } = turn.state;
	if (phase.kind === "racing" && phase.stream?.id === link.id) {
		turn.commands.push({ type: "close", link: link.id });
		phase.stream = open(turn, "sse");
	}
	if (phase.kind !== "live") return;
	if (phase.candidate) turn.commands.push({ type: "close", link: phase.candidate.id });
	phase.candidate = open(turn, link.kind);
}

function wake(turn: Turn, cause: "visible" | "online" | "jump"): void {
	const { state, now, timings } = turn;
	const { phase } = state;
	const awayMs = state.hiddenSince === null ? 0 : now - state.hiddenSince;
	if (cause === "visible") state.hiddenSince = null;
	switch (phase.kind) {
		case "asleep":
		case "waiting":
		case "refused":
			race(turn);
			break;
		case "racing":
			if (cause === "jump") race(turn);
			break;
		case "live":
			// Silence while the page slept says nothing; an answer now does.
			phase.link.heardAt = now;
			if (phase.link.kind === "ws") {
				phase.checkUntil = now + timings.checkMs;
				turn.commands.push({ type: "ping", link: phase.link.id });
			} else {
				if (cause !== "visible" || awayMs > timings.probesMs[0]!) phase.probeAt = now;
				if (phase.link.kind === "sse" && !phase.candidate) phase.candidate = open(turn, "sse");
			}
			break;
	}
}
