import type { StreamEvent } from "#lib/protocol/index.ts";
import { Loading } from "../shell/loading.tsx";
import { Badge } from "../ui/badge.tsx";
import { Ago } from "./elapsed.tsx";
import { stageWords } from "./words.ts";

/** Everything that was recorded of a deployment except its log, newest first. */
export function EventList({ events }: { events: readonly StreamEvent[] }) {
	// Every deployment has a first event, so none means that the stream has not answered yet.
	if (events.length === 0) return <Loading what="events" />;
	return (
		<ol className="divide-y divide-border rounded-lg border border-border bg-surface text-sm">
			{events.toReversed().map((event) => (
				<li key={event.id} className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[4rem_7rem_minmax(0,1fr)_6rem] sm:items-baseline">
					<span className="font-mono text-muted-foreground text-xs">#{event.seq}</span>
					<span className="text-muted-foreground text-xs">{event.agent_name ?? "Quayside"}</span>
					<span className="min-w-0 break-words">
						{event.content} {event.stage && <Badge className="ml-1 h-5">{stageWords[event.stage].name}</Badge>}
					</span>
					<Ago at={event.timestamp} className="text-muted-foreground text-xs sm:text-right" />
				</li>
			))}
		</ol>
	);
}
