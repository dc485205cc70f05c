/** A value that is asked for often and changes seldom. */
export interface Remembered<T> {
	get(): Promise<T>;
	/** The next `get` loads it again. What was being loaded meanwhile is not kept. */
	forget(): void;
}

/** Loads a value when it is asked for, once for all who ask, and keeps it until it is forgotten, `mostMs` at most. */
export function remember<T>(load: () => Promise<T>, mostMs: number): Remembered<T> {
	let kept: { value: Promise<T>; untilMs: number } | null = null;
	return {
		get() {
			if (kept && performance.now() < kept.untilMs) return kept.value;
			const loading = { value: load(), untilMs: performance.now() + mostMs };
			kept = loading;
			loading.value.catch(() => {
				if (kept === loading) kept = null;
			});
			return loading.value;
		},
		forget() {
			kept = null;
		},
	};
}
