"use client";
import { Stethoscope } from "lucide-react";
import Link from "next/link";
import { qualityOf } from "#lib/live/quality.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import { buttonVariants } from "../ui/button-variants.ts";
import { LiveSwitch } from "./live-switch.tsx";
import { qualityNames, secondsBetween, statusMeaning, transportNames } from "./status-words.ts";
import { useSeconds } from "./use-seconds.ts";

interface ConnectionDetailsProps {
	status: ConnectionStatus;
	/** False while nobody sees it. */
	open: boolean;
	onLeave: () => void;
}

/** Everything about the page's connection, for those who ask. */
export function ConnectionDetails({ status, open, onLeave }: ConnectionDetailsProps) {
	const now = useSeconds(open);
	const { kind, transport, rttMs, lastFrameAt } = status;
	const isConnected = kind === "connected";
	return (
		<div className="grid gap-3" data-connection-details>
			<p className="text-pretty">{statusMeaning(status)}</p>
			<dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 tabular-nums [&_dd]:text-right [&_dt]:text-muted-foreground">
				<dt>Transport</dt>
				<dd>{isConnected && transport ? transportNames[transport] : "none"}</dd>
				<dt>Round trip</dt>
				<dd>{isConnected && rttMs !== null ? `${Math.round(rttMs)} ms, ${qualityNames[qualityOf(rttMs)]}` : "not measured"}</dd>
				<dt>Last update</dt>
				<dd>{lastFrameAt === null ? "none yet" : open && now > 0 ? `${secondsBetween(lastFrameAt, now)} s ago` : ""}</dd>
			</dl>
			<LiveSwitch className="border-border border-t pt-2" />
			<Link
				href="/system/connection"
				onClick={onLeave}
				className={buttonVariants({ variant: "outline", size: "sm", className: "justify-self-start" })}
			>
				<Stethoscope aria-hidden="true" />
				Test the connection
			</Link>
		</div>
	);
}
