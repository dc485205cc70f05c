import type { IncomingMessage, ServerResponse } from "node:http";
import type { Edge } from "../edge/edge.ts";
import type { LiveRoutes } from "./live.ts";
import type { Pages } from "./pages.ts";
import { type SecurityOptions, secureRequest } from "./security-headers.ts";

export interface RequestHandlerOptions {
	edge: Edge;
	live: LiveRoutes;
	pages: Pages;
	security: SecurityOptions;
	reportError: (error: unknown, context: Record<string, string>) => string;
}

/** One server, three audiences by host and path: visitors of previews, live connections, and everybody else. */
export function createRequestHandler({ edge, live, pages, security, reportError }: RequestHandlerOptions) {
	return (request: IncomingMessage, response: ServerResponse): void => {
		if (edge.handles(request.headers.host)) return edge.request(request, response);
		if (!secureRequest(request, response, security)) return;
		if (live.handle(request, response)) return;
		pages.handle(request, response).catch((error: unknown) => {
			reportError(error, { path: request.url ?? "" });
			if (!response.headersSent) response.statusCode = 500;
			response.end();
		});
	};
}
