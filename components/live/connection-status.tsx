"use client";
import { ChevronDown, LoaderCircle, Pause, PlugZap, RefreshCw, Unplug } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import type { ConnectionStatus as Status } from "#lib/live/status.ts";
import { useAnnounce } from "../shell/announcer.tsx";
import { Loading } from "../shell/loading.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Popover } from "../ui/popover.tsx";
import { useConnectionStatus, useLiveClient } from "./live-provider.tsx";
import { quietMs, secondsBetween, statusNews, statusText, transportNames } from "./status-words.ts";
import { useRefresh } from "./use-refresh.ts";
import { useSeconds } from "./use-seconds.ts";

// They come right after the page, before anybody asks: they are looked at when a script may not arrive any more.
const ConnectionDetails = lazy(() => import("./connection-details.tsx").then((module) => ({ default: module.ConnectionDetails })));

/** How the page is connected, in words, and on demand all there is to know about it; on every page. */
export function ConnectionStatus() {
	const client = useLiveClient();
	const status = useSettled(useConnectionStatus());
	const [open, setOpen] = useState(false);
	const { state: refreshing, refresh } = useRefresh();
	useSpoken(status?.kind ?? null);

	return (
		<div className="flex min-w-0 items-center gap-2 text-sm">
			<Popover
				title="About the connection"
				label={<Indicator status={status} />}
				onOpenChange={setOpen}
				className="w-[min(22rem,calc(100vw-1rem))] p-4"
				buttonClassName="flex min-h-8 min-w-0 items-center gap-1 rounded-md px-1.5 -mx-1.5 hover:bg-sunken pointer-coarse:min-h-11"
			>
				{(close) =>
					status && (
						<PanelBoundary what="details">
							<Suspense fallback={<Loading what="details" />}>
								<ConnectionDetails status={status} open={open} onLeave={close} />
							</Suspense>
						</PanelBoundary>
					)
				}
			</Popover>
			{status?.kind === "paused" && (
				<Button size="sm" variant="outline" aria-disabled={refreshing === "busy"} onClick={() => void refresh()}>
					<RefreshCw aria-hidden="true" className={cn(refreshing === "busy" && "motion-safe:animate-spin")} />
					{refreshing === "failed" ? "No answer. Refresh" : "Refresh"}
				</Button>
			)}
			{status?.kind === "unreachable" &&
				(status.refused === "unauthenticated" ? (
					<a href="/login" className="underline">
						Log in
					</a>
				) : (
					<Button size="sm" variant="outline" onClick={() => client?.retryNow()}>
						Retry now
					</Button>
				))}
		</div>
	);
}

const icons = { connected: PlugZap, connecting: LoaderCircle, lost: Unplug, unreachable: Unplug, paused: Pause } as const;
const colours: Record<Status["kind"], string> = {
	connected: "text-success",
	connecting: "text-muted-foreground motion-safe:animate-spin",
	lost: "text-warning",
	unreachable: "text-danger",
	paused: "text-muted-foreground",
};

function Indicator({ status }: { status: Status | null }) {
	const now = useSeconds(status?.kind === "lost" || status?.kind === "unreachable");
	const Icon = icons[status?.kind ?? "connecting"];
	return (
		<>
			<span
				data-connection={status?.kind ?? "connecting"}
				data-transport={status?.transport ?? ""}
				className="flex min-w-0 items-center gap-2 text-left"
			>
				<Icon aria-hidden="true" className={cn("size-4 shrink-0", status ? colours[status.kind] : "invisible")} />
				{status ? (
					<span className="min-w-0 truncate">
						{statusText(status, now)}
						{status.kind === "connected" && status.transport && (
							<small className="ml-1.5 text-muted-foreground text-xs">{transportNames[status.transport]}</small>
						)}
						{status.kind === "lost" && status.lastFrameAt !== null && (
							<small className="text-muted-foreground text-xs max-sm:hidden">
								{" "}
								Last update {secondsBetween(status.lastFrameAt, now)} s ago
							</small>
						)}
					</span>
				) : (
					<span className="sr-only">Connection</span>
				)}
			</span>
			<ChevronDown aria-hidden="true" className="size-3.5 shrink-0 text-muted-foreground" />
		</>
	);
}

/** Says aloud what has changed, and never how long it takes. */
function useSpoken(kind: Status["kind"] | null): void {
	const announce = useAnnounce();
	const before = useRef<Status["kind"] | null>(null);
	useEffect(() => {
		if (kind === null || kind === before.current) return;
		const news = statusNews(kind, before.current);
		before.current = kind;
		if (news) announce(news);
	}, [kind, announce]);
}

/** The status once it has lasted long enough to be said; null before the first. */
function useSettled(status: Status): Status | null {
	const [shown, setShown] = useState<Status | null>(null);
	const isQuiet = quietMs[status.kind] > 0 && shown?.kind !== status.kind;
	useEffect(() => {
		if (!isQuiet) {
			setShown(status);
			return;
		}
		const timer = setTimeout(() => setShown(status), quietMs[status.kind]);
		return () => clearTimeout(timer);
	}, [status, isQuiet]);
	return shown;
}
