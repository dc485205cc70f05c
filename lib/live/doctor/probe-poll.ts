import { poll } from "../transports/poll.ts";
import type { Fault } from "./fault.ts";
import { faultOfAnswer, msSince, type Probe, readHeaders, transportOptionsOf, watchFetch } from "./probe.ts";

/** Polling: an answer at once, and one that the server holds for some seconds. */
export const probePoll: Probe = async (options, note, signal) => {
	const { timings } = options;
	const watched = watchFetch(options.fetch);
	const transportOptions = { ...transportOptionsOf(options), fetch: watched.fetch };

	async function ask(waitS: number): Promise<{ tookMs: number; fault: Fault | null }> {
		const abort = new AbortController();
		const giveUp = () => abort.abort();
		signal.addEventListener("abort", giveUp, { once: true });
		const startedAt = performance.now();
		const answer = await poll(transportOptions, waitS, abort);
		signal.removeEventListener("abort", giveUp);
		signal.throwIfAborted();
		const tookMs = msSince(startedAt);
		if ("frames" in answer && answer.frames[0]?.t === "hello") return { tookMs, fault: null };
		if (abort.signal.aborted) return { tookMs, fault: { kind: "no_answer", afterMs: tookMs } };
		const fault = await faultOfAnswer(watched, "application/json");
		if (fault) return { tookMs, fault };
		const contentType = watched.response?.headers.get("content-type") ?? "";
		return { tookMs, fault: watched.response ? { kind: "foreign", contentType } : { kind: "cut", afterMs: tookMs } };
	}

	// The first request may have to open the connection: the second one is the round trip.
	const first = await ask(0);
	const outcome = (roundTripMs: number | null, fault: Fault | null) => ({ fault, roundTripMs, headers: readHeaders(watched.response) });
	if (first.fault) return outcome(null, first.fault);
	note(`Answered after ${first.tookMs} ms`);
	const second = await ask(0);
	if (second.fault) return outcome(first.tookMs, second.fault);
	const roundTripMs = Math.min(first.tookMs, second.tookMs);
	note(`Round trip ${roundTripMs} ms`);
	const held = await ask(timings.holdS);
	if (held.fault?.kind === "cut") return outcome(roundTripMs, { kind: "closed", code: null, afterMs: held.fault.afterMs });
	if (held.fault) return outcome(roundTripMs, held.fault);
	note(`A request that was held for ${Math.round(held.tookMs / 100) / 10} s is answered`);
	return outcome(roundTripMs, roundTripMs > timings.slowMs ? { kind: "slow", roundTripMs } : null);
};
