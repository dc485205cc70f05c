import { aroundMs } from "./backoff.ts";
import { failureOf } from "./failure.ts";
import { reasonOf } from "./fallback.ts";
import { type Link, openLinks, patienceEnd, type Racing } from "./state.ts";
import type { TransportEnd, TransportKind } from "./transports/transport.ts";
import { close, doubtSocket, leave, markBad, open, settleDoubt, type Turn, wait } from "./turn.ts";

/** Tries the transports, the best one first, each a little after the one before; `from` leaves out those above it. */
export function startRace(turn: Turn, from: TransportKind = "ws"): void {
	const { state, now, timings } = turn;
	leave(turn, { kind: "idle" });
	const usesSocket = from === "ws" && state.badUntil.ws <= now;
	const isInDoubt = state.doubtAt !== null && now - state.doubtAt <= timings.sameMomentMs;
	const racing: Racing = {
		kind: "racing",
		socket: usesSocket ? open(turn, "ws") : null,
		stream: null,
		poll: null,
		fallbackAt: usesSocket ? now + timings.streamAfterMs : null,
		peekAt: isInDoubt ? now : now + timings.peekMs,
		mutes: 0,
	};
	state.phase = racing;
	if (state.badUntil.ws > now) state.why.ws ??= "remembered";
	if (from === "poll") racing.poll = open(turn, "poll");
	else if (!usesSocket) openFallback(turn, racing);
}

export function tickRace(turn: Turn, racing: Racing): void {
	const { now, timings, commands } = turn;
	if (racing.fallbackAt !== null && now >= racing.fallbackAt) openFallback(turn, racing);
	if (now >= racing.peekAt) {
		racing.peekAt = now + timings.peekMs;
		commands.push({ type: "peek" });
	}
	for (const link of openLinks(racing)) {
		if (now < patienceEnd(link, timings)) continue;
		close(turn, link);
		loseInRace(turn, racing, link, "silent");
	}
}

/** Only frames prove a transport: a WebSocket by `hello`, SSE by a heartbeat sent after it, poll by an answer. */
export function judge(turn: Turn, racing: Racing, link: Link): void {
	if (link.helloAt === null || (link.kind === "sse" && !link.beat)) return;
	const { state, now, timings, random } = turn;
	for (const other of openLinks(racing)) if (other.id !== link.id) close(turn, other);
	const isSocket = link.kind === "ws";
	if (!isSocket) {
		// HTTP works, so a WebSocket that is still silent hangs by itself.
		if (racing.socket) {
			state.why.ws = reasonOf(racing.socket, "silent");
			doubtSocket(turn);
		}
		settleDoubt(turn);
		state.failures = 0;
	}
	if (link.kind === "sse") state.why.sse = null;
	state.everLive = true;
	const probeAt = isSocket ? null : state.socketTrusted ? now : now + aroundMs(timings.probesMs[0] ?? 0, random);
	state.phase = { kind: "live", link, proven: !isSocket, checkUntil: null, candidate: null, peekAt: 0, probeAt, probes: 0 };
}

/** A link ended (`end`), or was given up because it said nothing in time. */
export function loseInRace(turn: Turn, racing: Racing, link: Link, end: TransportEnd | "silent"): void {
	const { state, now, timings } = turn;
	// The server has no place for us on any transport, which says nothing about the one that was tried. An HTTP answer that does not
	// name a time is not the server's own, but of something in between.
	if (end !== "silent" && failureOf(end.code).retry === "told" && (link.kind === "ws" || end.retryAfterMs !== null)) {
		state.failures++;
		wait(turn, end.retryAfterMs);
		return;
	}
	switch (link.kind) {
		case "ws":
			racing.socket = null;
			state.why.ws = reasonOf(link, end);
			doubtSocket(turn);
			racing.peekAt = now;
			openFallback(turn, racing);
			break;
		case "sse":
			loseStream(turn, racing, link, end);
			break;
		case "poll":
			racing.poll = null;
			break;
	}
	if (openLinks(racing).length > 0 || racing.fallbackAt !== null) return;
	// A response that brought frames shows that SSE works: it is cut, not held back.
	const hasWorked = link.kind === "sse" && end !== "silent" && link.helloAt !== null && now - link.helloAt >= timings.backoffMs;
	if (!hasWorked) state.failures++;
	wait(turn, end === "silent" ? null : end.retryAfterMs, link.kind === "sse" ? "sse" : "ws");
}

/** A stream that falls silent after it spoke may try once more; one that never speaks is held back by something in between. */
function loseStream(turn: Turn, racing: Racing, link: Link, end: TransportEnd | "silent"): void {
	const isSilent = end === "silent";
	racing.stream = null;
	if (link.helloAt !== null && !isSilent) return;
	if (link.helloAt !== null && racing.mutes === 0) {
		racing.mutes++;
		racing.stream = open(turn, "sse");
		return;
	}
	turn.state.why.sse = reasonOf(link, end);
	if (isSilent && link.openedAt !== null) markBad(turn, "sse");
	racing.poll = open(turn, "poll");
}

function openFallback(turn: Turn, racing: Racing): void {
	racing.fallbackAt = null;
	if (racing.stream || racing.poll) return;
	if (turn.state.badUntil.sse <= turn.now) racing.stream = open(turn, "sse");
	else {
		turn.state.why.sse ??= "remembered";
		racing.poll = open(turn, "poll");
	}
}
