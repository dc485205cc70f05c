import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#lib/errors.ts";
import { databaseDiskFull, isConnectionBroken, isContention, isDiskFull } from "./broken.ts";

const firstPauseMs = 50;
const longestPauseMs = 1_000;

/**
 * Does `work` until it succeeds: again after contention, and again while the database is away, for up to `forMs` or until
 * `signal` aborts. A commit whose answer was lost is done twice, so `work` must be safe to repeat. Throws `database_unavailable`
 * when the time is up, `disk_full`, and whatever else `work` throws as it is.
 */
export async function withRetries<T>(work: () => Promise<T>, { forMs, signal }: { forMs: number; signal?: AbortSignal }): Promise<T> {
	const deadline = performance.now() + forMs;
	for (let pauseMs = firstPauseMs; ; ) {
		try {
			return await work();
		} catch (error) {
			if (isDiskFull(error)) throw databaseDiskFull({ cause: error });
			const isBroken = isConnectionBroken(error);
			if (!isBroken && !isContention(error)) throw error;
			if (performance.now() + pauseMs > deadline || signal?.aborted)
				throw isBroken ? new AppError("database_unavailable", { cause: error }) : error;
			// Not in step with others that failed at the same moment.
			await sleep(pauseMs * Math.random(), undefined, { signal }).catch(() => undefined);
			if (isBroken) pauseMs = Math.min(pauseMs * 2, longestPauseMs);
		}
	}
}
