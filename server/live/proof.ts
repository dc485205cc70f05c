import type { Principal } from "#lib/services.ts";

/** Who a connection belongs to, checked again now and then: a login that ended must not listen on. */
export class Proof {
	readonly #reauthenticate: () => Promise<Principal | null>;
	readonly #everyMs: number;
	#principal: Principal;
	#checkedAt = performance.now();

	constructor(first: Principal, reauthenticate: () => Promise<Principal | null>, everyMs: number) {
		this.#principal = first;
		this.#reauthenticate = reauthenticate;
		this.#everyMs = everyMs;
	}

	get principal(): Principal {
		return this.#principal;
	}

	/** `now` is of `performance.now()`: a clock that is set back must not keep a login alive, nor end one. */
	isDue(now: number): boolean {
		return now >= this.#checkedAt + this.#everyMs || Date.now() >= endOf(this.#principal);
	}

	/** True while the same person is still logged in. */
	async renew(now: number): Promise<boolean> {
		this.#checkedAt = now;
		const renewed = await this.#reauthenticate();
		if (renewed?.user.id !== this.#principal.user.id || endOf(renewed) <= Date.now()) return false;
		this.#principal = renewed;
		return true;
	}
}

function endOf({ expiresAt }: Principal): number {
	return expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
}
