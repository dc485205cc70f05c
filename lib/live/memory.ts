import type { BadUntil } from "./state.ts";

/** The part of `localStorage` that is used. */
export type VerdictStorage = Pick<Storage, "getItem" | "setItem">;

const key = "quayside.live";

/** Which transports were found bad for this origin, and until when. Anything unreadable counts as nothing known. */
export function recall(storage: VerdictStorage, origin: string, now: number): BadUntil {
	try {
		const stored = JSON.parse(storage.getItem(key) ?? "null") as { origin?: unknown; ws?: unknown; sse?: unknown } | null;
		if (stored?.origin !== origin) return { ws: 0, sse: 0 };
		return { ws: stillBad(stored.ws, now), sse: stillBad(stored.sse, now) };
	} catch {
		return { ws: 0, sse: 0 };
	}
}

/** Keeps the verdicts; a browser that refuses to store them only costs the next page a little time. */
export function remember(storage: VerdictStorage, origin: string, badUntil: BadUntil): void {
	try {
		storage.setItem(key, JSON.stringify({ origin, ...badUntil }));
	} catch {
		// Full or forbidden storage.
	}
}

const pausedKey = "quayside.live.paused";

/** True when the person switched live delivery off in this browser. */
export function recallPaused(storage: VerdictStorage): boolean {
	try {
		return storage.getItem(pausedKey) === "yes";
	} catch {
		return false;
	}
}

/** Keeps the person's choice for the pages that follow; where nothing can be stored it holds for this page. */
export function rememberPaused(storage: VerdictStorage, paused: boolean): void {
	try {
		storage.setItem(pausedKey, paused ? "yes" : "no");
	} catch {
		// Full or forbidden storage.
	}
}

/** Remembers nothing. */
export const forgetful: VerdictStorage = { getItem: () => null, setItem: () => {} };

const longestMs = 60 * 60_000;

/** A time far in the future was written by a clock that was wrong. */
function stillBad(until: unknown, now: number): number {
	return typeof until === "number" && until > now && until < now + longestMs ? until : 0;
}
