import { setTimeout as delay } from "node:timers/promises";
import { failed, type Outcome, type Reporter, succeeded } from "../../../lib/protocol/index.ts";
import type { AppEnd } from "../../exec/start-app.ts";
import { type Answer, askOnce, type Silence } from "./ask.ts";
import { findRedirectLoop } from "./redirects.ts";
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
	/** The port it is told to listen on; null where that is not known. */
	port: number | null;
	/** The app's last lines, for a failure. */
	lastLines: () => Promise<string[]>;
	/** Told at the first good answer. */
	onAnswer: () => void;
	timing: HealthTiming;
	reporter: Reporter;
	signal: AbortSignal;
}

export interface HealthTiming {
	/** From the first question to the first good answer. */
	answerWithinMs: number;
	/** It must then go on answering well for this long, and this often in a row. */
	stableMs: number;
	goodAnswers: number;
	/** Between questions. */
	pauseMs: number;
	/** For one answer. */
	requestMs: number;
	/** An app that has listened on other ports all this while, and not on its own, is not waited for any longer. */
	elsewhereMs: number;
}

export const healthTiming: HealthTiming = {
	answerWithinMs: 60_000,
	stableMs: 1_500,
	goodAnswers: 3,
	pauseMs: 250,
	requestMs: 10_000,
	elsewhereMs: 30_000,
};

/** Before the first answer an app is asked every few ms at first, then every so often as one part of this many of the wait so far. */
const firstPauseMs = 4;
const pauseShare = 10;

/** Asks an app through its own socket until it answers and keeps answering, or says why it does not. */
export async function checkHealth(check: HealthCheck): Promise<Outcome<Answer>> {
	const { timing, reporter, signal, path } = check;
	const hasEnded = endWatcher(check.appStatus);
	const startedAt = performance.now();
	const isElsewhere = elsewhereWatcher(check);
	let asked = 0;
	let good = { count: 0, since: 0 };
	let last: Answer | null = null;
	let silence: Silence = "closed";
	const onSilence = (why: Silence): void => {
		silence = why;
	};
	reporter.awaiting(`the app to answer ${path}`);

	for (;;) {
		signal.throwIfAborted();
		const answer = await askOnce({ ...check, timeoutMs: timing.requestMs, onSilence });
		signal.throwIfAborted();
		const end = hasEnded();
		if (end) return failed({ code: "app_crashed", cause: "app_crashed", ...explainEnd(end), lines: await check.lastLines() });
		asked++;
		last = answer ?? last;
		if (answer && answer.status < 500) {
			if (good.count === 0) check.onAnswer();
			good = good.count === 0 ? { count: 1, since: performance.now() } : { ...good, count: good.count + 1 };
			reporter.progress(`Asked ${path} ${times(good.count)}, ${answer.status} in ${answer.tookMs} ms`);
			if (good.count >= timing.goodAnswers && performance.now() - good.since >= timing.stableMs) return settled(answer, check);
		} else {
			good = { count: 0, since: 0 };
			reporter.progress(`Asked ${path} ${times(asked)}, ${answer ? answer.status : "nothing answers yet"}`);
			if (performance.now() - startedAt >= timing.answerWithinMs || (last === null && (await isElsewhere())))
				return failureOf(last ?? silence, check, startedAt);
		}
		// An app that starts is asked often at first: most need a moment only.
		const eagerMs = firstPauseMs + (performance.now() - startedAt) / pauseShare;
		await delay(good.count > 0 ? timing.pauseMs : Math.min(timing.pauseMs, eagerMs), undefined, { signal });
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

const lookMs = 2_000;

/** Answers whether the app has listened on the same other ports, and not on its own, for as long as that takes to be sure. */
function elsewhereWatcher({ listeningPorts, port, timing }: HealthCheck): () => Promise<boolean> {
	let ports = "";
	let since = performance.now();
	let lookedAt = since;
	return async () => {
		const now = performance.now();
		if (port === null || now - lookedAt < Math.min(lookMs, timing.elsewhereMs)) return false;
		lookedAt = now;
		const open = await listeningPorts();
		const seen = open.includes(port) ? "" : open.sort((a, b) => a - b).join(" ");
		if (seen !== ports || seen === "") since = now;
		ports = seen;
		return seen !== "" && now - since >= timing.elsewhereMs;
	};
}

/** A good answer, unless it is a redirect that comes round again. */
async function settled(answer: Answer, check: HealthCheck): Promise<Outcome<Answer>> {
	const loop = await findRedirectLoop({ ...check, timeoutMs: check.timing.requestMs }, answer);
	const { status, tookMs } = answer;
	if (loop === null) return succeeded({ status, tookMs });
	return failed({
		code: "app_unhealthy",
		cause: "redirect_loop",
		message: `The app redirects for ever: ${loop.slice(0, 4).join(" → ")}. An app that sends everybody to https does that when it does not see that visitors already use it.`,
		action: "Let it trust the X-Forwarded-Proto header of the proxy in front of it, or take the redirect out, and retry.",
		lines: await check.lastLines(),
	});
}

async function failureOf(
	last: Answer | Silence,
	{ path, lastLines, listeningPorts, port }: HealthCheck,
	startedAt: number,
): Promise<Outcome<Answer>> {
	const seconds = Math.round((performance.now() - startedAt) / 1000);
	const lines = await lastLines();
	if (typeof last === "object")
		return failed({
			code: "app_unhealthy",
			cause: "app_answers_error",
			message: `The app answers ${path} with ${last.status}, for ${seconds} s.`,
			lines,
		});
	if (last === "not_http")
		return failed({
			code: "app_unhealthy",
			cause: "app_not_http",
			message: "The app answers on its port, but not with HTTP.",
			action: "Let it speak plain HTTP: https for visitors is done in front of it. Then retry.",
			lines,
		});
	const ports = await listeningPorts();
	if (last === "silent" || (port !== null && ports.includes(port)))
		return failed({
			code: "app_unhealthy",
			cause: "app_silent",
			message: `The app takes connections on its port, but did not answer ${path} within ${seconds} s.`,
			action: "Look what it waits for when it is asked: often a database or another service. Then retry.",
			lines,
		});
	if (ports.length === 0)
		return failed({
			code: "app_not_listening",
			cause: "app_never_listens",
			message: `The app runs, but nothing answered on its port within ${seconds} s.`,
			lines,
		});
	const message = `The app listens on port ${ports.join(" and ")}, but not on the one in the PORT variable.`;
	return failed({
		code: "app_not_listening",
		cause: "port_fixed",
		message,
		action: "Listen on the port given in the PORT variable and retry.",
		lines,
		seen: { ports: ports.join(" ") },
	});
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
