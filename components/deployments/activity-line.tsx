"use client";
import { formatCount, formatElapsed } from "#lib/format.ts";
import type { Activity } from "#lib/protocol/index.ts";
import { useNow } from "../shell/clock.tsx";

/** What is awaited at this moment, since when, and when it last said something. Changes every second. `since` counts until that is known. */
export function ActivityLine({ activity, since }: { activity: Activity | null; since: string }) {
	const now = useNow();
	if (!activity) return <span>Waiting for news, {formatElapsed(now - Date.parse(since))}</span>;
	if (activity.ahead !== null) {
		const before = activity.ahead === 0 ? "next in line" : `${formatCount(activity.ahead, "deployment")} before this one`;
		return (
			<span>
				In the queue, {before}, {formatElapsed(now - Date.parse(activity.since))}
			</span>
		);
	}
	return (
		<span>
			Waiting for {activity.awaiting}, {formatElapsed(now - Date.parse(activity.since))}
			{activity.last_output_at && `, last output ${formatElapsed(now - Date.parse(activity.last_output_at))} ago`}
		</span>
	);
}
