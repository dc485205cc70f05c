import type { ReadResult } from "#lib/protocol/index.ts";
import type { Streams } from "../streams/streams.ts";
import { type EncodedFrame, encodeFrame } from "./transports/transport.ts";

/** A read of a stream and the one frame that carries its events to everybody who stands at the same place. */
export interface FeedRead {
	result: ReadResult;
	frame: EncodedFrame | null;
}

/** One watched stream: its known head, and reads shared by all connections that watch it. */
export interface Feed {
	readonly stream: string;
	/** Highest seq known to be written. */
	head: number;
	/** Counts announcements: a reader that has not read since the last one must look again, also when the head is the same (a close). */
	readonly version: number;
	read(epoch: string | null, after: number): Promise<FeedRead>;
	watch(wake: () => void): () => void;
}

/** Keeps one feed a stream, for as long as anybody watches it. */
export function createFeeds(streams: Pick<Streams, "read" | "onGrowth">, coalesceMs: number) {
	const feeds = new Map<string, OpenFeed>();
	const stop = streams.onGrowth((stream, head) => feeds.get(stream)?.grow(head));

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
	grow(head: number): void;
	stop(): void;
}

function openFeed(streams: Pick<Streams, "read">, stream: string, coalesceMs: number, onUnwatched: () => void): OpenFeed {
	const watchers = new Set<() => void>();
	const reading = new Map<string, Promise<FeedRead>>();
	let latest: { key: string; read: FeedRead } | null = null;
	let wokeAt = 0;
	let timer: NodeJS.Timeout | null = null;

	function wake(): void {
		timer = null;
		wokeAt = Date.now();
		for (const watcher of watchers) watcher();
	}

	const feed: OpenFeed = {
		stream,
		head: 0,
		version: 0,
		grow(head) {
			feed.version++;
			if (head <= feed.head) latest = null;
			feed.head = Math.max(feed.head, head);
			// A read that began before this growth may not see it, so nobody new joins it.
			reading.clear();
			if (timer) return;
			const rest = coalesceMs - (Date.now() - wokeAt);
			if (rest <= 0) wake();
			else timer = setTimeout(wake, rest);
		},
		read(epoch, after) {
			const key = `${epoch ?? ""}/${after}`;
			// Events never change, so the newest frame answers everybody who has not seen it yet.
			if (latest?.key === key) return Promise.resolve(latest.read);
			const running = reading.get(key);
			if (running) return running;
			const read = load(streams, stream, epoch, after)
				.then((loaded) => {
					if (loaded.frame && epoch !== null) latest = { key, read: loaded };
					return loaded;
				})
				.finally(() => {
					if (reading.get(key) === read) reading.delete(key);
				});
			reading.set(key, read);
			return read;
		},
		watch(watcher) {
			watchers.add(watcher);
			return () => {
				if (!watchers.delete(watcher) || watchers.size > 0) return;
				feed.stop();
				onUnwatched();
			};
		},
		stop() {
			if (timer) clearTimeout(timer);
			timer = null;
		},
	};
	return feed;
}

async function load(streams: Pick<Streams, "read">, stream: string, epoch: string | null, after: number): Promise<FeedRead> {
	const result = await streams.read({ stream, epoch, after });
	const first = result.events[0];
	const last = result.events.at(-1);
	if (result.reset || !first || !last) return { result, frame: null };
	return { result, frame: encodeFrame({ t: "ev", stream, epoch: result.epoch, from: first.seq, to: last.seq, e: result.events }) };
}
