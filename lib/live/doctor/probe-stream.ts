import { openSse } from "../transports/sse.ts";
import type { Fault } from "./fault.ts";
import { faultOfAnswer, msSince, type Probe, readHeaders, transportOptionsOf, watchFetch } from "./probe.ts";

/** Server-sent events: headers, the first frame, and the second one a second later, so that nothing holds them back. */
export const probeStream: Probe = (options, note, signal) =>
	new Promise((resolve, reject) => {
		const { timings } = options;
		const startedAt = performance.now();
		const watched = watchFetch(options.fetch);
		let greetedAt: number | null = null;
		let roundTripMs: number | null = null;
		let finished = false;
		let timer: ReturnType<typeof setTimeout>;

		const transport = openSse(
			{ ...transportOptionsOf(options), fetch: watched.fetch },
			{
				onOpen() {
					note(`The answer begins after ${msSince(startedAt)} ms`);
					wait(timings.frameMs, heldBack);
					void faultOfAnswer(watched, "text/event-stream").then((fault) => fault && finish(fault));
				},
				onFrame(frame) {
					if (frame.t === "hello") {
						greetedAt = performance.now();
						roundTripMs = msSince(startedAt);
						note(`The server greets after ${roundTripMs} ms`);
						wait(timings.beatMs, heldBack);
					} else if (frame.t === "hb" && greetedAt !== null) {
						const apartMs = msSince(greetedAt);
						if (apartMs < timings.burstMs) return finish({ ...heldBack(), inBursts: true });
						note(`The next message arrives ${apartMs} ms later, as it was sent`);
						finish(roundTripMs !== null && roundTripMs > timings.slowMs ? { kind: "slow", roundTripMs } : null);
					} else if (frame.t === "bye") finish({ kind: "closed", code: frame.code, afterMs: msSince(startedAt) });
				},
				onClose({ code }) {
					void faultOfAnswer(watched, "text/event-stream").then((fault) => {
						if (fault) finish(fault);
						else if (!watched.response) finish({ kind: "cut", afterMs: msSince(startedAt) });
						else finish({ kind: "closed", code: code < 1005 || code > 1006 ? code : null, afterMs: msSince(startedAt) });
					});
				},
			},
		);
		wait(timings.openMs, () => ({ kind: "no_answer", afterMs: timings.openMs }));
		signal.addEventListener("abort", giveUp, { once: true });

		function wait(ms: number, fault: () => Fault): void {
			clearTimeout(timer);
			timer = setTimeout(() => finish(fault()), ms);
		}

		function heldBack(): Fault & { kind: "held_back" } {
			return { kind: "held_back", inBursts: false, encoding: watched.response?.headers.get("content-encoding") ?? null };
		}

		function finish(fault: Fault | null): void {
			if (finished) return;
			end();
			resolve({ fault, roundTripMs, headers: readHeaders(watched.response) });
		}

		function giveUp(): void {
			end();
			reject(signal.reason);
		}

		function end(): void {
			finished = true;
			clearTimeout(timer);
			signal.removeEventListener("abort", giveUp);
			transport.close();
		}
	});
