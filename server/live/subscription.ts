import type { Activity, ServerFrame } from "#lib/protocol/index.ts";
import type { Feed } from "./feed.ts";

/** A reader's place in one stream. */
export interface Subscription {
	readonly feed: Feed;
	epoch: string;
	after: number;
	/** Version of the feed at the last read. */
	version: number;
	/** Everything there was at subscription time has been sent. */
	live: boolean;
	ended: boolean;
}

/** One that has something to read, and goes to the end of the line for it, so that a busy stream does not hold up the others. */
export function nextBehind(subscriptions: Map<string, Subscription>): Subscription | undefined {
	for (const subscription of subscriptions.values()) {
		if (subscription.ended || isAtHead(subscription)) continue;
		if (subscriptions.size > 1) {
			subscriptions.delete(subscription.feed.stream);
			subscriptions.set(subscription.feed.stream, subscription);
		}
		return subscription;
	}
	return undefined;
}

/** True when there is nothing to read for now. */
function isAtHead({ live, version, after, feed }: Subscription): boolean {
	return live && version === feed.version && after >= feed.head;
}

/** How far each stream should be by now, and what is done in it at this moment. */
export function heartbeatOf(
	n: number,
	subscriptions: Iterable<Subscription>,
	activityOf: (stream: string) => Activity | null,
): ServerFrame {
	const heads: Record<string, number> = {};
	const activity: Activity[] = [];
	for (const { feed, after, live } of subscriptions) {
		heads[feed.stream] = live ? feed.head : after;
		const doing = activityOf(feed.stream);
		if (doing) activity.push(doing);
	}
	return { t: "hb", n, heads, activity };
}
