import type { LogEntry } from "../protocol/index.ts";

/** Lines in a row, some of which may not have come yet; the first of chunk 0 is line 1. */
export interface LogChunk {
	readonly id: number;
	readonly lines: (LogEntry | undefined)[];
	/** Lines that are here; it never falls: what is forgotten is forgotten as a whole chunk. */
	count: number;
}

export const chunkLines = 1000;

export const chunkOf = (n: number): number => Math.floor((n - 1) / chunkLines);
/** Number of the first line of a chunk. */
export const chunkStart = (id: number): number => id * chunkLines + 1;

/** Lines that a chunk of a log with so many lines has in the end. */
export function capacityOf(id: number, last: number): number {
	return Math.min(chunkLines, last - chunkStart(id) + 1);
}

/** The newest line between the two that the chunk does not have. */
export function withoutLine(chunk: LogChunk, from: number, to: number): number | null {
	const start = chunkStart(chunk.id);
	for (let n = to; n >= from; n--) if (!chunk.lines[n - start]) return n;
	return null;
}
