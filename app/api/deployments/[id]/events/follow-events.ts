import type { EventsQuery } from "#lib/protocol/index.ts";
import type { DeploymentService } from "#lib/services.ts";
import { eventStream } from "../../../event-stream.ts";

type Page = Awaited<ReturnType<DeploymentService["events"]>>;
export type ReadPage = (query: EventsQuery, signal: AbortSignal) => Promise<Page>;

/** A follower is sent away after this long, and comes back with its cursor: by then its login is checked again. */
const followMs = 5 * 60_000;
const waitS = 20;

/**
 * One deployment's events as server-sent events, for curl and `EventSource`: each with `id: <epoch>/<seq>`, an `activity` where
 * there is nothing else to say, `reset` when the cursor belongs to another log, and `end` after the last.
 */
export async function followEvents(read: ReadPage, query: EventsQuery, request: Request): Promise<Response> {
	const gone = new AbortController();
	const signal = AbortSignal.any([gone.signal, request.signal, AbortSignal.timeout(followMs)]);
	const start = { ...query, ...cursorOf(request.headers.get("last-event-id")) };
	const first = await read({ ...start, wait: 0 }, signal);
	// 204 is how a server tells an EventSource that it need not come back.
	if (first.closed && first.events.length === 0 && start.after === first.head) return new Response(null, { status: 204 });
	return eventStream(frames(read, start, first, signal), () => gone.abort());
}

async function* frames(read: ReadPage, query: EventsQuery, first: Page, signal: AbortSignal): AsyncGenerator<string> {
	let page = first;
	// Nothing came since that time: what comes next does.
	let after = query.after ?? (query.since && first.events.length === 0 ? first.head : 0);
	while (!signal.aborted) {
		if (page.reset) {
			after = page.min - 1;
			yield frame({ event: "reset", data: { reason: page.reset, epoch: page.epoch, min: page.min, head: page.head } });
		}
		for (const event of page.events) yield frame({ id: `${page.epoch}/${event.seq}`, data: event });
		after = page.events.at(-1)?.seq ?? after;
		if (page.closed && after >= page.head) return yield frame({ event: "end", data: { seq: page.head } });
		if (page.events.length === 0) yield page.activity ? frame({ event: "activity", data: page.activity }) : ": nothing new\n\n";
		page = await read({ epoch: page.epoch, after, limit: query.limit, wait: waitS }, signal);
	}
}

function frame({ event, id, data }: { event?: string; id?: string; data: unknown }): string {
	return `${event ? `event: ${event}\n` : ""}${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`;
}

function cursorOf(lastEventId: string | null): Partial<EventsQuery> {
	const cursor = /^([\w-]{1,64})\/(\d{1,15})$/.exec(lastEventId ?? "");
	return cursor ? { epoch: cursor[1], after: Number(cursor[2]), since: undefined } : {};
}
