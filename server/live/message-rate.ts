const windowMs = 10_000;

/** Counts messages in windows of ten seconds. */
export class MessageRate {
	readonly #max: number;
	#since = Number.NEGATIVE_INFINITY;
	#count = 0;

	constructor(max: number) {
		this.#max = max;
	}

	/** False once there are more than the greatest number. */
	take(now: number): boolean {
		if (now - this.#since > windowMs) {
			this.#since = now;
			this.#count = 0;
		}
		return ++this.#count <= this.#max;
	}
}
