import { randomUUID } from "node:crypto";
import type { ErrorCode } from "#lib/errors.ts";
import { closeCodes } from "#lib/protocol/index.ts";
import type { LiveClient, LiveStatus, Principal } from "#lib/services.ts";
import type { LiveMetrics } from "../metrics/live-metrics.ts";
import type { Acknowledgements } from "../streams/acknowledgements.ts";
import type { Streams } from "../streams/streams.ts";
import { createEndings } from "./endings.ts";
import { createFeeds } from "./feed.ts";
import { defaultLiveLimits, type LiveLimits } from "./limits.ts";
import { Session } from "./session.ts";
import type { SessionContext, SessionName, SessionOptions } from "./session-options.ts";
import { createFindStart, type ReadSnapshot } from "./start.ts";

export interface LiveOptions {
	streams: Pick<Streams, "read" | "onGrowth"> & { activity: Pick<Streams["activity"], "get"> };
	/** Whether this principal may see this stream; false also for one that does not exist. */
	authorize(principal: Principal, stream: string): Promise<boolean>;
	/** The fold of a stream for readers that start anew; null where a stream has none. */
	snapshot: ReadSnapshot;
	/** Keeps what people have seen; without it, nothing is kept. */
	acknowledgements?: Acknowledgements;
	/** Changes with every start of the server. */
	bootId: string;
	limits?: Partial<LiveLimits>;
	log: Record<"debug" | "info" | "warn", (fields: object, text: string) => void>;
	metrics?: LiveMetrics;
}

export interface LiveHub {
	readonly limits: LiveLimits;
	/** Why this user's connection cannot be let in now, or null. */
	refusal(userId: string): "draining" | "full" | "too_many" | null;
	/** Counts one that was not let in. */
	refused(reason: ErrorCode): void;
	/** Takes over a connection that was let in, until it ends. */
	open(options: Omit<SessionOptions, "id">): void;
	/** Counts events that a client passed over because it does not know their type. */
	passedOver(transport: "sse" | "poll", events: number): void;
	status(): LiveStatus;
	clients(): LiveClient[];
	/** Lets nobody in any more, says `bye` to everybody, and waits until they are gone, `timeoutMs` at most. */
	drain(timeoutMs: number): Promise<void>;
}

const deploymentPrefix = "deployment/";

