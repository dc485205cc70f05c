import { createLiveClient, type LiveClient, type LiveClientOptions } from "#lib/live/client.ts";
import type { StreamHandlers } from "#lib/live/subscription.ts";
import type { Timings } from "#lib/live/timings.ts";
import type { StreamEvent } from "#lib/protocol/index.ts";

/** The real client with the token of a user, in the proportions of the real timings but quick. */
export function clientOf(origin: string, user: string, options: Partial<LiveClientOptions> = {}): LiveClient {
	return createLiveClient({
		origin,
		...authorizedAs(user),
		...options,
		timings: { ...quickTimings, ...options.timings },
	});
}

export const quickTimings: Partial<Timings> = {
	socketOpenMs: 400,
	socketHelloMs: 250,
	streamAfterMs: 250,
	streamHeadersMs: 400,
	streamHelloMs: 200,
	streamBeatMs: 400,
	pollWaitS: 1,
	pollAnswerMs: 1000,
	pollPauseMs: 50,
	peekMs: 200,
	provenMs: 500,
	deadActiveMs: 1000,
	deadIdleMs: 1500,
	checkMs: 300,
	backoffMs: 20,
	backoffActiveCapMs: 100,
	backoffCapMs: 200,
	sameMomentMs: 500,
	behindMs: 200,
	resubscribeMs: 50,
	lingerMs: 50,
	tabGatherMs: 10,
	tabTickMs: 50,
	tabAskMs: 75,
	tabDeadMs: 100,
};

/** The ways to the server with the token of a user; without one where that is null. */
export function authorizedAs(user: string | null): { WebSocket: typeof WebSocket; fetch: typeof fetch } {
	const headers: Record<string, string> = user === null ? {} : { authorization: `Bearer ${user}` };
	class AuthorizedSocket extends WebSocket {
		constructor(url: string | URL) {
			super(url, { headers } as unknown as string[]);
		}
	}
	return {
		WebSocket: AuthorizedSocket,
		fetch: (url, init) => fetch(url, { ...init, headers: { ...headers, ...(init?.headers as Record<string, string>) } }),
	};
}

/** Collects what a stream's reader is told, and lets a test wait for it. */
export interface Reader {
	events: StreamEvent[];
	/** Everything else, in order: `snapshot 3`, `reset epoch`, `end 9`, `error not_found`. */
	told: string[];
	snapshots: unknown[];
	handlers: StreamHandlers;
	/** Settles when `condition` holds; it is looked at after each thing that is told. */
	until(condition: (reader: Reader) => boolean): Promise<void>;
}

export function createReader(): Reader {
	const waiting = new Set<() => void>();
	const look = () => {
		for (const check of waiting) check();
	};
	const tell = (text: string) => {
		reader.told.push(text);
		look();
	};
	const reader: Reader = {
		events: [],
		told: [],
		snapshots: [],
		handlers: {
			onEvents(events) {
				reader.events.push(...events);
				look();
			},
			onSnapshot(state, seq) {
				reader.snapshots.push(state);
				tell(`snapshot ${seq}`);
			},
			onReset: (reason) => tell(`reset ${reason}`),
			onActivity: (activity) => tell(`activity ${activity?.awaiting ?? "none"}`),
			onEnd: (seq) => tell(`end ${seq}`),
			onError: (code) => tell(`error ${code}`),
		},
		until: (condition) =>
			new Promise((resolve) => {
				const check = () => {
					if (!condition(reader)) return;
					waiting.delete(check);
					resolve();
				};
				waiting.add(check);
				check();
			}),
	};
	return reader;
}

/** Settles when the client's status fits. */
export function untilStatus(client: LiveClient, condition: (status: ReturnType<LiveClient["status"]>) => boolean): Promise<void> {
	if (condition(client.status())) return Promise.resolve();
	return new Promise((resolve) => {
		const stop = client.onStatus((status) => {
			if (!condition(status)) return;
			stop();
			resolve();
		});
	});
}

export function seqs(reader: Reader): number[] {
	return reader.events.map((event) => event.seq);
}

/** 1 to `last`. */
export function upTo(last: number): number[] {
	return Array.from({ length: last }, (_, index) => index + 1);
}
