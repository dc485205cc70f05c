"use client";
import type { StreamEvent } from "#lib/protocol/index.ts";
import type { LiveDeployment } from "../live/deployment-feed.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Loading } from "../shell/loading.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Ago } from "./elapsed.tsx";
import { useTimeline } from "./use-timeline.ts";
import { stageWords } from "./words.ts";

/** Everything that was recorded of a deployment except its log, newest first: what came live, and before it page after page. */
export function EventList({ deployment }: { deployment: LiveDeployment }) {
	const { events, error, readMore, reading } = useTimeline(deployment);
	if (events.length === 0) return error ? <CallFailure error={error} /> : <Loading what="events" />;
	return (
		<div className="grid justify-items-center gap-3">
			<ol className="w-full divide-y divide-border rounded-lg border border-border bg-surface text-sm">
				{events.toReversed().map((event) => (
					<EventRow key={event.seq} event={event} />
				))}
			</ol>
			<CallFailure error={error} />
			{readMore && (
				<Button variant="outline" size="sm" disabled={reading} onClick={readMore}>
					Show earlier events
				</Button>
			)}
		</div>
	);
}

function EventRow({ event }: { event: StreamEvent }) {
	return (
		<li className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[4rem_7rem_minmax(0,1fr)_6rem] sm:items-baseline">
			<span className="font-mono text-muted-foreground text-xs">#{event.seq}</span>
			<span className="text-muted-foreground text-xs">{event.agent_name ?? "Quayside"}</span>
			<span className="min-w-0 break-words">
				{event.content} {event.stage && <Badge className="ml-1 h-5">{stageWords[event.stage].name}</Badge>}
			</span>
			<Ago at={event.timestamp} className="text-muted-foreground text-xs sm:text-right" />
		</li>
	);
}
