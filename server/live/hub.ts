import { randomUUID } from "node:crypto";
import { closeCodes } from "#lib/protocol/index.ts";
import type { LiveClient, LiveStatus, Principal } from "#lib/services.ts";
import type { Streams } from "../streams/streams.ts";
import { createFeeds } from "./feed.ts";
import { defaultLiveLimits, type LiveLimits } from "./limits.ts";
import { Session } from "./session.ts";
import type { SessionContext, SessionOptions } from "./session-options.ts";
import type { ReadSnapshot } from "./start.ts";
import type { Transport } from "./transports/transport.ts";

export interface LiveOptions {
	streams: Pick<Streams, "read" | "onGrowth"> & { activity: Pick<Streams["activity"], "get"> };
	/** Whether this principal may see this stream; false also for one that does not exist. */
	authorize(principal: Principal, stream: string): Promise<boolean>;
	/** The fold of a stream for readers that start anew; null where a stream has none. */
	snapshot: ReadSnapshot;
	/** Changes with every start of the server. */
	bootId: string;
	limits?: Partial<LiveLimits>;
	log: { warn(fields: object, text: string): void };
	metrics?: LiveMetrics;
}

export interface LiveMetrics {
	opened(transport: Transport["kind"]): void;
	closed(transport: Transport["kind"], code: number): void;
	sent(transport: Transport["kind"], type: string, bytes: number): void;
}

export interface LiveHub {
	readonly limits: LiveLimits;
	/** Why this user's connection cannot be let in now, or null. */
	refusal(userId: string): "draining" | "full" | "too_many" | null;
	/** Takes over a connection that was let in, until it ends. */
	open(options: Omit<SessionOptions, "id">): void;
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
	const startedAt = Date.now();
	let draining = false;
	let ticker: NodeJS.Timeout | null = null;

	const context: SessionContext = {
		bootId: options.bootId,
		limits,
		feed: feeds.of,
		authorize: options.authorize,
		snapshot: options.snapshot,
		activityOf: (stream) => (stream.startsWith(deploymentPrefix) ? streams.activity.get(stream.slice(deploymentPrefix.length)) : null),
		onSent: (kind, frame) => metrics?.sent(kind, frame.frame.t, frame.bytes.length),
		onClosed(session, code) {
			sessions.delete(session.id);
			count(session.userId, -1);
			if (sessions.size === 0) stopTicking();
			metrics?.closed(session.kind, code);
		},
		onError: (session, error) =>
			log.warn({ err: error, connection: session.id, transport: session.kind }, "live delivery failed and will be tried again"),
	};

	function count(userId: string, change: number): void {
		const connections = (perUser.get(userId) ?? 0) + change;
		if (connections > 0) perUser.set(userId, connections);
		else perUser.delete(userId);
	}

	function tick(): void {
		const now = Date.now();
		for (const session of sessions.values()) session.tick(now);
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
		open(sessionOptions) {
			const session = new Session(context, { ...sessionOptions, id: randomUUID() });
			sessions.set(session.id, session);
			count(session.userId, 1);
			ticker ??= setInterval(tick, limits.tickMs);
			metrics?.opened(session.kind);
		},
		status() {
			const byTransport = { ws: 0, sse: 0, poll: 0 };
			for (const session of sessions.values()) byTransport[session.kind]++;
			return {
				status: draining ? "draining" : sessions.size >= limits.maxConnections ? "full" : "ok",
				clients: sessions.size,
				maxConnections: limits.maxConnections,
				byTransport,
				uptimeS: Math.floor((Date.now() - startedAt) / 1000),
				boot: options.bootId,
				timestamp: new Date().toISOString(),
			};
		},
		clients: () => [...sessions.values()].map((session) => session.describe()),
		async drain(timeoutMs) {
			draining = true;
			const window = comeBackWindow(sessions.size);
			const leaving = [...sessions.values()];
			for (const session of leaving) session.close(closeCodes.restart, window);
			const timer = Promise.withResolvers<void>();
			const timeout = setTimeout(timer.resolve, timeoutMs);
			await Promise.race([Promise.all(leaving.map((session) => session.gone)), timer.promise]);
			clearTimeout(timeout);
			feeds.stop();
			stopTicking();
		},
	};
}

/** When to come back after a restart, in milliseconds: spread so that about 100 connections a second return. */
export function comeBackWindow(connections: number): [number, number] {
	return [250, Math.min(30, Math.max(2, connections / 100)) * 1000];
}
