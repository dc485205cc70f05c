"use client";
import { useEffect, useRef, useState } from "react";
import { client } from "../client.ts";
import { useLiveSwitch, useRefreshCount } from "../live/live-provider.tsx";
import { maxRuntimeLines, noRuntimeLines, type RuntimeLines, withAnswer } from "./runtime-log-lines.ts";

export interface RuntimeLogReading extends RuntimeLines {
	/** Why the last read failed; it is tried again by itself. */
	error: Error | null;
}

const waitS = 15;
const firstLines = 1000;
const maxAtOnce = 2000;
const firstRetryMs = 1000;
const maxRetryMs = 15_000;

/** What is read: a release's log (null: the active one's), only lines with these words. */
export interface RuntimeLogChoice {
	slug: string;
	release: string | null;
	search: string;
}

/**
 * Reads an app's output and goes on reading as it is printed, by requests that wait. While `held` is true and the page keeps as many lines as it can, reading rests, so that nothing is dropped before the reader's eyes. While live updates are switched off it reads once, and once at each refresh.
 */
export function useRuntimeLog({ slug, release, search }: RuntimeLogChoice, held: boolean): RuntimeLogReading {
	const [reading, setReading] = useState<RuntimeLogReading>({ ...noRuntimeLines, error: null });
	const latest = useRef(noRuntimeLines);
	const { isOn } = useLiveSwitch();
	const refreshes = useRefreshCount();
	const resting = held && reading.lines.length >= maxRuntimeLines;

	const wanted = `${slug} ${release} ${search}`;
	const shown = useRef(wanted);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a refresh reads anew
	useEffect(() => {
		if (resting) return;
		if (shown.current !== wanted) {
			shown.current = wanted;
			latest.current = noRuntimeLines;
			setReading({ ...noRuntimeLines, error: null });
		}
		const controller = new AbortController();
		const { signal } = controller;
		async function follow(): Promise<void> {
			let retryMs = firstRetryMs;
			while (!signal.aborted) {
				const { cursor } = latest.current;
				const askedAt = performance.now();
				try {
					const query = {
						...(search && { search }),
						...(release !== null && { release }),
						...(cursor === null
							? { lines: firstLines }
							: { wait: isOn ? waitS : 0, lines: maxAtOnce, ...(cursor !== "" && { after: cursor }) }),
					};
					const answer = await client.projects.runtimeLog(slug, query, signal);
					if (signal.aborted) return;
					retryMs = firstRetryMs;
					if (!isOn) {
						latest.current = withAnswer(latest.current, answer);
						setReading({ ...latest.current, error: null });
						return;
					}
					// A server that does not wait must not be asked without a pause.
					if (cursor !== null && answer.log === "" && performance.now() - askedAt < firstRetryMs) await pause(firstRetryMs, signal);
					latest.current = withAnswer(latest.current, answer);
					setReading({ ...latest.current, error: null });
				} catch (error) {
					if (signal.aborted) return;
					setReading({ ...latest.current, error: error instanceof Error ? error : new Error(String(error)) });
					await pause(retryMs, signal);
					retryMs = Math.min(maxRetryMs, retryMs * 2);
				}
			}
		}
		void follow();
		return () => controller.abort();
	}, [slug, release, search, wanted, resting, isOn, refreshes]);
	return reading;
}

/** Resolves after the time, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		const timer = setTimeout(resolve, ms);
		signal.addEventListener(
			"abort",
			() => {
				clearTimeout(timer);
				resolve();
			},
			{ once: true },
		);
	});
}
