import { createServer } from "node:http";
import { failed, type Outcome, type Reporter, succeeded } from "../../../lib/protocol/index.ts";
import type { ServeSite } from "../../projects/preview-route.ts";
import { type Answer, askOnce } from "./ask.ts";

export interface SiteCheck {
	serve: ServeSite;
	/** Where the site is asked: nobody else knows of this socket. */
	socketPath: string;
	path: string;
	host: string;
	timeoutMs: number;
	reporter: Reporter;
	signal: AbortSignal;
}

/** Asks a site through the code that will answer its visitors. Files do not change, so one answer tells. */
export async function checkSite(check: SiteCheck): Promise<Outcome<Answer>> {
	const { serve, socketPath, path, reporter, signal } = check;
	const server = createServer((request, response) => serve(request, response, () => response.writeHead(404).end()));
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(socketPath, resolve);
	});
	try {
		reporter.awaiting(`the site to answer ${path}`);
		const answer = await askOnce(check);
		signal.throwIfAborted();
		if (!answer) return failed({ code: "app_unhealthy", message: `The site did not answer ${path}.` });
		reporter.progress(`Asked ${path} once, ${answer.status} in ${answer.tookMs} ms`);
		if (answer.status < 400) return succeeded(answer);
		return failed({ code: "output_missing", message: `The site has no page at ${path}.` });
	} finally {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}
}
