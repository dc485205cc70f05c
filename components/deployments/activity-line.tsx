"use client";
import { formatCount, formatElapsed } from "#lib/format.ts";
import type { Activity } from "#lib/protocol/index.ts";
import { useNow } from "../shell/clock.tsx";

/** What is awaited at this moment, since when, and when it last said something. Changes every second. `since` counts until that is known. */
export function ActivityLine({ activity, since }: { activity: Activity | null; since: string }) {
	const now = useNow();
	return <span>{sentence(activity, since, now)}</span>;
}

function sentence(activity: Activity | null, since: string, now: number): string {
	const elapsed = (from: string) => formatElapsed(now - Date.parse(from));
	if (!activity) return `Waiting for news, ${elapsed(since)}`;
	const { ahead, awaiting, last_output_at } = activity;
	if (ahead === 0) return `In the queue, next in line, ${elapsed(activity.since)}`;
	if (ahead !== null) return `In the queue, ${formatCount(ahead, "deployment")} before this one, ${elapsed(activity.since)}`;
	return `Waiting for ${awaiting}, ${elapsed(activity.since)}${last_output_at ? `, last output ${elapsed(last_output_at)} ago` : ""}`;
}
