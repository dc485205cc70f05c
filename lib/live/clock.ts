/** Time and timers, so that tests can hold them. */
export interface Clock {
	now(): number;
	setTimeout(callback: () => void, ms: number): unknown;
	clearTimeout(timer: unknown): void;
}

/**
 * Wall time that never goes back. Wall time, because monotonic clocks stand still while a machine sleeps, and a client must
 * notice that it slept.
 */
export function createClock(): Clock {
	let latest = 0;
	let offset = 0;
	return {
		now() {
			const wall = Date.now() + offset;
			if (wall < latest) offset += latest - wall;
			latest = Math.max(latest, wall);
			return latest;
		},
		setTimeout: (callback, ms) => setTimeout(callback, ms),
		clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
	};
}
