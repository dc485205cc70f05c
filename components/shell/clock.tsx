"use client";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

/** One clock for every running time on the page: it beats once a second, only while somebody looks. */

const listeners = new Set<() => void>();
let beat: ReturnType<typeof setInterval> | undefined;
let nowMs = 0;

function tick(): void {
	nowMs = Date.now();
	for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	if (listeners.size === 1) {
		nowMs = Date.now();
		beat = setInterval(tick, 1000);
		document.addEventListener("visibilitychange", tick);
	}
	return () => {
		listeners.delete(listener);
		if (listeners.size > 0) return;
		clearInterval(beat);
		document.removeEventListener("visibilitychange", tick);
	};
}

const ServerTime = createContext({ renderedAtMs: 0, skewMs: 0, stands: false });

/** A browser whose clock is wrong by more than this is corrected by the server's. */
const toleratedSkewMs = 3000;

/** Hands the server's time to the page, so that the first paint equals what the server rendered. Belongs into the root layout, which is rendered with the document and never again. */
export function ClockProvider({ renderedAtMs, children }: { renderedAtMs: number; children: ReactNode }) {
	const [skewMs, setSkewMs] = useState(0);
	useEffect(() => {
		const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
		const answeredAtMs = performance.timeOrigin + (navigation?.responseStart ?? 0);
		const skew = renderedAtMs - answeredAtMs;
		if (Math.abs(skew) > toleratedSkewMs) setSkewMs(skew);
	}, [renderedAtMs]);
	return <ServerTime.Provider value={{ renderedAtMs, skewMs, stands: false }}>{children}</ServerTime.Provider>;
}

/** The clock of what is shown as it was at a moment: it stands. */
export function MomentProvider({ atMs, children }: { atMs: number; children: ReactNode }) {
	return <ServerTime.Provider value={{ renderedAtMs: atMs, skewMs: 0, stands: true }}>{children}</ServerTime.Provider>;
}

const standing = () => () => undefined;

/** The present moment in milliseconds, in the server's time; changes once a second. */
export function useNow(): number {
	const { renderedAtMs, skewMs, stands } = useContext(ServerTime);
	const now = useSyncExternalStore(
		stands ? standing : subscribe,
		() => (stands ? renderedAtMs : nowMs || renderedAtMs),
		() => renderedAtMs,
	);
	return now === renderedAtMs ? now : now + skewMs;
}
