import { closeCodes } from "../protocol/index.ts";
import { fullJitterMs, type Random } from "./backoff.ts";
import { type BadUntil, type Command, type Link, openLinks, type Phase, type State } from "./state.ts";
import type { Timings } from "./timings.ts";
import type { TransportKind } from "./transports/transport.ts";

/** One transition under way: a copy of the state that may be changed, and the commands this makes necessary. */
export interface Turn {
	state: State;
	commands: Command[];
	readonly now: number;
	readonly random: Random;
	readonly timings: Timings;
}

export function open(turn: Turn, kind: TransportKind): Link {
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

export function close(turn: Turn, link: Link): void {
	turn.commands.push({ type: "close", link: link.id });
}

/** Closes whatever is open and goes on in another phase. */
export function leave(turn: Turn, phase: Phase): void {
	for (const link of openLinks(turn.state.phase)) close(turn, link);
	turn.state.phase = phase;
}

/** Waits before the next race: what the server asked for, or a backoff by the failures so far. */
export function wait(turn: Turn, askedMs: number | null, from: TransportKind = "ws"): void {
	const { state, now, random, timings } = turn;
	const capMs = state.active && state.hiddenSince === null ? timings.backoffActiveCapMs : timings.backoffCapMs;
	const delayMs = askedMs ?? Math.max(fullJitterMs(state.failures, timings.backoffMs, capMs, random), random() * state.spreadMs);
	leave(turn, { kind: "waiting", until: now + delayMs, from });
}

/**
 * The server refused us for good. That nobody is logged in is believed once the session was looked at: one answer may be about
 * a cookie that was just replaced, or of a server that was not yet ready.
 */
export function refuse(turn: Turn, code: number): void {
	const { state, now, timings } = turn;
	if (code !== closeCodes.unauthenticated || state.sessionChecked) {
		leave(turn, { kind: "refused", code });
		return;
	}
	state.sessionChecked = true;
	turn.commands.push({ type: "checkSession" });
	leave(turn, { kind: "waiting", until: now + timings.checkMs, from: "ws" });
}

/** A WebSocket failed. Whether it was the socket or the network, the next HTTP answer shows. */
export function doubtSocket(turn: Turn): void {
	turn.state.doubtAt = turn.now;
}

/** HTTP just worked. If a WebSocket failed at the same moment, that counts against WebSocket. */
export function settleDoubt(turn: Turn): void {
	const { state, now, timings } = turn;
	if (state.doubtAt === null) return;
	const isSameMoment = now - state.doubtAt <= timings.sameMomentMs;
	state.doubtAt = null;
	if (!isSameMoment) return;
	state.socketTrusted = false;
	state.strikes = [...state.strikes.filter((at) => now - at <= timings.strikeWindowMs), now];
	if (state.strikes.length >= timings.strikes) markBad(turn, "ws");
}

export function markBad(turn: Turn, kind: keyof BadUntil): void {
	turn.state.badUntil[kind] = turn.now + turn.timings.badMs;
	turn.commands.push({ type: "remember", badUntil: { ...turn.state.badUntil } });
}

/** WebSocket works here. */
export function clearSocket(turn: Turn): void {
	const { state } = turn;
	state.failures = 0;
	state.strikes = [];
	state.doubtAt = null;
	state.socketTrusted = true;
	state.why.ws = null;
	if (state.badUntil.ws === 0) return;
	state.badUntil.ws = 0;
	turn.commands.push({ type: "remember", badUntil: { ...state.badUntil } });
}
