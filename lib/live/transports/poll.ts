import { lostCode, type ServerFrame } from "../../protocol/index.ts";
import { addressOf, endOfResponse, type OpenTransport, parseFrame, type TransportEnd, type TransportOptions } from "./transport.ts";

/** An answer with less than this in it came at once: the next request waits for the pause. */
const quickMs = 250;

/** Frames as answers to one POST after the other, held by the server while there is nothing new. */
export const openPoll: OpenTransport = (options, { onOpen, onFrame, onClose }) => {
	const { clock, timings, cursors } = options;
	let ended = false;
	let waitS = timings.pollWaitS;
	let request: AbortController | null = null;
	/** The set of streams changed: the request under way is out of date. */
	let outdated = false;
	let wakeUp: (() => void) | null = null;

	async function run(): Promise<TransportEnd> {
		while (!ended) {
			outdated = false;
			if (cursors().length === 0) {
				await pause(timings.pollPauseMs);
				continue;
			}
			request = new AbortController();
			const startedAt = clock.now();
			const answer = await poll(options, waitS, request);
			if (ended || outdated) continue;
			if ("code" in answer) {
				// Something in between may not bear requests that are held: those that are not are the last resort.
				if (answer.code !== lostCode || waitS === 0) return answer;
				waitS = 0;
				continue;
			}
			onOpen();
			for (const frame of answer.frames) if (!ended) onFrame(frame);
			if (waitS === 0 || (!answer.frames.some(isNews) && clock.now() - startedAt < quickMs)) await pause(timings.pollPauseMs);
		}
		return { code: lostCode, retryAfterMs: null };
	}

	function pause(ms: number): Promise<void> {
		if (ended || outdated) return Promise.resolve();
		return new Promise((resolve) => {
			const timer = clock.setTimeout(resolve, ms);
			wakeUp = () => {
				clock.clearTimeout(timer);
				resolve();
			};
		});
	}

	function interrupt(): void {
		request?.abort();
		wakeUp?.();
	}

	run().then((end) => {
		if (!ended) onClose(end);
	});

	return {
		send(frame) {
			if (frame.t !== "sub" && frame.t !== "unsub") return true;
			outdated = true;
			interrupt();
			return true;
		},
		close() {
			ended = true;
			interrupt();
		},
	};
};

/** One request of the poll transport. */
export async function poll(
	{ origin, fetch, cursors, unknown, clock, timings, via }: TransportOptions,
	waitS: number,
	abort: AbortController = new AbortController(),
): Promise<{ frames: ServerFrame[] } | TransportEnd> {
	const timer = clock.setTimeout(() => abort.abort(), waitS * 1000 + timings.pollAnswerMs);
	try {
		const response = await fetch(addressOf(origin, "poll", via), {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ subs: cursors(), wait: waitS, ...unknown?.() }),
			cache: "no-store",
			signal: abort.signal,
		});
		if (!response.ok) return await endOfResponse(response);
		const values = (await response.json()) as unknown[];
		return { frames: values.map(parseFrame).filter((frame) => frame !== null) };
	} catch {
		return { code: lostCode, retryAfterMs: null };
	} finally {
		clock.clearTimeout(timer);
	}
}

function isNews({ t }: ServerFrame): boolean {
	return t === "ev" || t === "end";
}
