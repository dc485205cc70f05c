import type { IncomingMessage, ServerResponse } from "node:http";

/** What a visitor is told where no release can answer. */
export interface Notice {
	status: number;
	title: string;
	text: string;
	/** Seconds after which asking again makes sense; a browser then does it by itself. */
	retryAfterS?: number;
}

export const notices = {
	unknown: {
		status: 404,
		title: "No project here",
		text: "There is no project at this address. Check the address, or ask the person who gave it to you.",
	},
	empty: {
		status: 404,
		title: "Not deployed yet",
		text: "This project has no live version yet. It will answer here after its first deployment.",
	},
	missing: { status: 404, title: "Page not found", text: "The site at this address has no such page." },
	starting: { status: 503, title: "Starting", text: "The app is being started. This page reloads by itself.", retryAfterS: 2 },
	crashed: {
		status: 503,
		title: "The app has crashed",
		text: "It ended too often and was not started again. Its owner finds the reason in the app's log.",
		retryAfterS: 60,
	},
	stopped: { status: 503, title: "The app is stopped", text: "Its owner can start it again on the project's page.", retryAfterS: 60 },
	lost: {
		status: 503,
		title: "The app is gone",
		text: "The machine that ran it is gone. Its owner can bring it back with a new deployment.",
		retryAfterS: 60,
	},
	broken: {
		status: 502,
		title: "The app did not answer",
		text: "The connection to the app broke before it answered. Try again in a moment.",
		retryAfterS: 5,
	},
	slow: {
		status: 504,
		title: "The app takes too long",
		text: "It was asked and has not answered in time. Try again in a moment.",
		retryAfterS: 30,
	},
	busy: {
		status: 503,
		title: "Too many visitors",
		text: "This preview is answering as many requests as it may. Try again in a moment.",
		retryAfterS: 5,
	},
	tooMany: {
		status: 429,
		title: "Too many requests at a time",
		text: "You have as many requests to this preview open as one visitor may. Try again in a moment.",
		retryAfterS: 5,
	},
	unavailable: {
		status: 503,
		title: "Not available right now",
		text: "Quayside cannot look up this project at the moment. Try again shortly.",
		retryAfterS: 5,
	},
} as const satisfies Record<string, Notice>;

/** Answers a request with a notice: a page for browsers, one line of text for programs. */
export function sendNotice(request: IncomingMessage, response: ServerResponse, notice: Notice): void {
	const wantsPage = (request.headers.accept ?? "").includes("text/html");
	const body = wantsPage ? page(notice) : `${notice.title}. ${notice.text}\n`;
	response.writeHead(notice.status, {
		"content-type": wantsPage ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
		"content-length": Buffer.byteLength(body),
		"cache-control": "no-store",
		"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
		"x-content-type-options": "nosniff",
		...(notice.retryAfterS ? { "retry-after": String(notice.retryAfterS) } : {}),
		...(request.complete ? {} : { connection: "close" }),
	});
	response.end(request.method === "HEAD" ? undefined : body);
}

function page({ title, text, retryAfterS, status }: Notice): string {
	const reload = retryAfterS !== undefined && retryAfterS < 5 ? `<meta http-equiv="refresh" content="${retryAfterS}">` : "";
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${reload}
<title>${title}</title>
<style>
:root { color-scheme: light dark; --ground: #fafafa; --ink: #18181b; --quiet: #52525b; }
@media (prefers-color-scheme: dark) { :root { --ground: #09090b; --ink: #fafafa; --quiet: #a1a1aa; } }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 2rem; box-sizing: border-box;
	background: var(--ground); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif; }
main { max-width: 32rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
p { margin: 0; color: var(--quiet); }
small { display: block; margin-top: 2rem; color: var(--quiet); }
</style>
</head>
<body><main><h1>${title}</h1><p>${text}</p><small>${status} · Quayside</small></main></body>
</html>
`;
}
