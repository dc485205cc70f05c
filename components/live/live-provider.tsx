"use client";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { createLiveClient, type LiveClient } from "#lib/live/client.ts";
import type { VerdictStorage } from "#lib/live/memory.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import { streamOf } from "#lib/protocol/index.ts";

const LiveContext = createContext<LiveClient | null>(null);

/** Looked up late: a browser that forbids storage throws on the mere mention. */
const verdicts: VerdictStorage = {
	getItem: (key) => window.localStorage.getItem(key),
	setItem: (key, value) => window.localStorage.setItem(key, value),
};

/**
 * The one live connection of the page. Put it around everything that shows something that can change. It reads the person's own
 * stream on every page, so that there is a connection to speak of also where nothing else is watched.
 */
export function LiveProvider({ userId, children }: { userId: string; children: ReactNode }) {
	// It lives as long as the page.
	const [client] = useState(() =>
		typeof window === "undefined" ? null : createLiveClient({ origin: window.location.origin, storage: verdicts }),
	);
	useEffect(() => (client ? watchPage(client) : undefined), [client]);
	useEffect(() => client?.subscribe(streamOf.user(userId), { epoch: null, after: 0 }, {}), [client, userId]);
	return <LiveContext value={client}>{children}</LiveContext>;
}

/** The page's live client; null while rendering on the server. */
export function useLiveClient(): LiveClient | null {
	return useContext(LiveContext);
}

const unknown: ConnectionStatus = { kind: "connecting", transport: null, rttMs: null, lastFrameAt: null, retryAt: null, refused: null };
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
	window.addEventListener("pagehide", () => client.notify("sleep"), { signal });
	window.addEventListener("pageshow", ({ persisted }) => persisted && client.notify("visible"), { signal });
	return () => stop.abort();
}
