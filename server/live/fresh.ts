import { maxReadBytes, maxReadEvents, type ReadResult } from "#lib/protocol/index.ts";
import type { Addition } from "../streams/streams.ts";

/** Events that this process has just written and that nobody was given yet: at most as many as one read of the log answers. */
export interface Fresh {
	/** What does not follow on, or is too much, is left to the log. */
	add(added: Addition, version: number): void;
	/** All there is, as one read; `version` is that of the last addition in it. */
	take(): { result: ReadResult; version: number } | null;
}

export function createFresh(): Fresh {
	let kept: { result: Addition; version: number } | null = null;

	return {
		add(added, version) {
			if (!kept) {
				kept = { result: added, version };
				return;
			}
			const { result } = kept;
			const follows = added.epoch === result.epoch && added.head - added.events.length === result.head;
			const bytes = result.bytes + added.bytes;
			if (!follows || result.events.length + added.events.length > maxReadEvents || bytes > maxReadBytes) return;
			kept = { result: { ...added, events: [...result.events, ...added.events], bytes }, version };
		},
		take() {
			const taken = kept;
			kept = null;
			return taken;
		},
	};
}