/** The one place where streams meet connections. Every connection is a set of cursors over the log, never a queue. */
export function createLive(options: LiveOptions): LiveHub {
	const { streams, metrics, log } = options;
	const limits: LiveLimits = { ...defaultLiveLimits, ...options.limits };
	const sessions = new Map<string, Session>();
	const perUser = new Map<string, number>();
	const feeds = createFeeds(streams, limits.coalesceMs);
	const startedAt = performance.now();
	const endings = createEndings();
	let draining = false;
	let ticker: NodeJS.Timeout | null = null;

	const context: SessionContext = {
		bootId: options.bootId,
		limits,
		feed: feeds.of,
		// No database can look for a name with a zero character.
		authorize: async (principal, stream) => !stream.includes("\0") && options.authorize(principal, stream),
		findStart: createFindStart(options.snapshot, options.acknowledgements),
		async acknowledge(userId, subscription, seq) {
			if (!subscription?.epoch || seq === 0) return;
			const { feed, epoch, after } = subscription;
			// Nobody has seen what they were not sent.
			await options.acknowledgements?.keep(userId, { stream: feed.stream, epoch, seq: Math.min(seq, after) });
		},
		activityOf: (stream) => (stream.startsWith(deploymentPrefix) ? streams.activity.get(stream.slice(deploymentPrefix.length)) : null),
		onSent: (kind, frame) => metrics?.sent(kind, frame.type, frame.byteLength),
		onSubscribed: (kind, outcome) => metrics?.subscribed(kind, outcome),
		onUndelivered: (kind, outcome) => metrics?.undelivered(kind, outcome),
		onUnknown: (kind, events) => metrics?.unknown(kind, events),
		onClosed(session, code) {
			sessions.delete(session.id);
			count(session.userId, -1);
			if (sessions.size === 0) stopTicking();
			const end = endings.count(code);
			metrics?.closed(session.kind, end.code);
			// Every answer of poll is a connection of its own.
			const level = session.kind === "poll" && code === closeCodes.normal ? "debug" : "info";
			const { id: connection, kind: transport, userId: user, since, via } = session;
			log[level]({ connection, transport, user, since, via, code, reason: end.reason }, "a live connection ended");
		},
		onError,
	};

	function onError(session: SessionName, error: unknown): void {
		log.warn({ err: error, connection: session.id, transport: session.kind }, "live delivery failed and will be tried again");
	}

	function count(userId: string, change: number): void {
		const connections = (perUser.get(userId) ?? 0) + change;
		if (connections > 0) perUser.set(userId, connections);
		else perUser.delete(userId);
	}

	function tick(): void {
		const now = performance.now();
		for (const session of sessions.values()) apart(session, () => session.tick(now));
	}

	/** What fails for one connection must not keep the others from theirs. */
	function apart(session: Session, work: () => void): void {
		try {
			work();
		} catch (error) {
			onError(session, error);
		}
	}

	function stopTicking(): void {
		if (ticker) clearInterval(ticker);
		ticker = null;
	}

	return {
		limits,
		refusal(userId) {
			if (draining) return "draining";
			if (sessions.size >= limits.maxConnections) return "full";
			return (perUser.get(userId) ?? 0) >= limits.maxConnectionsPerUser ? "too_many" : null;
		},
		refused: (reason) => metrics?.refused(reason),
		passedOver: context.onUnknown,
		open(sessionOptions) {
			const session = new Session(context, { ...sessionOptions, id: randomUUID() });
			sessions.set(session.id, session);
			count(session.userId, 1);
			ticker ??= setInterval(tick, limits.tickMs);
			metrics?.opened(session.kind, session.via);
			session.start();
		},
		status() {
			const byTransport = { ws: 0, sse: 0, poll: 0 };
			const sums = { subscriptions: 0, parked: 0, lagS: 0, bufferedBytes: 0, pendingMessages: 0 };
			const now = performance.now();
			for (const session of sessions.values()) {
				const load = session.load(now);
				byTransport[session.kind]++;
				sums.subscriptions += load.subscriptions.length;
				if (load.lagS > 0) sums.parked++;
				sums.lagS = Math.max(sums.lagS, load.lagS);
				sums.bufferedBytes += load.bufferedBytes;
				sums.pendingMessages += load.pendingMessages;
			}
			return {
				status: draining ? "draining" : sessions.size >= limits.maxConnections ? "full" : "ok",
				clients: sessions.size,
				maxConnections: limits.maxConnections,
				byTransport,
				...sums,
				dropped: endings.dropped,
				closed: endings.byCode(),
				uptimeS: Math.floor((performance.now() - startedAt) / 1000),
				boot: options.bootId,
				timestamp: new Date().toISOString(),
			};
		},
		clients() {
			const now = performance.now();
			return [...sessions.values()].map((session) => {
				const { id, kind: transport, userId, via } = session;
				const { pendingMessages: _, ...load } = session.load(now);
				return { id, transport, userId, since: session.since.toISOString(), via, ...load };
			});
		},
		async drain(timeoutMs) {
			draining = true;
			const window = comeBackWindow(sessions.size);
			const leaving = [...sessions.values()];
			for (const session of leaving) apart(session, () => session.close(closeCodes.restart, window));
			const timer = Promise.withResolvers<void>();
			const timeout = setTimeout(timer.resolve, timeoutMs);
			await Promise.race([Promise.all(leaving.map((session) => session.gone())), timer.promise]);
			clearTimeout(timeout);
			feeds.stop();
			stopTicking();
		},
	};
}

/**
 * When to come back after a restart, in milliseconds. A hundred may come at any time; what is more is spread so that no more than about
 * 100 connections a second return. Fewer are told to, because those whose time comes while the server is still away come on top of the others.
 */
export function comeBackWindow(connections: number): [number, number] {
	return [250, Math.min(30_000, Math.max(1000, Math.round((connections - 100) * 17.5)))];
}
