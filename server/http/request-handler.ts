import type { IncomingMessage, ServerResponse } from "node:http";
import type { Edge } from "../edge/edge.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { LiveRoutes } from "./live.ts";
import type { Pages } from "./pages.ts";
import type { Security } from "./secure.ts";
import { type HandleUpgrade, refuseUpgrade } from "./upgrade.ts";

export interface RequestHandlerOptions {
	edge: Edge;
	live: LiveRoutes;
	pages: Pages;
	security: Security;
	metrics: Pick<Metrics, "watch">;
	reportError: (error: unknown, context: Record<string, string>) => string;
}

/** One server, three audiences by host and path: visitors of previews, live connections, and everybody else. */
export function createRequestHandler({ edge, live, pages, security, metrics, reportError }: RequestHandlerOptions) {
	return (request: IncomingMessage, response: ServerResponse): void => {
		if (edge.handles(request.headers.host)) {
			edge.request(request, response);
			return;
		}
		metrics.watch(request, response);
		if (!security.admit(request, response) || live.handle(request, response)) return;
		pages.handle(request, response).catch((error: unknown) => {
			reportError(error, { path: request.url ?? "" });
			if (!response.headersSent) response.statusCode = 500;
			response.end();
		});
	};
}

/** Takes a WebSocket handshake to the live hub once host, origin and rate allow it. */
export function createLiveUpgrade(live: LiveRoutes, security: Security): HandleUpgrade {
	return (request, socket, head) => {
		const refused = security.refuseUpgrade(request);
		if (refused) refuseUpgrade(socket, refused.status);
		else live.upgrade(request, socket, head);
	};
}
