/** A number in [0, 1), such as `Math.random`. */
export type Random = () => number;

/**
 * Delay before the next try after `failures` failures in a row: full jitter, `rand(0, min(cap, base · 2^failures))`. See
 * "Exponential Backoff And Jitter", AWS Architecture Blog.
 */
export function fullJitterMs(failures: number, baseMs: number, capMs: number, random: Random): number {
	return random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
}

/** A time spread evenly over a window. */
export function withinMs([min, max]: readonly [number, number], random: Random): number {
	return min + random() * Math.max(0, max - min);
}

/** A time spread by ± 20 %. */
export function aroundMs(ms: number, random: Random): number {
	return ms * (0.8 + random() * 0.4);
}
