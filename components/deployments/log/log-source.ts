import type { LogLine, Stage } from "#lib/protocol/index.ts";

export interface LogEntry extends LogLine {
	stage: Stage | null;
}

/** A log that only grows. `lines()` may be the same array each time; `version()` changes whenever it has grown. */
export interface LogSource {
	subscribe(listener: () => void): () => void;
	version(): number;
	lines(): readonly LogEntry[];
}
