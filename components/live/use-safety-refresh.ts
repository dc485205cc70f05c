"use client";
import { useConnectionStatus } from "./live-provider.tsx";

/** Lists are read anew at this pace while the page has lost its connection. */
const safetyMs = 5000;

/**
 * The pace at which a page reads its lists by itself, for `refetchInterval`; false for never. The one place that decides it: while
 * live, news come by themselves and nothing is polled; when the person has paused live updates, they refresh by hand.
 */
export function useSafetyRefresh(): number | false {
	const { kind } = useConnectionStatus();
	return kind === "lost" || kind === "unreachable" ? safetyMs : false;
}
