import { AppError } from "../../lib/errors.ts";
import type { McpService } from "../../lib/services.ts";
import { createOriginCheck } from "../auth/origin.ts";
import type { ToolContext } from "./tools.ts";

export interface McpOptions extends Omit<ToolContext, "principal"> {
	/** Of pages that may call. */
	allowedOrigins: readonly string[];
}

/**
 * The Model Context Protocol over Streamable HTTP, without sessions: every request brings its token and is answered by a server of its
 * own, so nothing is kept between two of them.
 */
export function createMcp(options: McpOptions): McpService {
	const isOwnOrigin = createOriginCheck(options.allowedOrigins);
	return {
		async handle(principal, request) {
			if (principal.via !== "token") {
				throw new AppError("unauthenticated", {
					message: "An MCP client needs an API token.",
					action: "Make one on the settings page, and send it as Authorization: Bearer.",
				});
			}
			// A token is no thing a page of another site has; the protocol asks for the check all the same.
			if (request.headers.has("origin") && !isOwnOrigin(request.headers)) throw new AppError("foreign_origin");
			// Most platforms never meet an MCP client, and the library takes a while to load.
			const { answerMcp } = await import("./answer-mcp.ts");
			return answerMcp({ ...options, principal }, request);
		},
	};
}
