"use client";
import { LoaderCircle, Pause, PlugZap, Unplug } from "lucide-react";
import { useEffect, useState } from "react";
import type { ConnectionStatus as Status } from "#lib/live/status.ts";
import { Button } from "../ui/button.tsx";
import { useConnectionStatus, useLiveClient } from "./live-provider.tsx";

const transportNames = { ws: "WebSocket", sse: "SSE", poll: "polling" } as const;

/** What passes within this time is not worth a word. */
const quietMs: Record<Status["kind"], number> = { connected: 0, connecting: 400, lost: 1500, unreachable: 0, paused: 0 };

/** How the page is connected, in words; on every page. */
export function ConnectionStatus() {
	const client = useLiveClient();
	const status = useSettled(useConnectionStatus());
	const now = useSeconds(status?.kind === "lost" || status?.kind === "unreachable");
	if (!status) return <div data-connection="connecting" className="min-h-6" />;
	const Icon = icons[status.kind];
	return (
		<div
			data-connection={status.kind}
			data-transport={status.transport ?? ""}
			title={titleOf(status)}
			className="flex min-h-6 items-center gap-2 text-sm"
		>
			<Icon aria-hidden="true" className={status.kind === "connecting" ? "size-4 motion-safe:animate-spin" : "size-4"} />
			<span>
				{textOf(status, now)}
				{status.kind === "connected" && status.transport && (
					<small className="ml-1.5 text-muted-foreground text-xs">{transportNames[status.transport]}</small>
				)}
			</span>
			{status.kind === "unreachable" &&
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

function textOf(status: Status, now: number): string {
	switch (status.kind) {
		case "connected":
			return "Connected";
		case "connecting":
			return "Connecting…";
		case "lost":
			return `Connection lost. Retrying…${status.lastFrameAt === null ? "" : ` Last update ${secondsBetween(status.lastFrameAt, now)} s ago`}`;
		case "unreachable":
			if (status.refused === "unauthenticated") return "You are not logged in.";
			return status.retryAt === null
				? "Can't reach the server."
				: `Can't reach the server. Retrying in ${secondsBetween(now, status.retryAt)} s`;
		case "paused":
			return "Paused by you";
	}
}

function titleOf({ kind, rttMs }: Status): string | undefined {
	return kind === "connected" && rttMs !== null ? `Round trip ${Math.round(rttMs)} ms` : undefined;
}

function secondsBetween(from: number, to: number): number {
	return Math.max(0, Math.round((to - from) / 1000));
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

/** The present moment, renewed every second while `running`. */
function useSeconds(running: boolean): number {
	const [now, setNow] = useState(0);
	useEffect(() => {
		if (!running) return;
		setNow(Date.now());
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, [running]);
	return now;
}
