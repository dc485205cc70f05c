import { eventTypes, type ServerFrame } from "../protocol/index.ts";

const known: ReadonlySet<string> = new Set(eventTypes);

/** Counts the events whose type this page does not know, because the server is newer than it: they are passed over, and the server is told. */
export interface UnknownEvents {
	look(frame: Extract<ServerFrame, { t: "ev" }>): void;
	/** How many there were since the last time somebody took them, each once however often it came; absent for none. */
	take(): { unknown?: number };
}

export function createUnknownEvents(): UnknownEvents {
	/** The last seq that was looked at, by log. */
	const looked = new Map<string, number>();
	let count = 0;
	return {
		look({ stream, epoch, e, to }) {
			const log = `${stream} ${epoch}`;
			const before = looked.get(log) ?? 0;
			if (to <= before) return;
			looked.set(log, to);
			for (const { seq, type } of e) if (seq > before && !known.has(type)) count++;
		},
		take() {
			const unknown = count;
			count = 0;
			return unknown === 0 ? {} : { unknown };
		},
	};
}
