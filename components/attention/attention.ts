import type { StreamEvent } from "#lib/protocol/index.ts";

/**
 * What a person has not looked at yet. The server keeps one place up to which they have (decision 053), so that it moves on only over
 * events that are settled, oldest first.
 */
export interface Attention {
	/** Unsettled events, oldest first. The same array until it changes. */
	items(): readonly StreamEvent[];
	subscribe(listener: () => void): () => void;
	/** Where reading began: what was not seen by then. */
	begin(unseen: readonly StreamEvent[], seen: number): void;
	add(events: readonly StreamEvent[]): void;
	/** These have been looked at, or need nobody any more. */
	settle(done: (event: StreamEvent) => boolean): void;
}

/**
 * `acknowledge` tells the server the place up to which everything is settled; it only grows. `initial` is shown until reading begins;
 * nothing is acknowledged before.
 */
export function createAttention(acknowledge: (seq: number) => void, initial: readonly StreamEvent[] = []): Attention {
	const listeners = new Set<() => void>();
	let open: readonly StreamEvent[] = initial;
	let hasBegun = false;
	/** What was settled before reading began. */
	const early = new Set<string>();
	/** The highest settled seq, and what was acknowledged. */
	let settledTo = 0;
	let acknowledged = 0;

	function change(next: readonly StreamEvent[]): void {
		open = next;
		for (const listener of listeners) listener();
	}

	function moveOn(): void {
		if (!hasBegun) return;
		const place = Math.min(settledTo, (open[0]?.seq ?? Number.POSITIVE_INFINITY) - 1);
		if (place <= acknowledged) return;
		acknowledged = place;
		acknowledge(place);
	}

	function settle(done: (event: StreamEvent) => boolean): void {
		const settled = open.filter(done);
		if (settled.length === 0) return;
		if (!hasBegun) for (const { id } of settled) early.add(id);
		settledTo = Math.max(settledTo, ...settled.map(({ seq }) => seq));
		change(open.filter((event) => !settled.includes(event)));
		moveOn();
	}

	return {
		items: () => open,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		begin(unseen, seen) {
			hasBegun = true;
			acknowledged = seen;
			settledTo = seen;
			change([...unseen]);
			if (early.size > 0) settle(({ id }) => early.has(id));
		},
		add(events) {
			// A stream without a past begins with its first events.
			hasBegun = true;
			const asking = events.filter(({ requires_ack, seq }) => requires_ack && seq > (open.at(-1)?.seq ?? acknowledged));
			if (asking.length > 0) change([...open, ...asking]);
		},
		settle,
	};
}
