import { request } from "node:http";

/** `location` is where a redirect leads. */
export type Answer = { status: number; tookMs: number; location?: string };

/** Why no answer came: nobody listens, it is not HTTP, or nothing came in time. */
export type Silence = "closed" | "not_http" | "silent";

export interface Question {
	socketPath: string;
	path: string;
	host: string;
	timeoutMs: number;
	signal: AbortSignal;
	/** Told why, where no answer came. */
	onSilence?: (why: Silence) => void;
}

/** Asks once; null when no answer came. */
export function askOnce({ socketPath, path, host, timeoutMs, signal, onSilence }: Question): Promise<Answer | null> {
	return new Promise((resolve) => {
		const startedAt = performance.now();
		const headers = { host, accept: "text/html,*/*", "user-agent": "Quayside health check" };
		const asked = request({ socketPath, path, agent: false, headers, signal });
		let answered = false;
		let silence: Silence = "closed";
		const timer = setTimeout(() => {
			silence = "silent";
			asked.destroy();
		}, timeoutMs);
		asked.on("response", (response) => {
			answered = true;
			const { statusCode: status = 0, headers } = response;
			const location = status >= 300 && status < 400 ? headers.location : undefined;
			resolve({ status, tookMs: Math.round(performance.now() - startedAt), ...(location !== undefined && { location }) });
			// The head is the answer. A body that never ends is cut by the timer.
			response.on("error", () => {}).resume();
		});
		asked.on("error", (error: NodeJS.ErrnoException) => {
			if (error.code?.startsWith("HPE_")) silence = "not_http";
		});
		asked.on("close", () => {
			clearTimeout(timer);
			if (!answered) onSilence?.(silence);
			resolve(null);
		});
		asked.end();
	});
}
