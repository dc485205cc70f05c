import { type Dispatcher, Pool } from "undici";

/** Connections to the apps of this node, kept for the next request. */
export interface AppPools {
	/**
	 * Sends a request to an app. One that may be sent twice goes over a kept connection; for any other a new one is opened, because an
	 * app may close a kept connection in the very moment in which the request is written to it.
	 */
	dispatch(socketPath: string, request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, over: "kept" | "new"): void;
	close(): Promise<void>;
}

/** Connections an app says nothing about are given up before most servers give them up. */
const keepMs = 1_500;
/** An app that nobody asked for this long may be gone for good: what is kept for it is let go. */
const forgetMs = 60_000;

interface Kept {
	kept: Pool;
	fresh: Pool;
	usedAt: number;
}

/** `answerTimeoutMs`: from the end of a request to the head of its answer. */
export function openAppPools(answerTimeoutMs: number): AppPools {
	const pools = new Map<string, Kept>();
	const open = (socketPath: string, pipelining: 0 | 1): Pool =>
		new Pool("http://app", {
			socketPath,
			pipelining,
			keepAliveTimeout: keepMs,
			headersTimeout: answerTimeoutMs,
			// A stream may be silent for as long as it likes.
			bodyTimeout: 0,
		});
	const sweeping = setInterval(() => {
		for (const [socketPath, { kept, fresh, usedAt }] of pools) {
			if (performance.now() - usedAt < forgetMs) continue;
			pools.delete(socketPath);
			// What is still open is answered first.
			for (const pool of [kept, fresh]) pool.close().catch(() => {});
		}
	}, forgetMs);
	sweeping.unref();

	function poolsOf(socketPath: string): Kept {
		const known = pools.get(socketPath);
		if (known) return known;
		const made = { kept: open(socketPath, 1), fresh: open(socketPath, 0), usedAt: 0 };
		pools.set(socketPath, made);
		return made;
	}

	return {
		dispatch(socketPath, request, handler, over) {
			const found = poolsOf(socketPath);
			found.usedAt = performance.now();
			(over === "kept" ? found.kept : found.fresh).dispatch(request, handler);
		},
		async close() {
			clearInterval(sweeping);
			await Promise.all([...pools.values()].flatMap(({ kept, fresh }) => [kept.destroy(), fresh.destroy()]));
		},
	};
}
