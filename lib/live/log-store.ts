import type { LogLine, Stage, StreamEvent } from "../protocol/index.ts";

/** A line of a deployment's log and the stage that printed it. */
export interface LogEntry extends LogLine {
	stage: Stage | null;
}

/** A log that only grows, outside of React's state so that a thousand lines a second cost one paint a frame. */
export interface LogStore {
	/** Calls back after the log has grown, at most once a frame. */
	subscribe(listener: () => void): () => void;
	/** Changes whenever the log has grown. */
	version(): number;
	/** The same array each time; the oldest lines are dropped beyond the limit. */
	lines(): readonly LogEntry[];
	append(event: StreamEvent): void;
	clear(): void;
}

export const maxLogLines = 200_000;
/** Dropping is done in large steps: it makes every index over the log start over. */
const dropLines = 20_000;

/** `schedule` runs its argument soon, once for any number of lines: `requestAnimationFrame` in a browser. */
export function createLogStore(schedule: (work: () => void) => void, limit = maxLogLines): LogStore {
	const entries: LogEntry[] = [];
	const listeners = new Set<() => void>();
	let version = 0;
	let scheduled = false;

	function changed(): void {
		if (scheduled) return;
		scheduled = true;
		schedule(() => {
			scheduled = false;
			version++;
			for (const listener of listeners) listener();
		});
	}

	return {
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		version: () => version,
		lines: () => entries,
		append(event) {
			if (event.type !== "log") return;
			for (const line of event.metadata.lines) entries.push({ ...line, stage: event.stage });
			if (entries.length > limit) entries.splice(0, Math.max(dropLines, entries.length - limit));
			changed();
		},
		clear() {
			entries.length = 0;
			changed();
		},
	};
}
