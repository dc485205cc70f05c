import { closeCodes } from "../protocol/index.ts";
import { aroundMs } from "./backoff.ts";
import { reasonOf } from "./fallback.ts";
import { type Link, type Live, patienceEnd, provenAt, silenceEnd, suspectAt, type WakeCause } from "./state.ts";
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
	const peekAt = suspectAt(live, state.active, timings);
	if (peekAt !== null && now >= peekAt) {
		live.peekAt = now + timings.peekMs;
		turn.commands.push({ type: "peek" });
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

/** A page that is seen comes back within a minute; one that is hidden tries less and less often. */
function probeDelayMs({ state, timings: { probesMs } }: Turn, probes: number): number {
	return probesMs[state.hiddenSince === null ? 0 : Math.min(probes, probesMs.length - 1)] ?? 0;
}

/** A WebSocket must have answered a ping and have lived a while; the others are proven by a frame. */
function isProven({ now, timings }: Turn, link: Link): boolean {
	const at = provenAt(link, timings);
	if (at === null) return false;
	return link.kind !== "ws" || (link.ponged && now >= at);
}

/**
 * A frame came on a link. A candidate that is no WebSocket needs no more proof, nor does a WebSocket that answers where one has worked
 * before: what was away was the server.
 */
export function judgeCandidate(turn: Turn, live: Live, link: Link): void {
	if (live.candidate?.id !== link.id) return;
	const isTrusted = turn.state.socketTrusted && link.helloAt !== null && link.ponged;
	if (link.kind !== "ws" || isTrusted) promote(turn, live, link);
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
		loseCandidate(turn, live, link, end);
		return;
	}
	if (live.candidate && live.candidate.helloAt !== null) {
		promote(turn, live, live.candidate);
		return;
	}
	const askedMs = end === "silent" ? null : end.retryAfterMs;
	if (link.kind === "ws" && !live.proven && askedMs === null) {
		turn.state.why.ws = reasonOf(link, end);
		doubtSocket(turn);
		turn.state.failures++;
	}
	// An answer that came to its ordinary end is followed by the next one.
	const isOrdinary = end !== "silent" && end.code === closeCodes.normal && link.kind !== "ws";
	wait(turn, askedMs, isOrdinary ? link.kind : "ws");
}

function loseCandidate(turn: Turn, live: Live, link: Link, end: TransportEnd | "silent"): void {
	live.candidate = null;
	if (link.kind === "ws") {
		turn.state.why.ws = reasonOf(link, end);
		doubtSocket(turn);
		// Only while the link in use speaks is it known that HTTP works; else one request shows it.
		if (turn.now - live.link.heardAt <= turn.timings.sameMomentMs) settleDoubt(turn);
		else turn.commands.push({ type: "peek" });
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
	else if (live.probeAt !== null) live.probeAt = Math.min(live.probeAt, now + aroundMs(probeDelayMs(turn, live.probes), turn.random));
	// These cannot be pinged: another request shows whether the way is open, and brings what was missed.
	if (live.link.kind === "poll") commands.push({ type: "peek" });
	else if (!live.candidate) replaceLink(turn, live);
}
