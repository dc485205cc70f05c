import type { Tabs } from "#lib/live/tabs/tabs.ts";

/** The other tabs of this person in this browser; undefined where they cannot agree: Web Locks need HTTPS or localhost. */
export function pageTabs(user: string): Tabs | undefined {
	if (!("locks" in navigator) || typeof BroadcastChannel === "undefined") return undefined;
	return {
		user,
		locks: { request: (name, options, hold) => navigator.locks.request(name, options, hold) },
		openChannel: (name) => new BroadcastChannel(name),
		isVisible: () => document.visibilityState === "visible",
	};
}
