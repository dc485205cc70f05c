import type { LogEntry } from "#lib/live/log-store.ts";
import type { Stage } from "#lib/protocol/index.ts";
import { plainText } from "./log-text.ts";

/** Which lines of a growing log are shown, and which of those hold the words searched for. */
export interface LogView {
	/** Index into the log of each shown line; null when all are shown. */
	shown: number[] | null;
	/** Rows (positions among the shown lines) that match. */
	matches: number[];
}

/**
 * Keeps the view of a log up to date by looking only at lines that are new, so that a long log that grows fast costs no more
 * than a short one. Not a pure function: it remembers how far it has read.
 */
export class LogIndex {
	#stage: Stage | null = null;
	#query = "";
	#read = 0;
	#first: LogEntry | undefined;
	#shown: number[] = [];
	#matches: number[] = [];

	/** The view of `lines` for a stage (null: all) and a query ("": none). */
	update(lines: readonly LogEntry[], stage: Stage | null, query: string): LogView {
		const wanted = query.toLowerCase();
		if (stage !== this.#stage || wanted !== this.#query || lines.length < this.#read || lines[0] !== this.#first) {
			this.#stage = stage;
			this.#query = wanted;
			this.#read = 0;
			this.#first = lines[0];
			this.#shown = [];
			this.#matches = [];
		}
		for (; this.#read < lines.length; this.#read++) this.#take(lines[this.#read] as LogEntry, this.#read);
		return { shown: stage === null ? null : this.#shown, matches: this.#matches };
	}

	#take(line: LogEntry, index: number): void {
		if (this.#stage !== null && line.stage !== this.#stage) return;
		const row = this.#stage === null ? index : this.#shown.push(index) - 1;
		if (this.#query !== "" && plainText(line.text).toLowerCase().includes(this.#query)) this.#matches.push(row);
	}
}
