const windowMs = 10_000;

/** Counts messages in windows of ten seconds; `take` answers false once there are more than `max`. */
export function createMessageRate(max: number): { take(now: number): boolean } {
	let since = 0;
	let count = 0;
	return {
		take(now) {
			if (now - since > windowMs) {
				since = now;
				count = 0;
			}
			return ++count <= max;
		},
	};
}
