import { AppError } from "./errors.ts";

export interface TurnsOptions {
	atOnce: number;
	/** How many more may wait for their turn. */
	maxWaiting: number;
}

/** Does work in turn, so that it cannot take the process down: so much at a time, so much waits, the rest is refused with `rate_limited`. */
export function createTurns({ atOnce, maxWaiting }: TurnsOptions): <T>(work: () => Promise<T>) => Promise<T> {
	const waiting: (() => void)[] = [];
	let working = 0;
	return async (work) => {
		if (working >= atOnce) {
			if (waiting.length >= maxWaiting) throw new AppError("rate_limited");
			await new Promise<void>((resolve) => waiting.push(resolve));
		} else working++;
		try {
			return await work();
		} finally {
			const next = waiting.shift();
			if (next) next();
			else working--;
		}
	};
}
