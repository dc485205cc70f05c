import { remember, type VerdictStorage } from "#lib/live/memory.ts";
import { clientOf } from "#tests/server/live/reader.ts";
import type { StartClient } from "./play-client-case.ts";

/** Our client, kept to one transport: it remembers that the better ones do not work here. */
export const ownClient: StartClient = ({ url, stream, epoch, after, over, tell }) => {
	const soon = Date.now() + 30 * 60_000;
	const client = clientOf(url, "ann", {
		storage: storageThatKnows(url, { ws: over === "ws" ? 0 : soon, sse: over === "poll" ? soon : 0 }),
		timings: { strikes: 100, streamAfterMs: 60_000, peekMs: 60_000 },
	});
	client.subscribe(
		stream,
		{ epoch, after },
		{
			onEvents: (events) => {
				for (const { seq } of events) tell({ apply: seq });
			},
			onSnapshot: (_, seq) => tell({ snapshot: seq }),
			onReset: (reason) => tell({ reset: reason }),
			onEnd: (seq) => tell({ end: seq }),
			onError: (code) => tell({ error: code }),
		},
	);
	return () => client.close();
};

function storageThatKnows(origin: string, badUntil: { ws: number; sse: number }): VerdictStorage {
	let stored: string | null = null;
	const storage: VerdictStorage = {
		getItem: () => stored,
		setItem(_, value) {
			stored = value;
		},
	};
	remember(storage, origin, badUntil);
	return storage;
}
