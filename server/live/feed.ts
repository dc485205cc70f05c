import type { ReadResult } from "#lib/protocol/index.ts";
import type { Addition, Streams } from "../streams/streams.ts";
import { createFresh } from "./fresh.ts";
import { EncodedFrame } from "./transports/encoded-frame.ts";

/** A read of a stream and the one frame that carries its events to everybody who stands at the same place. */
export interface FeedRead {
	result: ReadResult;
	frame: EncodedFrame | null;
	/** Version of the feed that this read is sure to have seen. */
	version: number;
}

export interface FeedReader {
	wake(): void;
}

/** One watched stream: its known head, and reads shared by all connections that watch it. */
export interface Feed {
	readonly stream: string;
	/** Highest seq known to be written. */
	head: number;
	/** Counts announcements: a reader that has not read since the last one must look again, also when the head is the same (a close). */
	readonly version: number;
	/** What follows this place, where it is in memory; null says nothing, the log must be read. */
	newest(epoch: string, after: number): FeedRead | null;
	read(epoch: string | null, after: number): Promise<FeedRead>;
	/** Wakes the reader whenever there is news, until `unwatch`. */
	watch(reader: FeedReader): void;
	unwatch(reader: FeedReader): void;
}

const shortestTimerMs = 1;

/** Keeps one feed a stream, for as long as anybody watches it. */
export function createFeeds(streams: Pick<Streams, "read" | "onGrowth">, coalesceMs: number) {
	const feeds = new Map<string, OpenFeed>();
	const stop = streams.onGrowth(
		(stream, head, added) => feeds.get(stream)?.grow(head, added),
		() => feeds.keys(),
	);

	return {
		/** The feed of a stream; it lives until its last watcher leaves. */
		of(stream: string): Feed {
			const known = feeds.get(stream);
			if (known) return known;
			const feed = openFeed(streams, stream, coalesceMs, () => feeds.delete(stream));
			feeds.set(stream, feed);
			return feed;
		},
		stop() {
			stop();
			for (const feed of feeds.values()) feed.stop();
		},
	};
}

interface OpenFeed extends Feed {
	version: number;
	grow(head: number, added: Addition | null): void;
	stop(): void;
}

function openFeed(streams: Pick<Streams, "read">, stream: string, coalesceMs: number, onUnwatched: () => void): OpenFeed {
	const readers = new Set<FeedReader>();
	const reading = new Map<string, Promise<FeedRead>>();
	const fresh = createFresh();
	/** Events never change, so the newest frame answers everybody who stands right before it. */
	let newest: { epoch: string; after: number; read: FeedRead } | null = null;
	/** When the last round ended, and how long it took. */
	let wokeAt = Number.NEGATIVE_INFINITY;
	let roundMs = 0;
	let dueAt = Number.POSITIVE_INFINITY;
	let soon: NodeJS.Immediate | null = null;
	let later: NodeJS.Timeout | null = null;

	function wake(): void {
		stopWaiting();
		const written = fresh.take();
		if (written) {
			const { result, version } = written;
			const after = (result.events[0]?.seq ?? 1) - 1;
			newest = { epoch: result.epoch, after, read: { result, frame: frameOf(stream, result), version } };
		}
		const began = performance.now();
		for (const reader of readers) reader.wake();
		wokeAt = performance.now();
		roundMs = wokeAt - began;
	}

	function stopWaiting(): void {
		if (soon) clearImmediate(soon);
		if (later) clearTimeout(later);
		soon = later = null;
		dueAt = Number.POSITIVE_INFINITY;
	}

	/**
	 * Log lines may wait for others a moment. All else goes in this turn of the event loop; only to very many readers not sooner than
	 * the last round took, so that rounds leave the loop half of its time, in which the next events are committed.
	 */
	function wakeFor(added: Addition | null): void {
		const isLog = added?.events.every(({ type }) => type === "log");
		const at = wokeAt + (isLog ? coalesceMs : Math.min(roundMs, coalesceMs));
		if (at >= dueAt) return;
		stopWaiting();
		dueAt = at;
		const rest = at - performance.now();
		if (rest <= shortestTimerMs) soon = setImmediate(wake);
		else later = setTimeout(wake, rest);
	}

	function announce(head: number, added: Addition | null): void {
		feed.version++;
		if (added) fresh.add(added, feed.version);
		feed.head = Math.max(feed.head, head);
		// A read that began before this growth may not see it, so nobody new joins it.
		reading.clear();
		wakeFor(added);
	}

	/** A head that is known already: an old story, or the end of the stream, or another log. One look spares everybody's. */
	async function confirm(epoch: string, head: number): Promise<void> {
		const found = await streams.read({ stream, epoch, after: head }, 1).catch(() => null);
		if (!found || found.closed || found.reset || found.head > head) announce(found?.head ?? head, null);
	}

	async function load(epoch: string | null, after: number): Promise<FeedRead> {
		const { version } = feed;
		const result = await streams.read({ stream, epoch, after });
		const read = { result, frame: frameOf(stream, result), version };
		if (read.frame && epoch !== null) newest = { epoch, after, read };
		return read;
	}

	const feed: OpenFeed = {
		stream,
		head: 0,
		version: 0,
		grow(head, added) {
			if (added || head > feed.head || !newest) return announce(head, added);
			// One of the readers may have found it before it was announced; the others have not.
			wakeFor(null);
			void confirm(newest.epoch, head);
		},
		newest: (epoch, after) => (newest?.after === after && newest.epoch === epoch ? newest.read : null),
		read(epoch, after) {
			const ready = epoch === null ? null : feed.newest(epoch, after);
			if (ready) return Promise.resolve(ready);
			const key = `${epoch ?? ""}/${after}`;
			const running = reading.get(key);
			if (running) return running;
			const read = load(epoch, after).finally(() => {
				if (reading.get(key) === read) reading.delete(key);
			});
			reading.set(key, read);
			return read;
		},
		watch: (reader) => void readers.add(reader),
		unwatch(reader) {
			if (!readers.delete(reader) || readers.size > 0) return;
			stopWaiting();
			onUnwatched();
		},
		stop: stopWaiting,
	};
	return feed;
}

function frameOf(stream: string, { epoch, events, reset }: ReadResult): EncodedFrame | null {
	const first = events[0];
	const last = events.at(-1);
	if (reset || !first || !last) return null;
	return new EncodedFrame({ t: "ev", stream, epoch, from: first.seq, to: last.seq, e: events });
}
