"use client";
import { formatAgo, formatDuration, formatElapsed } from "#lib/format.ts";
import { useNow } from "../shell/clock.tsx";

/** Time since `from`, counting each second until `to` is known. */
export function Elapsed({ from, to, className }: { from: string; to?: string | null; className?: string }) {
	const now = useNow();
	if (to) return <span className={className}>{formatDuration(Date.parse(to) - Date.parse(from))}</span>;
	return <span className={className}>{formatElapsed(now - Date.parse(from))}</span>;
}

/** How long ago `at` was, as a machine-readable time. */
export function Ago({ at, className }: { at: string; className?: string }) {
	const now = useNow();
	return (
		<time dateTime={at} title={at.replace("T", " ").replace(/\.\d+Z$/, " UTC")} className={className}>
			{formatAgo(now - Date.parse(at))}
		</time>
	);
}
