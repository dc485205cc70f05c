import { lostCode } from "../../protocol/index.ts";
import { openWebSocket } from "../transports/websocket.ts";
import type { Fault } from "./fault.ts";
import { msSince, type Outcome, type Probe, transportOptionsOf } from "./probe.ts";

/** WebSocket: it opens, the server greets, answers pings, sends its heartbeat, and the connection lives on for some seconds. */
export const probeSocket: Probe = (options, note, signal) =>
	new Promise((resolve, reject) => {
		const { timings, stream } = options;
		const startedAt = performance.now();
		let openedAt: number | null = null;
		let pingedAt = 0;
		let pings = 0;
		let roundTripMs: number | null = null;
		let beat = false;
		let blocked = false;
		let timer: ReturnType<typeof setTimeout>;
		let nextPing: ReturnType<typeof setTimeout> | undefined;

		class Watched extends options.WebSocket {
			constructor(url: string | URL) {
				try {
					super(url);
				} catch (error) {
					blocked = true;
					throw error;
				}
			}
		}

		const transport = openWebSocket(
			{ ...transportOptionsOf(options), WebSocket: Watched },
			{
				onOpen() {
					openedAt = performance.now();
					note(`Opened after ${msSince(startedAt)} ms`);
					wait(timings.frameMs, "silent");
				},
				onFrame(frame) {
					switch (frame.t) {
						case "hello":
							note("The server greets");
							transport.send({ t: "sub", id: 1, stream, after: 0 });
							ping();
							break;
						case "pong":
							takePong();
							break;
						case "hb":
							if (!beat) note("A heartbeat arrives");
							beat = true;
							break;
						case "bye":
							finish({ kind: "closed", code: frame.code, afterMs: msSince(openedAt ?? startedAt) });
							break;
					}
				},
				onClose({ code }) {
					if (blocked) finish({ kind: "blocked" });
					else if (openedAt === null) finish({ kind: "cut", afterMs: msSince(startedAt) });
					else finish({ kind: "closed", code: code === lostCode ? null : code, afterMs: msSince(openedAt) });
				},
			},
		);
		wait(timings.openMs, "no_answer");
		signal.addEventListener("abort", giveUp, { once: true });

		function wait(ms: number, kind: "no_answer" | "silent"): void {
			clearTimeout(timer);
			timer = setTimeout(() => finish({ kind, afterMs: ms }), ms);
		}

		function ping(): void {
			pingedAt = performance.now();
			transport.send({ t: "ping", n: ++pings });
			wait(timings.frameMs, "silent");
		}

		function takePong(): void {
			const tookMs = msSince(pingedAt);
			if (roundTripMs === null) note(`Round trip ${tookMs} ms`);
			roundTripMs = Math.min(tookMs, roundTripMs ?? tookMs);
			const aliveMs = msSince(openedAt ?? startedAt);
			if (aliveMs < timings.aliveMs || (!beat && aliveMs < timings.aliveMs + timings.beatMs)) {
				nextPing = setTimeout(ping, timings.pingMs);
				return;
			}
			if (!beat) {
				finish({ kind: "silent", afterMs: aliveMs });
				return;
			}
			note(`Still alive after ${Math.round(aliveMs / 100) / 10} s`);
			finish(roundTripMs > timings.slowMs ? { kind: "slow", roundTripMs } : null);
		}

		function finish(fault: Fault | null): void {
			end();
			const outcome: Outcome = { fault, roundTripMs, headers: {} };
			resolve(outcome);
		}

		function giveUp(): void {
			end();
			reject(signal.reason);
		}

		function end(): void {
			clearTimeout(timer);
			clearTimeout(nextPing);
			signal.removeEventListener("abort", giveUp);
			transport.close();
		}
	});
