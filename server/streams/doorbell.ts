import type { Addition } from "./streams.ts";

/** Waits for news of one stream. `arm`, look, then `rung`: whatever rings after `arm` ends the wait. */
export interface Watch {
	arm(): void;
	/** Settles when the stream was rung since `arm`, or the signal aborted. */
	rung(): Promise<void>;
	release(): void;
}

type Listener = (stream: string, head: number, added: Addition | null) => void;

/** Wakes readers in this process. It may ring for nothing, and what was added may be missing: then readers look at the log. */
export class Doorbell {
	readonly #watched = new Map<string, Set<{ ring(): void }>>();
	readonly #listeners = new Map<Listener, () => Iterable<string>>();
	readonly #onError: (error: unknown) => void;

	constructor(onError: (error: unknown) => void) {
		this.#onError = onError;
	}

	ring(stream: string, head: number, added: Addition | null = null): void {
		for (const waiter of this.#watched.get(stream) ?? []) waiter.ring();
		for (const listener of this.#listeners.keys()) {
			try {
				listener(stream, head, added);
			} catch (error) {
				this.#onError(error);
			}
		}
	}

	watch(stream: string, signal: AbortSignal): Watch {
		let isRung = false;
		let wake: (() => void) | null = null;
		const waiter = {
			ring() {
				isRung = true;
				wake?.();
			},
		};
		const waiters = this.#watched.get(stream) ?? new Set();
		this.#watched.set(stream, waiters.add(waiter));
		signal.addEventListener("abort", waiter.ring, { once: true });
		return {
			arm() {
				isRung = signal.aborted;
			},
			async rung() {
				if (!isRung) await new Promise<void>((resolve) => (wake = resolve));
				wake = null;
			},
			release: () => {
				signal.removeEventListener("abort", waiter.ring);
				waiters.delete(waiter);
				if (waiters.size === 0 && this.#watched.get(stream) === waiters) this.#watched.delete(stream);
			},
		};
	}

	/** `watched` names the streams whose growth the listener must not miss, even when an announcement got lost. */
	onGrowth(listener: Listener, watched: () => Iterable<string>): () => void {
		this.#listeners.set(listener, watched);
		return () => this.#listeners.delete(listener);
	}

	/** All streams that somebody here waits for. */
	watchedStreams(): Set<string> {
		const names = new Set(this.#watched.keys());
		for (const watched of this.#listeners.values()) for (const name of watched()) names.add(name);
		return names;
	}
}
