import type { ClientFrame, Cursor, ServerFrame } from "../protocol/index.ts";
import { maxSubscriptions } from "../protocol/index.ts";
import type { Random } from "./backoff.ts";
import { type Clock, createClock } from "./clock.ts";
import { transition } from "./connection.ts";
import { viaOf } from "./fallback.ts";
import { forgetful, recall, remember, type VerdictStorage } from "./memory.ts";
import { checkSession } from "./session-check.ts";
import { type Command, deadline, type Input, initialState, openLinks, type State } from "./state.ts";
import { type ConnectionStatus, statusOf } from "./status.ts";
import { createSubscription, type StreamHandlers, type Subscription } from "./subscription.ts";
import { shareAmongTabs } from "./tabs/shared.ts";
import type { Tabs } from "./tabs/tabs.ts";
import { defaultTimings, type Timings } from "./timings.ts";
import { openPoll, poll } from "./transports/poll.ts";
import { openSse } from "./transports/sse.ts";
import type { OpenTransport, Transport, TransportKind, TransportOptions } from "./transports/transport.ts";
import { openWebSocket } from "./transports/websocket.ts";
import { createUnknownEvents } from "./unknown.ts";

export interface LiveClientOptions {
	/** Origin of the server, such as `https://quayside.example`. */
	origin: string;
	fetch?: typeof fetch;
	WebSocket?: typeof WebSocket;
	clock?: Clock;
	random?: Random;
	/** Remembers between pages which transports do not work here, such as `localStorage`. */
	storage?: VerdictStorage;
	timings?: Partial<Timings>;
	/** The other tabs of the same person: SSE and poll are one connection for all of them. */
	tabs?: Tabs;
	/** A handler threw: that is a bug of the handler's, and delivery goes on. */
	onFault?(error: unknown): void;
}

export interface LiveClient {
	/**
	 * Reads a stream from the cursor on; answers the function that ends it. A cursor of `{epoch: null, after: 0}` starts at the
	 * stream's snapshot, `{epoch, after: 0}` at its first event, `{epoch, after}` after that event.
	 */
	subscribe(stream: string, cursor: { epoch: string | null; after: number }, handlers: StreamHandlers): () => void;
	/** Tells the server that this person has seen everything of a stream up to a seq that asks for it. */
	acknowledge(stream: string, seq: number): void;
	status(): ConnectionStatus;
	/** Calls back when the status changes; answers the function that stops it. */
	onStatus(listener: (status: ConnectionStatus) => void): () => void;
	retryNow(): void;
	/** Fetches once what is new in every stream that is read, also while live delivery is off. False when the server did not answer. */
	refresh(): Promise<boolean>;
	/** Switches live delivery off and on again, by the person's wish. */
	setEnabled(enabled: boolean): void;
	/** The page became visible or hidden, the network changed, or the page was frozen and thawed. */
	notify(event: "visible" | "hidden" | "online" | "offline" | "sleep"): void;
	close(): void;
}

/** An answer holds 256 KB at most: the longest log there is takes fewer. */
const maxRefreshRounds = 500;

const transports: Readonly<Record<TransportKind, OpenTransport>> = { ws: openWebSocket, sse: openSse, poll: openPoll };

/** A WebSocket costs a browser none of its six connections to a host, so each page has its own. */
function sharedDoors(tabs: Tabs): typeof transports {
	return { ws: openWebSocket, sse: shareAmongTabs(openSse, "sse", tabs), poll: shareAmongTabs(openPoll, "poll", tabs) };
}

interface Running {
	kind: TransportKind;
	transport: Transport;
	openedAt: number;
	/** WebSocket only: it has spoken, so streams can be asked for. */
	ready: boolean;
	pingedAt: number | null;
}

