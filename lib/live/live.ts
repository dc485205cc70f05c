import { closeCodes } from "../protocol/index.ts";
import { aroundMs } from "./backoff.ts";
import { type Link, type Live, patienceEnd, provenAt, silenceEnd, type WakeCause } from "./state.ts";
import type { TransportEnd } from "./transports/transport.ts";
import { clearSocket, close, doubtSocket, leave, open, settleDoubt, type Turn, wait } from "./turn.ts";

export function tickLive(turn: Turn, live: Live): void {
	const { state, now, timings } = turn;
	const { link } = live;
	const failedCheck = live.checkUntil !== null && now >= live.checkUntil;
	if (failedCheck || now >= silenceEnd(link, state.active, timings)) {
		close(turn, link);
		loseLive(turn, live, link, "silent");
		return;
	}
	if (state.hiddenSince !== null && link.kind !== "ws" && now >= state.hiddenSince + timings.hiddenMs) {
		leave(turn, { kind: "asleep" });
		return;
	}
	if (!live.proven && isProven(turn, link)) {
		live.proven = true;
		clearSocket(turn);
	}
	if (live.candidate) tickCandidate(turn, live, live.candidate);
	else if (live.probeAt !== null && now >= live.probeAt) {
		live.probes++;
		live.probeAt = now + aroundMs(probeDelayMs(turn, live.probes), turn.random);
		live.candidate = open(turn, "ws");
	}
}

function tickCandidate(turn: Turn, live: Live, candidate: Link): void {
	if (isProven(turn, candidate)) {
		promote(turn, live, candidate);
		return;
	}
	const end = provenAt(candidate, turn.timings) ?? patienceEnd(candidate, turn.timings);
	if (turn.now < end) return;
	close(turn, candidate);
	loseLive(turn, live, candidate, "silent");
}

function probeDelayMs({ timings: { probesMs } }: Turn, probes: number): number {
	return probesMs[Math.min(probes, probesMs.length - 1)] ?? 0;
}

/** A WebSocket must have answered a ping and have lived a while; the others are proven by a frame. */
function isProven({ now, timings }: Turn, link: Link): boolean {
	const at = provenAt(link, timings);
	if (at === null) return false;
	return link.kind !== "ws" || (link.ponged && now >= at);
}

/** A frame came on a link. A candidate that is no WebSocket needs no more proof. */
export function judgeCandidate(turn: Turn, live: Live, link: Link): void {
	if (live.candidate?.id === link.id && link.kind !== "ws") promote(turn, live, link);
}

/** The candidate takes over; only then the old link ends. */
function promote(turn: Turn, live: Live, candidate: Link): void {
	close(turn, live.link);
	live.link = candidate;
	live.candidate = null;
	live.checkUntil = null;
	live.proven = isProven(turn, candidate);
	if (candidate.kind !== "ws") return;
	live.probeAt = null;
	if (live.proven) clearSocket(turn);
}

/** The link or its candidate ended (`end`), or was given up because it said nothing in time. */
export function loseLive(turn: Turn, live: Live, link: Link, end: TransportEnd | "silent"): void {
	if (live.candidate?.id === link.id) {
		loseCandidate(turn, live, link);
		return;
	}
	if (live.candidate && live.candidate.helloAt !== null) {
		promote(turn, live, live.candidate);
		return;
	}
	const askedMs = end === "silent" ? null : end.retryAfterMs;
	if (link.kind === "ws" && !live.proven && askedMs === null) {
		doubtSocket(turn);
		turn.state.failures++;
	}
	// An answer that came to its ordinary end is followed by the next one.
	const isOrdinary = end !== "silent" && end.code === closeCodes.normal && link.kind !== "ws";
	wait(turn, askedMs, isOrdinary ? link.kind : "ws");
}

function loseCandidate(turn: Turn, live: Live, link: Link): void {
	live.candidate = null;
	if (link.kind === "ws") {
		// The link in use works over HTTP.
		doubtSocket(turn);
		settleDoubt(turn);
		return;
	}
	// The link in use reads the wrong set of streams.
	wait(turn, null);
}

/** The wanted streams changed: the new link is opened before the old one ends. */
export function replaceLink(turn: Turn, live: Live): void {
	if (live.candidate) close(turn, live.candidate);
	live.candidate = open(turn, live.link.kind);
}

export function wakeLive(turn: Turn, live: Live, cause: WakeCause, awayMs: number): void {
	const { now, timings, commands } = turn;
	// Silence while the page slept says nothing; an answer now does.
	live.link.heardAt = now;
	if (live.link.kind === "ws") {
		live.checkUntil = now + timings.checkMs;
		commands.push({ type: "ping", link: live.link.id });
		return;
	}
	if (cause !== "visible" || awayMs >= (timings.probesMs[0] ?? 0)) live.probeAt = now;
	else if (live.link.kind === "sse" && !live.candidate) replaceLink(turn, live);
}
