import type { IncomingMessage, ServerResponse } from "node:http";
import type { ReleaseStatus } from "../../lib/protocol/index.ts";

/** Where visitors of a project are sent at this moment: what a target knows and the edge needs. */
export type PreviewRoute =
	/** There is no project of this name. */
	| { kind: "unknown" }
	/** The project exists; nothing of it was ever deployed. */
	| { kind: "empty" }
	/** The active release does not answer now. */
	| { kind: "down"; status: Exclude<ReleaseStatus, "live"> }
	/** Files; `missing` answers a request for a file that is not there. */
	| { kind: "site"; serve: ServeSite }
	/** A process that speaks HTTP on this Unix socket. */
	| { kind: "app"; socketPath: string };

export type ServeSite = (request: IncomingMessage, response: ServerResponse, missing: () => void) => void;
