import type { Visit } from "../../projects/preview-route.ts";

/** The requests and WebSockets a release answers at this moment. */
export interface Visitors {
	enter(visit: Visit): void;
	/** How many are there. */
	count(): number;
	/** How long nobody has been there, in ms; 0 while somebody is. */
	quietMs(): number;
	/** Lets the quiet time begin anew. */
	wake(): void;
	/** Resolves as soon as nobody is there. */
	gone(): Promise<void>;
}

export function createVisitors(): Visitors {
	let open = 0;
	// Not the time of day, which can be set.
	let quietSince = performance.now();
	let waiting: (() => void)[] = [];

	function leave(): void {
		open--;
		if (open > 0) return;
		quietSince = performance.now();
		for (const tell of waiting) tell();
		waiting = [];
	}

	return {
		enter(visit) {
			open++;
			visit.once("close", leave);
		},
		count: () => open,
		quietMs: () => (open > 0 ? 0 : performance.now() - quietSince),
		wake() {
			quietSince = performance.now();
		},
		gone: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
	};
}
