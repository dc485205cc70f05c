import { createServer } from "node:http";
import type { ServeSite } from "../../projects/preview-route.ts";

/** Serves a site at a Unix socket while `work` asks it questions: the same code that will answer its visitors. */
export async function withSiteSocket<T>(socketPath: string, serve: ServeSite, work: (socketPath: string) => Promise<T>): Promise<T> {
	const server = createServer((request, response) => serve(request, response, () => response.writeHead(404).end()));
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(socketPath, resolve);
	});
	try {
		return await work(socketPath);
	} finally {
		server.closeAllConnections();
		await new Promise((resolve) => server.close(resolve));
	}
}
