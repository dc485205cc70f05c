import type { ErrorCode } from "../errors.ts";
import type { TransportReason } from "../protocol/index.ts";
import { failureOf } from "./failure.ts";
import { fallbackOf } from "./fallback.ts";
import type { State } from "./state.ts";
import type { Timings } from "./timings.ts";
import type { TransportKind } from "./transports/transport.ts";

/** What people are told about the connection. It says nothing about any deployment. */
export interface ConnectionStatus {
	kind: "connected" | "connecting" | "lost" | "unreachable" | "paused";
	/** The proven transport; null while there is none. */
	transport: TransportKind | null;
	/** Why it is not a better transport; null over WebSocket, and where nothing is known. */
	reason: TransportReason | null;
	rttMs: number | null;
	/** Time of the last frame, in milliseconds; null before the first. */
	lastFrameAt: number | null;
	/** When the next try begins, in milliseconds; null while one is under way or none will be made. */
	retryAt: number | null;
	/** Set when the server refused the connection for good, so that trying again is pointless. */
	refused: ErrorCode | null;
	/** The server has no room for another connection: until there is some, what is new is asked for at each try. */
	crowded: boolean;
}

interface Observed {
	rttMs: number | null;
	lastFrameAt: number | null;
	timings: Pick<Timings, "unreachableAfter">;
}

/** The status that a state of the connection means. */
export function statusOf(state: State, { rttMs, lastFrameAt, timings }: Observed): ConnectionStatus {
	const { phase } = state;
	const base = { transport: null, reason: null, rttMs, lastFrameAt, retryAt: null, refused: null, crowded: false };
	switch (phase.kind) {
		case "live":
			return { ...base, kind: "connected", transport: phase.link.kind, reason: fallbackOf(phase.link.kind, state.why) };
		case "paused":
			return { ...base, kind: "paused" };
		case "refused":
			return { ...base, kind: "unreachable", refused: failureOf(phase.code).error ?? "bad_request" };
		case "idle":
		case "asleep":
			return { ...base, kind: "connecting" };
		case "racing":
		case "waiting": {
			const retryAt = phase.kind === "waiting" ? phase.until : null;
			if (state.crowded) return { ...base, kind: "lost", retryAt, crowded: true };
			if (state.failures >= timings.unreachableAfter) return { ...base, kind: "unreachable", retryAt };
			return { ...base, kind: state.everLive || state.failures > 0 ? "lost" : "connecting", retryAt };
		}
	}
}
