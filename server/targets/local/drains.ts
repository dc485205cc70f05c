import { setTimeout as delay } from "node:timers/promises";

/** Releases that were replaced and go on until their last visitors have their answers. */
export interface Drains {
	/** Stops a release after `drainMs`, or later when somebody is still being answered then, but at most `answersMs` later. */
	begin(releaseId: string): void;
	/** Lets a release go on that is needed after all. */
	cancel(releaseId: string): void;
	close(): void;
}

export interface DrainOptions {
	/** How long a replaced release goes on in any case, so that going back to it is quick. */
	drainMs: number;
	/** How long it may finish answers that take longer. */
	answersMs: number;
	/** Resolves as soon as nobody is being answered by the release. */
	visitorsGone(releaseId: string): Promise<void>;
	stop(releaseId: string): Promise<void>;
	onFailure(releaseId: string, error: Error): void;
}

export function createDrains({ drainMs, answersMs, visitorsGone, stop, onFailure }: DrainOptions): Drains {
	const running = new Map<string, AbortController>();

	async function drain(releaseId: string, { signal }: AbortController): Promise<void> {
		await delay(drainMs, undefined, { signal, ref: false });
		await Promise.race([visitorsGone(releaseId), delay(answersMs, undefined, { signal, ref: false })]);
		signal.throwIfAborted();
		await stop(releaseId);
	}

	function cancel(releaseId: string): void {
		running.get(releaseId)?.abort();
		running.delete(releaseId);
	}

	return {
		begin(releaseId) {
			cancel(releaseId);
			const control = new AbortController();
			running.set(releaseId, control);
			drain(releaseId, control)
				.catch((error: Error) => {
					if (!control.signal.aborted) onFailure(releaseId, error);
				})
				.finally(() => {
					control.abort();
					if (running.get(releaseId) === control) running.delete(releaseId);
				});
		},
		cancel,
		close() {
			for (const releaseId of [...running.keys()]) cancel(releaseId);
		},
	};
}
