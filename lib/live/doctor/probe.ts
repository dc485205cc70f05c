import { createClock } from "../clock.ts";
import { defaultTimings } from "../timings.ts";
import type { TransportKind, TransportOptions } from "../transports/transport.ts";
import type { Fault } from "./fault.ts";

/** Patience of the doctor, in milliseconds; tests shrink it. */
export interface DoctorTimings {
	/** To open a WebSocket, or to the headers of an answer. */
	openMs: number;
	/** To the first frame, and to the answer to a ping. */
	frameMs: number;
	/** From `hello` to the first heartbeat, which the server sends a second later. */
	beatMs: number;
	/** Two frames closer together than this, though the server sends them a second apart, came out of a buffer. */
	burstMs: number;
	/** How long a WebSocket must live, pinged this often. */
	aliveMs: number;
	pingMs: number;
	/** Seconds that a poll is held. */
	holdS: number;
	/** A round trip of this length is too slow to work with. */
	slowMs: number;
}

export const doctorTimings: DoctorTimings = {
	openMs: 6000,
	frameMs: 4000,
	beatMs: 5000,
	burstMs: 300,
	aliveMs: 6000,
	pingMs: 1000,
	holdS: 3,
	slowMs: 3000,
};

export interface DoctorOptions {
	/** Origin of the server, such as `https://quayside.example`. */
	origin: string;
	/** A stream the person may read: their own. */
	stream: string;
	fetch: typeof fetch;
	WebSocket: typeof WebSocket;
	timings: DoctorTimings;
}

/** What became of one transport. */
export interface Outcome {
	/** Null when it works. */
	fault: Fault | null;
	roundTripMs: number | null;
	/** Headers that tell what stands between; only an HTTP answer shows them. */
	headers: Readonly<Record<string, string>>;
}

/** Tries one transport. `note` says, while it runs, what has just been found. */
export type Probe = (options: DoctorOptions, note: (text: string) => void, signal: AbortSignal) => Promise<Outcome>;

export const rungNames: Readonly<Record<TransportKind, string>> = { ws: "WebSocket", sse: "Server-sent events", poll: "Polling" };

/** Whole milliseconds since a moment of `performance.now()`. */
export function msSince(startedAt: number): number {
	return Math.round(performance.now() - startedAt);
}

/** The options of a transport, which the doctor opens as a page does. */
export function transportOptionsOf({ origin, stream, fetch, WebSocket, timings }: DoctorOptions): TransportOptions {
	return {
		origin,
		fetch,
		WebSocket,
		clock: createClock(),
		timings: { ...defaultTimings, pollAnswerMs: timings.openMs },
		cursors: () => [{ stream, epoch: null, after: 0 }],
	};
}

/** A `fetch` that keeps what can be known of the last answer. */
export interface WatchedFetch {
	fetch: typeof fetch;
	/** Null before the headers came. */
	readonly response: Response | null;
	/** Quayside's code of a refusal, null where the answer holds none. */
	refusalCode(): Promise<string | null>;
}

export function watchFetch(fetch: DoctorOptions["fetch"]): WatchedFetch {
	let response: Response | null = null;
	let copy: Response | null = null;
	return {
		fetch: async (...request) => {
			response = null;
			const answer = await fetch(...request);
			response = answer;
			copy = answer.ok ? null : answer.clone();
			return answer;
		},
		get response() {
			return response;
		},
		async refusalCode() {
			try {
				const body = (await copy?.json()) as { error?: { code?: unknown } } | undefined;
				return typeof body?.error?.code === "string" ? body.error.code : null;
			} catch {
				return null;
			}
		},
	};
}

/** The fault of an answer that is not the one that was asked for; null for one that is. */
export async function faultOfAnswer(watched: WatchedFetch, mediaType: string): Promise<Fault | null> {
	const { response } = watched;
	if (!response) return null;
	if (!response.ok) return { kind: "refused", status: response.status, code: await watched.refusalCode() };
	const contentType = response.headers.get("content-type") ?? "";
	return contentType.startsWith(mediaType) ? null : { kind: "foreign", contentType };
}

const tellingHeaders = ["server", "via", "alt-svc", "cf-ray", "x-cache", "content-encoding", "content-type"] as const;

/** The headers of an answer that tell something about the way it came. */
export function readHeaders(response: Response | null): Record<string, string> {
	const found: Record<string, string> = {};
	for (const name of tellingHeaders) {
		const value = response?.headers.get(name);
		if (value) found[name] = value.slice(0, 200);
	}
	return found;
}
