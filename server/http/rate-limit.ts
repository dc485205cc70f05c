/** Lets each key do something so often. */
export interface RateLimit {
	/** Seconds to wait before the next try; 0 when this one is allowed, and then it counts. */
	take(key: string): number;
}

export interface RateLimitOptions {
	perSecond: number;
	/** How many may come at once after a pause. */
	burst: number;
	/** Keys remembered at a time; beyond that the one that was allowed longest ago is forgotten. */
	maxKeys?: number;
	/** Milliseconds that never go back. */
	now?: () => number;
}

/**
 * Token bucket in the form of GCRA: one number a key, the time at which its bucket would be full again.
 * ITU-T I.371, virtual scheduling algorithm.
 */
export function createRateLimit({ perSecond, burst, maxKeys = 10_000, now = () => performance.now() }: RateLimitOptions): RateLimit {
	const fullAt = new Map<string, number>();
	const stepMs = 1000 / perSecond;
	const depthMs = stepMs * burst;
	return {
		take(key) {
			const at = now();
			const next = Math.max(fullAt.get(key) ?? 0, at) + stepMs;
			if (next - at > depthMs) return (next - at - depthMs) / 1000;
			fullAt.delete(key);
			fullAt.set(key, next);
			if (fullAt.size > maxKeys) fullAt.delete(fullAt.keys().next().value ?? key);
			return 0;
		},
	};
}
