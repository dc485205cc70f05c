import { chunkStart, type LogChunk } from "#lib/live/log-chunk.ts";
import type { LogStore } from "#lib/live/log-store.ts";

/** A log that ends at a line, which can be moved: what comes after it is not there. */
interface CappedLog extends LogStore {
	setEnd(line: number): void;
}

export function capLog(log: LogStore): CappedLog {
	const listeners = new Set<() => void>();
	let end = log.last();
	let changes = 0;
	/** The chunk in which the log ends, cut there; the same object until something in it changes. */
	let cut: { of: LogChunk; count: number; end: number; chunk: LogChunk } | null = null;

	function cutChunk(chunk: LogChunk): LogChunk {
		if (cut?.of === chunk && cut.count === chunk.count && cut.end === end) return cut.chunk;
		const lines = chunk.lines.slice(0, end - chunkStart(chunk.id) + 1);
		cut = { of: chunk, count: chunk.count, end, chunk: { id: chunk.id, lines, count: lines.filter(Boolean).length } };
		return cut.chunk;
	}

	return {
		...log,
		subscribe(listener) {
			listeners.add(listener);
			const stop = log.subscribe(listener);
			return () => {
				listeners.delete(listener);
				stop();
			};
		},
		// Both only grow, so that their sum is another one after every change.
		version: () => log.version() + changes,
		last: () => Math.min(end, log.last()),
		at: (n) => (n <= end ? log.at(n) : undefined),
		chunks: () =>
			log.chunks().flatMap((chunk) => {
				if (chunkStart(chunk.id) > end) return [];
				return chunkStart(chunk.id + 1) - 1 <= end ? [chunk] : [cutChunk(chunk)];
			}),
		setEnd(line) {
			if (line === end) return;
			end = line;
			changes++;
			for (const listener of [...listeners]) listener();
		},
	};
}
