/** What was let through: so many requests, the last of them at `atMs`. */
export interface Grant {
	atMs: number;
	requests: number;
	tokens: number;
}

export interface WindowLimits {
	requests: number;
	tokens: number;
	windowMs: number;
}

/**
 * When each of those that wait may begin, in their order, under a sliding window: at no moment do the last `windowMs` hold more
 * requests or tokens than the limits say. A single call larger than the limit of tokens goes when the window is empty. `grants`
 * are oldest first; a time that is not after `nowMs` means now.
 */
export function schedule(given: {
	grants: readonly Grant[];
	waiting: readonly { id: string; tokens: number }[];
	limits: WindowLimits;
	nowMs: number;
	/** Nobody begins before. */
	pausedUntilMs?: number;
}): Map<string, number> {
	const { limits } = given;
	const within = [...given.grants];
	let oldest = 0;
	let requests = within.reduce((sum, grant) => sum + grant.requests, 0);
	let tokens = within.reduce((sum, grant) => sum + grant.tokens, 0);
	let atMs = Math.max(given.nowMs, given.pausedUntilMs ?? 0);
	const begins = new Map<string, number>();

	for (const call of given.waiting) {
		for (let next = within[oldest]; next; next = within[oldest]) {
			const leavesAtMs = next.atMs + limits.windowMs;
			const fits = requests < limits.requests && (tokens === 0 || tokens + call.tokens <= limits.tokens);
			if (fits && leavesAtMs > atMs) break;
			atMs = Math.max(atMs, leavesAtMs);
			requests -= next.requests;
			tokens -= next.tokens;
			oldest++;
		}
		begins.set(call.id, atMs);
		within.push({ atMs, requests: 1, tokens: call.tokens });
		requests += 1;
		tokens += call.tokens;
	}
	return begins;
}
