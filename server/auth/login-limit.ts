import { RateLimiterMemory } from "rate-limiter-flexible";
import { AppError } from "../../lib/errors.ts";

/** Counts wrong passwords: for one person from one address, from one address, and for one person from anywhere. */
export interface LoginLimit {
	/** Throws `rate_limited` when there were too many failures. */
	check(email: string, address: string): Promise<void>;
	failed(email: string, address: string): Promise<void>;
	succeeded(email: string, address: string): Promise<void>;
}

const windowS = 15 * 60;

/**
 * Limits per node. Memory is bounded by what they limit: an entry needs a failed login, and passwords are checked two at a
 * time.
 */
export function createLoginLimit(limits = { pair: 10, address: 50, email: 200 }): LoginLimit {
	const rules = Object.entries(limits).map(([rule, points]) => ({
		limiter: new RateLimiterMemory({ keyPrefix: rule, points, duration: windowS }),
		points,
		keyOf: (email: string, address: string) => ({ pair: `${email} ${address}`, address, email })[rule as keyof typeof limits],
	}));
	return {
		async check(email, address) {
			for (const { limiter, points, keyOf } of rules) {
				const state = await limiter.get(keyOf(email, address));
				if (state !== null && state.consumedPoints >= points) throw tooMany(state.msBeforeNext);
			}
		},
		async failed(email, address) {
			for (const { limiter, keyOf } of rules) await limiter.penalty(keyOf(email, address));
		},
		async succeeded(email, address) {
			const [pair] = rules;
			await pair?.limiter.delete(pair.keyOf(email, address));
		},
	};
}

function tooMany(waitMs: number): AppError {
	const minutes = Math.ceil(waitMs / 60_000);
	return new AppError("rate_limited", {
		message: "Too many wrong passwords in a short time.",
		action: `Wait ${minutes === 1 ? "a minute" : `${minutes} minutes`} and try again.`,
		data: { retryAfterS: Math.ceil(waitMs / 1000) },
	});
}
