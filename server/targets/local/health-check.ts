import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { failed, type Outcome, type Reporter, succeeded } from "../../../lib/protocol/index.ts";
import type { AppEnd } from "../../exec/start-app.ts";
import { type AppStatus, explainEnd } from "./supervisor.ts";

export interface HealthCheck {
	socketPath: string;
	/** Path to ask for, and the host visitors will ask under. */
	path: string;
	host: string;
	/** What the runner says of the app; null once it is gone. */
	appStatus: () => AppStatus | null;
	/** Ports the app listens on, as far as that is known. */
	listeningPorts: () => Promise<number[]>;
	/** The app's last lines, for a failure. */
	lastLines: () => Promise<string[]>;
	timing: HealthTiming;
	reporter: Reporter;
	signal: AbortSignal;
}

export interface HealthTiming {
	/** From the first question to the first good answer. */
	answerWithinMs: number;
	/** It must then go on answering well for this long. */
	stableMs: number;
	/** Between questions. */
	pauseMs: number;
	/** For one answer. */
	requestMs: number;
}

export const healthTiming: HealthTiming = { answerWithinMs: 60_000, stableMs: 1_500, pauseMs: 250, requestMs: 10_000 };

/** Good answers in a row, over at least `stableMs`. */
const goodAnswers = 3;

export type Answer = { status: number; tookMs: number };

/** Asks an app through its own socket until it answers and keeps answering, or says why it does not. */
export async function checkHealth(check: HealthCheck): Promise<Outcome<Answer>> {
	const { timing, reporter, signal, path } = check;
	const hasEnded = endWatcher(check.appStatus);
	const startedAt = performance.now();
	let asked = 0;
	let good = { count: 0, since: 0 };
	let last: Answer | null = null;
	reporter.awaiting(`the app to answer ${path}`);

	for (;;) {
		signal.throwIfAborted();
		const answer = await askOnce({ ...check, timeoutMs: timing.requestMs });
		signal.throwIfAborted();
		const end = hasEnded();
		if (end) return failed({ code: "app_crashed", ...explainEnd(end), lines: await check.lastLines() });
		asked++;
		last = answer ?? last;
		if (answer && answer.status < 500) {
			good = good.count === 0 ? { count: 1, since: performance.now() } : { ...good, count: good.count + 1 };
			reporter.progress(`Asked ${path} ${times(good.count)}, ${answer.status} in ${answer.tookMs} ms`);
			if (good.count >= goodAnswers && performance.now() - good.since >= timing.stableMs) return succeeded(answer);
		} else {
			good = { count: 0, since: 0 };
			reporter.progress(`Asked ${path} ${times(asked)}, ${answer ? answer.status : "nothing answers yet"}`);
			if (performance.now() - startedAt >= timing.answerWithinMs) return failureOf(last, check, startedAt);
		}
		await delay(timing.pauseMs, undefined, { signal });
	}
}

/** Answers how the app ended since this was called; null while the same process runs. */
function endWatcher(appStatus: HealthCheck["appStatus"]): () => AppEnd | null {
	const before = appStatus();
	return () => {
		const now = appStatus();
		if (before?.phase === "running" && now?.phase === "running" && now.starts === before.starts) return null;
		return now?.end ?? before?.end ?? { exitCode: null, signal: null, reason: "exited" };
	};
}

async function failureOf(
	last: Answer | null,
	{ path, lastLines, listeningPorts }: HealthCheck,
	startedAt: number,
): Promise<Outcome<Answer>> {
	const seconds = Math.round((performance.now() - startedAt) / 1000);
	const lines = await lastLines();
	if (last) return failed({ code: "app_unhealthy", message: `The app answers ${path} with ${last.status}, for ${seconds} s.`, lines });
	const ports = await listeningPorts();
	if (ports.length === 0)
		return failed({ code: "app_not_listening", message: `The app runs, but nothing answered on its port within ${seconds} s.`, lines });
	const message = `The app listens on port ${ports.join(" and ")}, but not on the one in the PORT variable.`;
	return failed({ code: "app_not_listening", message, action: "Listen on the port given in the PORT variable and retry.", lines });
}

export interface Question {
	socketPath: string;
	path: string;
	host: string;
	timeoutMs: number;
	signal: AbortSignal;
}

/** Asks once; null when no answer came. */
export function askOnce({ socketPath, path, host, timeoutMs, signal }: Question): Promise<Answer | null> {
	return new Promise((resolve) => {
		const startedAt = performance.now();
		const headers = { host, accept: "text/html,*/*", "user-agent": "Quayside health check" };
		const asked = request({ socketPath, path, agent: false, headers, signal });
		const timer = setTimeout(() => asked.destroy(), timeoutMs);
		asked.on("response", (response) => {
			resolve({ status: response.statusCode ?? 0, tookMs: Math.round(performance.now() - startedAt) });
			// The head is the answer. A body that never ends is cut by the timer.
			response.on("error", () => {}).resume();
		});
		asked.on("error", () => resolve(null));
		asked.on("close", () => {
			clearTimeout(timer);
			resolve(null);
		});
		asked.end();
	});
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
