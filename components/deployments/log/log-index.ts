import { chunkStart, type LogChunk } from "#lib/live/log-chunk.ts";
import type { LogEntry, Stage } from "#lib/protocol/index.ts";
import { plainText } from "./log-text.ts";

/** Which lines of a log are shown, and which of those hold the words searched for; by number, oldest first. */
export interface LogView {
	/** Null when all are shown. */
	shown: readonly number[] | null;
	matches: readonly number[];
}

interface Found {
	count: number;
	shown: number[];
	matches: number[];
}

/**
 * Keeps the view of a log up to date by looking only at chunks that have got lines, so that a long log that grows fast, at
 * either end, costs no more than a short one. Not a pure function: it remembers what it has read.
 */
export class LogIndex {
	#stage: Stage | null = null;
	#query = "";
	#found = new WeakMap<LogChunk, Found>();

	/** The view of what is here of a log from line `first` on, for a stage (null: all) and a query ("": none). */
	update(chunks: readonly LogChunk[], first: number, stage: Stage | null, query: string): LogView {
		const wanted = query.toLowerCase();
		if (stage !== this.#stage || wanted !== this.#query) this.#found = new WeakMap();
		this.#stage = stage;
		this.#query = wanted;
		if (stage === null && wanted === "") return { shown: null, matches: [] };
		const found = chunks.map((chunk) => this.#look(chunk));
		const from = (numbers: number[]): number[] => ((numbers[0] ?? first) < first ? numbers.filter((n) => n >= first) : numbers);
		return {
			shown: stage === null ? null : found.flatMap(({ shown }) => from(shown)),
			matches: wanted === "" ? [] : found.flatMap(({ matches }) => from(matches)),
		};
	}

	#look(chunk: LogChunk): Found {
		const before = this.#found.get(chunk);
		if (before?.count === chunk.count) return before;
		const found: Found = { count: chunk.count, shown: [], matches: [] };
		for (const [index, line] of chunk.lines.entries()) if (line) this.#take(line, chunkStart(chunk.id) + index, found);
		this.#found.set(chunk, found);
		return found;
	}

	#take(line: LogEntry, n: number, { shown, matches }: Found): void {
		if (this.#stage !== null && line.stage !== this.#stage) return;
		if (this.#stage !== null) shown.push(n);
		if (this.#query !== "" && plainText(line.text).toLowerCase().includes(this.#query)) matches.push(n);
	}
}

/** The place of the first number that is not below `n`, in numbers that rise. */
export function placeOf(numbers: readonly number[], n: number): number {
	let from = 0;
	let to = numbers.length;
	while (from < to) {
		const middle = (from + to) >> 1;
		if ((numbers[middle] ?? 0) < n) from = middle + 1;
		else to = middle;
	}
	return from;
}
