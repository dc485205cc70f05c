import { AppError } from "../../lib/errors.ts";

/** Requests that one person keeps open at a time, whatever they wait for. */
const maxHeld = 20;

/**
 * Counts one more request of a person that waits for something, until what it answers is called or the signal ends it; both may happen.
 * Throws `rate_limited`.
 */
export type HoldRequest = (userId: string, signal: AbortSignal) => () => void;

/** A request that waits costs a connection and looks into the database again and again: nobody holds those of everybody else. */
export function createHeldRequests(max = maxHeld): HoldRequest {
	const held = new Map<string, Set<object>>();
	return (userId, signal) => {
		const own = held.get(userId) ?? new Set();
		if (own.size >= max) {
			throw new AppError("rate_limited", {
				message: `You have ${max} requests open that wait for a deployment.`,
				action: "End some of them, or wait until they have ended.",
			});
		}
		const request = {};
		const release = () => {
			own.delete(request);
			if (own.size === 0 && held.get(userId) === own) held.delete(userId);
		};
		held.set(userId, own.add(request));
		if (signal.aborted) release();
		else signal.addEventListener("abort", release, { once: true });
		return release;
	};
}
