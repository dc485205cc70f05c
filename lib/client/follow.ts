import { isAppError } from "../errors.ts";
import type { Activity, StreamEvent } from "../protocol/index.ts";
import type { Client } from "./client.ts";
import { ClientError } from "./client-error.ts";

export type Followed =
	| { type: "event"; event: StreamEvent }
	/** What the deployment does at this moment. */
	| { type: "activity"; activity: Activity }
	/** The log was restored or rewritten: forget what was read; it is read again from its beginning. */
	| { type: "reset" };

const waitS = 20;
const firstRetryMs = 250;
const maxRetryMs = 4000;

/**
 * A deployment's events, each once and in order, from the cursor to the end. An interruption is waited out for up to `patienceMs`
 * (60 s by default); then, and for what will not change by waiting, it throws `ClientError`.
 */
export async function* followDeployment(
	client: Pick<Client, "deployments">,
	id: string,
	{
		after = 0,
		signal = new AbortController().signal,
		patienceMs = 60_000,
	}: { after?: number; signal?: AbortSignal; patienceMs?: number } = {},
): AsyncGenerator<Followed> {
	let last = after;
	let epoch: string | undefined;
	let failures = 0;
	let failingSince = 0;
	while (true) {
		try {
			const page = await client.deployments.events(id, { after: last, epoch, wait: waitS }, signal);
			failures = 0;
			if (page.reset) {
				last = page.min - 1;
				yield { type: "reset" };
			}
			epoch = page.epoch;
			for (const event of page.events) {
				if (event.seq <= last) continue;
				last = event.seq;
				yield { type: "event", event };
			}
			if (page.closed && last >= page.head) return;
			if (page.activity) yield { type: "activity", activity: page.activity };
		} catch (error) {
			if (failures === 0) failingSince = Date.now();
			if (signal.aborted || !isPassing(error) || Date.now() - failingSince >= patienceMs) throw error;
			await pause(error instanceof ClientError && error.retryAfterS !== null ? error.retryAfterS * 1000 : jitter(failures++), signal);
			failures = Math.max(failures, 1);
		}
	}
}

/** True for what may well be over in a moment. */
function isPassing(error: unknown): boolean {
	return isAppError(error) && (error.status >= 500 || error.code === "rate_limited");
}

function jitter(failures: number): number {
	return Math.random() * Math.min(maxRetryMs, firstRetryMs * 2 ** failures);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		const done = (): void => {
			signal.removeEventListener("abort", aborted);
			resolve();
		};
		const timer = setTimeout(done, Math.min(ms, 30_000));
		const aborted = (): void => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		if (signal.aborted) aborted();
		else signal.addEventListener("abort", aborted, { once: true });
	});
}