/** One connection for any number of streams: carries out what `connection.ts` decides, and hands frames to the readers. */
export function createLiveClient(options: LiveClientOptions): LiveClient {
	const clock = options.clock ?? createClock();
	const random = options.random ?? Math.random;
	const timings: Timings = { ...defaultTimings, ...options.timings };
	const storage = options.storage ?? forgetful;
	const onFault = options.onFault ?? reportUncaught;
	const readers = new Set<Subscription>();
	/** Streams that were asked for again a moment ago, and whether that was refused since, so that nothing else will bring it up. */
	const asked = new Map<string, { again: boolean }>();
	const running = new Map<number, Running>();
	const unknownEvents = createUnknownEvents();
	const listeners = new Set<(status: ConnectionStatus) => void>();
	let state: State = initialState(recall(storage, options.origin, clock.now()));
	let timer: unknown = null;
	let lingering: unknown = null;
	let peeking = false;
	let closed = false;
	let frameId = 0;
	let rttMs: number | null = null;
	let lastFrameAt: number | null = null;
	let shown: ConnectionStatus = statusOf(state, { rttMs, lastFrameAt, timings });

	const transportOptions: TransportOptions = {
		origin: options.origin,
		fetch: options.fetch ?? ((...request) => fetch(...request)),
		WebSocket: options.WebSocket ?? WebSocket,
		clock,
		timings,
		cursors: () => wantedStreams().map(wireCursor),
		unknown: unknownEvents.take,
	};

	const doors = options.tabs ? sharedDoors(options.tabs) : transports;

	function dispatch(input: Input): void {
		if (closed) return;
		const step = transition(state, input, { now: clock.now(), random, timings });
		state = step.state;
		for (const command of step.commands) carryOut(command);
		schedule();
		announce();
	}

	function schedule(): void {
		if (timer !== null) clock.clearTimeout(timer);
		timer = null;
		const due = deadline(state, timings);
		if (due === null || closed) return;
		timer = clock.setTimeout(
			() => {
				timer = null;
				if (clock.now() - due > timings.jumpMs) dispatch({ type: "wake", cause: "jump" });
				// What is overdue is done in any case, or it would be overdue for ever.
				dispatch({ type: "tick" });
			},
			Math.max(0, due - clock.now()),
		);
	}

	function carryOut(command: Command): void {
		switch (command.type) {
			case "open":
				openLink(command.link, command.kind);
				break;
			case "close":
				running.get(command.link)?.transport.close();
				running.delete(command.link);
				break;
			case "ping":
				ping(command.link);
				break;
			case "peek":
				void peek();
				break;
			case "checkSession":
				void checkSession(transportOptions, timings.checkMs).then((isValid) => dispatch({ type: "session", isValid }));
				break;
			case "remember":
				remember(storage, options.origin, command.badUntil);
				break;
		}
	}

	function openLink(id: number, kind: TransportKind): void {
		const transport = doors[kind](
			{ ...transportOptions, via: viaOf(kind, state) },
			{
				onOpen: () => dispatch({ type: "opened", link: id }),
				onFrame: (frame) => takeFrame(id, frame),
				onClose(end) {
					running.delete(id);
					dispatch({ type: "closed", link: id, end });
				},
			},
		);
		running.set(id, { kind, transport, openedAt: clock.now(), ready: false, pingedAt: null });
	}

	function ping(id: number): void {
		const link = running.get(id);
		if (!link) return;
		link.pingedAt = clock.now();
		link.transport.send({ t: "ping", n: ++frameId, ...unknownEvents.take() });
	}

	/** One poll that is not held: fresh data while nothing is proven, and a sign that HTTP works. */
	async function peek(): Promise<void> {
		if (peeking || wantedStreams().length === 0) return;
		peeking = true;
		const answer = await poll(transportOptions, 0);
		peeking = false;
		if (closed) return;
		if ("frames" in answer) for (const frame of answer.frames) if (frame.t !== "bye") readFrame(frame);
		if (!("frames" in answer)) return dispatch({ type: "peeked", end: answer });
		dispatch({ type: "peeked", end: null, boot: answer.frames.find((frame) => frame.t === "hello")?.boot });
	}

	async function refresh(): Promise<boolean> {
		for (let round = 0; round < maxRefreshRounds && wantedStreams().length > 0; round++) {
			const answer = await poll(transportOptions, 0);
			if (closed || !("frames" in answer)) return false;
			for (const frame of answer.frames) if (frame.t !== "bye") readFrame(frame);
			announce();
			if (!answer.frames.some(({ t }) => t === "ev")) break;
		}
		return true;
	}

	/** By the frame where frames go to the server, else by one request beside. One that is lost is asked for again by the next page. */
	async function acknowledge(stream: string, seq: number): Promise<void> {
		const socket = [...running.values()].find(({ kind, ready }) => kind === "ws" && ready);
		if (socket) return void socket.transport.send({ t: "ack", stream, seq });
		const cursor = readersOf(stream)
			.map((reader) => reader.cursor())
			.find(({ epoch }) => epoch !== null);
		if (!cursor) return;
		const answer = await poll({ ...transportOptions, cursors: () => [{ ...cursor, ack: seq }] }, 0);
		if (!closed && "frames" in answer) for (const frame of answer.frames) if (frame.t !== "bye") readFrame(frame);
	}

	function takeFrame(id: number, frame: ServerFrame): void {
		const link = running.get(id);
		if (!link || closed) return;
		if (frame.t === "hello" && link.kind === "sse") rttMs = clock.now() - link.openedAt;
		if (frame.t === "pong" && link.pingedAt !== null) rttMs = clock.now() - link.pingedAt;
		if (frame.t === "hb" && link.kind === "ws" && clock.now() - (link.pingedAt ?? 0) >= timings.pingMs) ping(id);
		readFrame(frame);
		dispatch({ type: "frame", link: id, frame });
		if (frame.t !== "hello" || link.kind !== "ws") return;
		// After the ping, whose answer then does not wait behind a long history.
		link.ready = true;
		for (const stream of wantedStreams()) link.transport.send(subFrame(stream));
	}

	/** Gives a frame to the readers it concerns. */
	function readFrame(frame: ServerFrame): void {
		lastFrameAt = clock.now();
		if (frame.t === "ev") unknownEvents.look(frame);
		if (frame.t === "hb") {
			const activities = new Map(frame.activity.map((activity) => [`deployment/${activity.deployment_id}`, activity]));
			for (const [stream, head] of Object.entries(frame.heads)) {
				for (const reader of readersOf(stream)) {
					guard(() => reader.takeActivity(activities.get(stream) ?? null));
					if (reader.takeHead(head, clock.now(), timings.behindMs) === "resubscribe") askAgain(stream);
				}
			}
		} else if (frame.t === "err" && frame.stream !== null) {
			for (const reader of readersOf(frame.stream))
				if (guard(() => reader.refuse(frame.code)) === "resubscribe") askAgain(frame.stream, true);
		} else if (frame.t === "sub" || frame.t === "ev" || frame.t === "live" || frame.t === "end") {
			for (const reader of readersOf(frame.stream)) if (guard(() => reader.take(frame)) === "resubscribe") askAgain(frame.stream);
		}
		if (frame.t === "end" || frame.t === "err") reconsider();
	}

	function guard<T>(work: () => T): T | undefined {
		try {
			return work();
		} catch (error) {
			onFault(error);
			return undefined;
		}
	}

	/** Asks for a stream again from where its readers stand, at most once in `resubscribeMs`. */
	function askAgain(stream: string, isRefused = false): void {
		const recent = asked.get(stream);
		if (recent) {
			recent.again = isRefused;
			return;
		}
		const now = { again: false };
		asked.set(stream, now);
		ask(stream);
		clock.setTimeout(() => {
			asked.delete(stream);
			if (now.again && !closed && readersOf(stream).length > 0) askAgain(stream);
		}, timings.resubscribeMs);
	}

	function ask(stream: string): void {
		const frame = subFrame(stream);
		// A copy: replacing a link opens another one, which has the new cursors already.
		for (const [id, link] of [...running]) {
			if (link.kind === "ws" && !link.ready) continue;
			if (!link.transport.send(frame)) dispatch({ type: "outdated", link: id });
		}
	}

	function readersOf(stream: string): Subscription[] {
		return [...readers].filter((reader) => reader.stream === stream && !reader.done);
	}

	function wantedStreams(): string[] {
		const streams = new Set<string>();
		for (const reader of readers) if (!reader.done) streams.add(reader.stream);
		return [...streams].slice(0, maxSubscriptions);
	}

	/** The cursor that serves all readers of a stream: a newcomer's, else the one that is furthest behind. */
	function wireCursor(stream: string): Cursor {
		const cursors = readersOf(stream).map((reader) => reader.cursor());
		const newcomer = cursors.find(({ epoch, after }) => epoch === null && after === 0);
		return (
			newcomer ??
			cursors.reduce((least, cursor) => (cursor.after < least.after ? cursor : least), cursors[0] ?? { stream, epoch: null, after: 0 })
		);
	}

	function subFrame(stream: string): ClientFrame {
		return { t: "sub", id: ++frameId, ...wireCursor(stream) };
	}

	/** Connects when a stream is wanted, and lets go a little after none is. */
	function reconsider(): void {
		const isWanted = wantedStreams().length > 0;
		if (isWanted && lingering !== null) {
			clock.clearTimeout(lingering);
			lingering = null;
		}
		if (isWanted) dispatch({ type: "start" });
		else
			lingering ??= clock.setTimeout(() => {
				lingering = null;
				dispatch({ type: "stop" });
			}, timings.lingerMs);
	}

	function announce(): void {
		const next = statusOf(state, { rttMs, lastFrameAt, timings });
		if (isSameStatus(next, shown)) return;
		shown = next;
		for (const listener of listeners) guard(() => listener(next));
	}

	return {
		subscribe(stream, cursor, handlers) {
			const reader = createSubscription(stream, cursor, handlers);
			const isLinked = openLinks(state.phase).length > 0;
			readers.add(reader);
			if (isLinked) ask(stream);
			reconsider();
			return () => {
				if (!readers.delete(reader) || closed) return;
				if (readersOf(stream).length === 0) {
					for (const link of running.values()) if (link.ready || link.kind === "poll") link.transport.send({ t: "unsub", stream });
				}
				reconsider();
			};
		},
		acknowledge: (stream, seq) => void acknowledge(stream, seq),
		status: () => shown,
		onStatus(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		refresh,
		retryNow: () => dispatch({ type: "retry" }),
		setEnabled(enabled) {
			dispatch({ type: enabled ? "resume" : "pause" });
			if (enabled) reconsider();
		},
		notify(event) {
			if (event === "hidden" || event === "sleep") dispatch({ type: event });
			else dispatch({ type: "wake", cause: event });
		},
		close() {
			if (closed) return;
			dispatch({ type: "pause" });
			closed = true;
			if (timer !== null) clock.clearTimeout(timer);
			if (lingering !== null) clock.clearTimeout(lingering);
			readers.clear();
			listeners.clear();
		},
	};
}

/** The time of the last frame alone is news once a second at most. */
function isSameStatus(next: ConnectionStatus, shown: ConnectionStatus): boolean {
	const keys = Object.keys(next) as (keyof ConnectionStatus)[];
	const sinceShownMs = (next.lastFrameAt ?? 0) - (shown.lastFrameAt ?? 0);
	return sinceShownMs < 1000 && keys.every((key) => key === "lastFrameAt" || next[key] === shown[key]);
}

/** As if nobody had caught it: it reaches the browser's own error report. */
function reportUncaught(error: unknown): void {
	queueMicrotask(() => {
		throw error;
	});
}
