"use client";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { createLiveClient, type LiveClient } from "#lib/live/client.ts";
import { recallPaused, rememberPaused, type VerdictStorage } from "#lib/live/memory.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import { streamOf } from "#lib/protocol/index.ts";
import { pageTabs } from "./page-tabs.ts";

const LiveContext = createContext<LiveClient | null>(null);
const RefreshContext = createContext({ count: 0, add: () => {} });

/** Looked up late: a browser that forbids storage throws on the mere mention. */
const storage: VerdictStorage = {
	getItem: (key) => window.localStorage.getItem(key),
	setItem: (key, value) => window.localStorage.setItem(key, value),
};

/**
 * The one live connection of the page. Put it around everything that shows something that can change. It reads the person's own
 * stream on every page, so that there is a connection to speak of also where nothing else is watched.
 */
export function LiveProvider({ userId, children }: { userId: string; children: ReactNode }) {
	// It lives as long as the page.
	const [client] = useState(() => (typeof window === "undefined" ? null : createPageClient(userId)));
	useEffect(() => (client ? watchPage(client) : undefined), [client]);
	useEffect(() => client?.subscribe(streamOf.user(userId), { epoch: null, after: 0 }, {}), [client, userId]);
	const [count, setCount] = useState(0);
	const refreshes = useMemo(() => ({ count, add: () => setCount((before) => before + 1) }), [count]);
	return (
		<LiveContext value={client}>
			<RefreshContext value={refreshes}>{children}</RefreshContext>
		</LiveContext>
	);
}

/** Off from the first moment where the person has switched it off. */
function createPageClient(userId: string): LiveClient {
	const client = createLiveClient({ origin: window.location.origin, storage, tabs: pageTabs(userId) });
	if (recallPaused(storage)) client.setEnabled(false);
	return client;
}

/** The page's live client; null while rendering on the server. */
export function useLiveClient(): LiveClient | null {
	return useContext(LiveContext);
}

/** How often the person asked for a refresh: what reads by itself, apart from the live streams, reads anew when it changes. */
export function useRefreshCount(): number {
	return useContext(RefreshContext).count;
}

/** Counts a refresh. */
export function useCountRefresh(): () => void {
	return useContext(RefreshContext).add;
}

/** Whether the person wants live updates, and the function that switches them, here and on the pages that follow. */
export function useLiveSwitch(): { isOn: boolean; setOn: (on: boolean) => void } {
	const client = useLiveClient();
	const { kind } = useConnectionStatus();
	return {
		isOn: kind !== "paused",
		setOn(on) {
			rememberPaused(storage, !on);
			client?.setEnabled(on);
		},
	};
}

const unknown: ConnectionStatus = {
	kind: "connecting",
	transport: null,
	reason: null,
	rttMs: null,
	lastFrameAt: null,
	retryAt: null,
	refused: null,
	crowded: false,
};
const never = () => () => {};

/** How the page is connected. Says nothing about any deployment. */
export function useConnectionStatus(): ConnectionStatus {
	const client = useLiveClient();
	return useSyncExternalStore(
		client?.onStatus ?? never,
		() => client?.status() ?? unknown,
		() => unknown,
	);
}

/** Tells the client what only the page knows. Answers the function that stops it. */
function watchPage(client: LiveClient): () => void {
	const stop = new AbortController();
	const { signal } = stop;
	document.addEventListener("visibilitychange", () => client.notify(document.visibilityState === "hidden" ? "hidden" : "visible"), {
		signal,
	});
	window.addEventListener("online", () => client.notify("online"), { signal });
	window.addEventListener("offline", () => client.notify("offline"), { signal });
	window.addEventListener("pagehide", () => client.notify("sleep"), { signal });
	window.addEventListener("pageshow", ({ persisted }) => persisted && client.notify("visible"), { signal });
	// Another tab of this browser switched it.
	window.addEventListener("storage", () => client.setEnabled(!recallPaused(storage)), { signal });
	return () => stop.abort();
}
