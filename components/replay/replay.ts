import { fold } from "#lib/deployment/fold.ts";
import { type DeploymentState, emptyState } from "#lib/deployment/state.ts";
import type { LogMark, StreamEvent } from "#lib/protocol/index.ts";

/** A finished deployment at any moment of its life: the same fold as everywhere, over its events up to then. */
export interface Replay {
	/** The next events, oldest first. */
	add(events: readonly StreamEvent[]): void;
	/** The state at a moment, in ms since the epoch. At the end it is the state the deployment ended with. */
	at(ms: number): DeploymentState;
	/** The moment of the first event after, or of the last one before; null where there is none. */
	next(ms: number): number | null;
	previous(ms: number): number | null;
	/** Up to where the events are known, in ms since the epoch. */
	known(): number;
	readonly beginMs: number;
	readonly endMs: number;
}

/** Kept states: a moment is folded from the nearest one before it. */
const foldedAtOnce = 100;

export function createReplay(final: DeploymentState): Replay {
	const beginMs = Date.parse(final.queuedAt);
	const endMs = Math.max(beginMs + 1, Date.parse(final.finishedAt ?? final.lastEventAt));
	const events: StreamEvent[] = [];
	const times: number[] = [];
	const kept: DeploymentState[] = [emptyState("")];
	let newest = kept[0] as DeploymentState;

	/** How many events had happened by then. */
	function countAt(ms: number): number {
		let from = 0;
		let to = times.length;
		while (from < to) {
			const middle = (from + to) >> 1;
			if ((times[middle] as number) <= ms) from = middle + 1;
			else to = middle;
		}
		return from;
	}

	return {
		beginMs,
		endMs,
		add(more) {
			for (const event of more) {
				events.push(event);
				// A clock that was set back in between does not turn the replay around.
				times.push(Math.max(times.at(-1) ?? 0, Date.parse(event.timestamp)));
				newest = fold(newest, event);
				if (events.length % foldedAtOnce === 0) kept.push(newest);
			}
		},
		at(ms) {
			if (ms >= endMs) return final;
			const count = countAt(ms);
			const begun = Math.floor(count / foldedAtOnce);
			return events.slice(begun * foldedAtOnce, count).reduce(fold, kept[begun] ?? emptyState(""));
		},
		next: (ms) => times.find((time) => time > ms) ?? (ms < endMs ? endMs : null),
		previous: (ms) => times.findLast((time) => time < ms) ?? (ms > beginMs ? beginMs : null),
		known: () => times.at(-1) ?? beginMs,
	};
}

/** The newest line that the log had at a moment, between two marks in proportion to the time; 0 before the first. */
export function lineAt(marks: readonly LogMark[], ms: number): number {
	const after = marks.findIndex(({ at }) => Date.parse(at) > ms);
	if (after < 0) return marks.at(-1)?.line ?? 0;
	const [low, high] = [marks[after - 1], marks[after]];
	if (!low || !high) return 0;
	const [from, to] = [Date.parse(low.at), Date.parse(high.at)];
	return low.line + Math.floor((high.line - low.line) * ((ms - from) / Math.max(1, to - from)));
}
