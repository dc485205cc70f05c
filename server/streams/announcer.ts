import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { type Activity, activitySchema } from "#lib/protocol/index.ts";
import type { ConnectionConfig } from "../db/connection.ts";
import { openListener } from "../db/listener.ts";

/** What one node tells the others: never an event, only that a stream has grown, and what is going on right now. */
const announcementSchema = z.object({
	/** The node that sends it, which does not need to hear it again. */
	from: z.string(),
	heads: z.array(z.tuple([z.string(), z.number()])).default([]),
	activity: z.array(activitySchema).default([]),
	cleared: z.array(z.string()).default([]),
	/** Topics of news. */
	changed: z.array(z.string()).default([]),
});
type Announcement = z.infer<typeof announcementSchema>;

export interface AnnouncerOptions {
	connection: ConnectionConfig;
	log: Logger;
	onGrowth: (stream: string, head: number) => void;
	onActivity: (activity: Activity) => void;
	onCleared: (deploymentId: string) => void;
	onChanged: (topic: string) => void;
	onListening: () => void;
}

export interface Announcer {
	growth(stream: string, head: number): void;
	activity(activity: Activity): void;
	cleared(deploymentId: string): void;
	changed(topic: string): void;
	stop(): Promise<void>;
}

const channel = "quayside";
/** The first news goes at once, more within this time together: a NOTIFY for each commit would slow down small ones. */
const coalesceMs = 3;
/** What is not told by then is found by the others themselves. */
const lastWordsMs = 500;
/** Postgres refuses payloads of 8000 bytes. */
const maxPayloadBytes = 7_500;
/** More than anybody has active; when the database is away for long, older news is dropped and the safety re-read steps in. */
const maxPending = 10_000;

/** Tells the other nodes over NOTIFY, coalesced, on a connection of its own, after the commit; and hears what they tell. */
export function openAnnouncer(options: AnnouncerOptions): Announcer {
	const self = randomUUID();
	const pending = new Map<string, Item>();
	let sending: Promise<void> | null = null;

	const listener = openListener({
		connection: options.connection,
		channel,
		log: options.log,
		onListening: options.onListening,
		onMessage(payload) {
			const parsed = parse(payload);
			if (!parsed || parsed.from === self) return;
			for (const [stream, head] of parsed.heads) options.onGrowth(stream, head);
			for (const activity of parsed.activity) options.onActivity(activity);
			for (const id of parsed.cleared) options.onCleared(id);
			for (const topic of parsed.changed) options.onChanged(topic);
		},
	});
	const flush = async () => {
		// What belongs to one commit is queued in one go, and travels together.
		await null;
		while (pending.size > 0) {
			const items = [...pending.values()];
			pending.clear();
			for (const payload of pack(self, items)) await listener.notify(payload);
			await sleep(coalesceMs);
		}
		sending = null;
	};
	const queue = (key: string, item: Item) => {
		if (pending.size >= maxPending && !pending.has(key)) return;
		pending.set(key, item);
		sending ??= flush();
	};

	return {
		growth: (stream, head) => queue(stream, { kind: "head", stream, head }),
		activity: (activity) => queue(`activity ${activity.deployment_id}`, { kind: "activity", activity: shorten(activity) }),
		cleared: (id) => queue(`activity ${id}`, { kind: "cleared", id }),
		changed: (topic) => queue(`changed ${topic}`, { kind: "changed", topic }),
		async stop() {
			const patience = new AbortController();
			await Promise.race([sending, sleep(lastWordsMs, undefined, { signal: patience.signal }).catch(() => undefined)]);
			patience.abort();
			await listener.stop();
		},
	};
}

type Item =
	| { kind: "head"; stream: string; head: number }
	| { kind: "activity"; activity: Activity }
	| { kind: "cleared"; id: string }
	| { kind: "changed"; topic: string };

function pack(from: string, items: Item[]): string[] {
	const payloads: string[] = [];
	const empty = (): Announcement => ({ from, heads: [], activity: [], cleared: [], changed: [] });
	let open = empty();
	let bytes = 200;
	for (const item of items) {
		const size = Buffer.byteLength(JSON.stringify(item));
		if (bytes + size > maxPayloadBytes) {
			payloads.push(JSON.stringify(open));
			open = empty();
			bytes = 200;
		}
		bytes += size;
		if (item.kind === "head") open.heads.push([item.stream, item.head]);
		else if (item.kind === "activity") open.activity.push(item.activity);
		else if (item.kind === "cleared") open.cleared.push(item.id);
		else open.changed.push(item.topic);
	}
	return [...payloads, JSON.stringify(open)];
}

/** The one free text of an activity; the rest is small by nature. */
function shorten(activity: Activity): Activity {
	return activity.awaiting.length <= 500 ? activity : { ...activity, awaiting: `${activity.awaiting.slice(0, 499)}…` };
}

function parse(payload: string): Announcement | null {
	try {
		return announcementSchema.safeParse(JSON.parse(payload)).data ?? null;
	} catch {
		return null;
	}
}
