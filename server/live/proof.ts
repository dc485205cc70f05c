import type { Principal } from "#lib/services.ts";

/** Who a connection belongs to, checked again now and then: a login that ended must not listen on. */
export interface Proof {
	readonly principal: Principal;
	isDue(now: number): boolean;
	/** True while the same person is still logged in. */
	renew(now: number): Promise<boolean>;
}

export function createProof(first: Principal, reauthenticate: () => Promise<Principal | null>, everyMs: number): Proof {
	let principal = first;
	let checkedAt = Date.now();
	const endOf = ({ expiresAt }: Principal) => (expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt));

	return {
		get principal() {
			return principal;
		},
		isDue: (now) => now >= Math.min(checkedAt + everyMs, endOf(principal)),
		async renew(now) {
			checkedAt = now;
			const renewed = await reauthenticate();
			if (renewed?.user.id !== first.user.id || endOf(renewed) <= now) return false;
			principal = renewed;
			return true;
		},
	};
}
