import { closeCodes, isTerminalClose, type ServerFrame } from "../protocol/index.ts";
import { type Random, withinMs } from "./backoff.ts";
import { judgeCandidate, loseLive, replaceLink, tickLive, wakeLive } from "./live.ts";
import { judge, loseInRace, startRace, tickRace } from "./race.ts";
import { type Command, type Input, type Link, openLinks, type State, type WakeCause } from "./state.ts";
import type { Timings } from "./timings.ts";
import type { TransportEnd } from "./transports/transport.ts";
import { close, leave, open, refuse, settleDoubt, type Turn } from "./turn.ts";

export interface Surroundings {
	now: number;
	random: Random;
	timings: Timings;
}

/**
 * How a page stays connected, as a pure function: the next state, and what to do about it. The driver in `client.ts` carries the
 * commands out and owns all time and I/O. The rules are in `docs/protocol.md`, "The client".
 */
export function transition(state: State, input: Input, surroundings: Surroundings): { state: State; commands: Command[] } {
	const turn: Turn = { ...surroundings, state: structuredClone(state), commands: [] };
	apply(turn, input);
	return { state: turn.state, commands: turn.commands };
}

function apply(turn: Turn, input: Input): void {
	const { state, now } = turn;
	const { phase } = state;
	switch (input.type) {
		case "start":
			if (phase.kind === "idle") startRace(turn);
			break;
		case "stop":
			if (phase.kind !== "paused") leave(turn, { kind: "idle" });
			break;
		case "pause":
			leave(turn, { kind: "paused" });
			break;
		case "resume":
			if (phase.kind === "paused") leave(turn, { kind: "idle" });
			break;
		case "retry":
			if (phase.kind === "waiting" || phase.kind === "refused") startRace(turn);
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
			if (phase.kind === "waiting" && now >= phase.until) startRace(turn, phase.from);
			else if (phase.kind === "racing") tickRace(turn, phase);
			else if (phase.kind === "live") tickLive(turn, phase);
			break;
		case "opened":
			withLink(turn, input.link, (link) => {
				link.openedAt ??= now;
			});
			break;
		case "frame":
			withLink(turn, input.link, (link) => hear(turn, link, input.frame));
			break;
		case "closed":
			withLink(turn, input.link, (link) => lose(turn, link, input.end));
			break;
		case "peeked":
			if (input.boot !== undefined) welcome(turn, input.boot);
			if (input.end === null) settleDoubt(turn);
			else if (isTerminalClose(input.end.code)) refuse(turn, input.end.code);
			else state.crowded &&= input.end.code === closeCodes.tooMany;
			break;
		case "session":
			if (phase.kind !== "waiting" || input.isValid === null) break;
			if (input.isValid) startRace(turn);
			else refuse(turn, closeCodes.unauthenticated);
			break;
		case "outdated":
			withLink(turn, input.link, (link) => replace(turn, link));
			break;
	}
}

/** What is said about a link that is no longer ours is of no interest. */
function withLink(turn: Turn, id: number, work: (link: Link) => void): void {
	const link = openLinks(turn.state.phase).find((one) => one.id === id);
	if (link) work(link);
}

function hear(turn: Turn, link: Link, frame: ServerFrame): void {
	const { state, now, commands } = turn;
	const { phase } = state;
	link.openedAt ??= now;
	link.heardAt = now;
	if (phase.kind === "live" && phase.link.id === link.id) phase.checkUntil = null;
	switch (frame.t) {
		case "hello":
			link.helloAt = now;
			state.spreadMs = 0;
			state.sessionChecked = false;
			state.crowded = false;
			if (link.kind === "ws") commands.push({ type: "ping", link: link.id });
			welcome(turn, frame.boot);
			break;
		case "hb":
			link.beat = true;
			state.active = frame.activity.length > 0;
			break;
		case "pong":
		case "sub":
			// What we said has arrived: the way is open in both directions.
			link.ponged = true;
			break;
		case "bye":
			close(turn, link);
			state.spreadMs = frame.after[1];
			lose(turn, link, { code: frame.code, retryAfterMs: withinMs(frame.after, turn.random) });
			return;
	}
	if (phase.kind === "racing") judge(turn, phase, link);
	else if (phase.kind === "live") judgeCandidate(turn, phase, link);
}

/**
 * A new start of the server may have come with a new way through: the better transport is tried again. And what failed since the last
 * one failed because the server was away, which says nothing about WebSocket.
 */
function welcome(turn: Turn, boot: string): void {
	const { state, now } = turn;
	if (state.boot !== null && state.boot !== boot) {
		state.doubtAt = null;
		if (state.phase.kind === "live" && state.phase.link.kind !== "ws") state.phase.probeAt = now;
	}
	state.boot = boot;
}

function lose(turn: Turn, link: Link, end: TransportEnd): void {
	const { state, commands } = turn;
	const { phase } = state;
	state.crowded = end.code === closeCodes.tooMany;
	// What is asked for and not held is answered all the same, so the screen goes on until there is room.
	if (state.crowded) commands.push({ type: "peek" });
	if (isTerminalClose(end.code)) refuse(turn, end.code);
	else if (phase.kind === "racing") loseInRace(turn, phase, link, end);
	else if (phase.kind === "live") loseLive(turn, phase, link, end);
}

function replace(turn: Turn, link: Link): void {
	const { phase } = turn.state;
	if (phase.kind === "live") replaceLink(turn, phase);
	if (phase.kind !== "racing" || link.kind !== "sse") return;
	close(turn, link);
	phase.stream = open(turn, "sse");
}

function wake(turn: Turn, cause: WakeCause): void {
	const { state, now } = turn;
	const { phase, hiddenSince } = state;
	if (cause === "visible") state.hiddenSince = null;
	// A browser that says it is offline may be wrong: only what is open is checked.
	if (cause === "offline" && phase.kind !== "live") return;
	switch (phase.kind) {
		case "asleep":
		case "waiting":
		case "refused":
			startRace(turn);
			break;
		case "racing":
			if (cause === "jump") startRace(turn);
			break;
		case "live":
			wakeLive(turn, phase, cause, hiddenSince === null ? 0 : now - hiddenSince);
			break;
	}
}
