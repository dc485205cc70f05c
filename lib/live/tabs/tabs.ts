import type { Cursor } from "../../protocol/index.ts";

/** The part of Web Locks that is used. */
export interface TabLocks {
	request(name: string, options: { signal?: AbortSignal; steal?: boolean }, hold: () => Promise<void>): Promise<unknown>;
}

/** The part of `BroadcastChannel` that is used. */
export interface TabChannel {
	onmessage: ((event: MessageEvent) => unknown) | null;
	postMessage(message: TabMessage): void;
	close(): void;
}

/** The other tabs of this person in this browser. Tabs of another person share nothing with them: the name of all they share is theirs. */
export interface Tabs {
	user: string;
	locks: TabLocks;
	openChannel(name: string): TabChannel;
	isVisible(): boolean;
}

/** What tabs say to each other. One of them leads: it holds the connection and passes on what comes. */
export type TabMessage =
	/** A follower says where it stands. `fresh`: it needs to be read from there, and does not just answer. */
	| { type: "want"; tab: string; cursors: Cursor[]; visible: boolean; fresh: boolean }
	| { type: "leave"; tab: string }
	/** A follower has heard nothing for a while: is anybody there? */
	| { type: "ask"; tab: string; visible: boolean }
	/** The leader is about to open a connection: say where you stand. */
	| { type: "gather" }
	| { type: "here" }
	| { type: "opened" }
	| { type: "frame"; frame: unknown }
	/** The leader is hidden and this follower is not. */
	| { type: "yield"; to: string }
	/** The connection carries no more streams: this follower opens its own. */
	| { type: "full"; to: string };

/** The one set of cursors that serves several tabs: for each stream a newcomer's, else the one that is furthest behind. */
export function unionOf(sets: readonly (readonly Cursor[])[]): Cursor[] {
	const union = new Map<string, Cursor>();
	for (const cursor of sets.flat()) {
		const known = union.get(cursor.stream);
		if (!known || (!isNewcomer(known) && (isNewcomer(cursor) || cursor.after < known.after))) union.set(cursor.stream, cursor);
	}
	return [...union.values()];
}

/** True when a connection that was opened with `union` brings everything that a tab with `cursors` misses. */
export function serves(union: readonly Cursor[], cursors: readonly Cursor[]): boolean {
	return cursors.every((cursor) =>
		union.some(({ stream, epoch, after }) => stream === cursor.stream && epoch === cursor.epoch && after <= cursor.after),
	);
}

function isNewcomer({ epoch, after }: Cursor): boolean {
	return epoch === null && after === 0;
}
