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

/** A visitor's request or WebSocket: an emitter that says `close` when it is over. */
export type Visit = Pick<NodeJS.EventEmitter, "once">;

/**
 * Answers where a visitor of a project is sent. The visit counts as one to the release that is active now until it is over, so that
 * this release is not stopped meanwhile. Of an app that is asleep the answer comes when it is awake.
 */
export type FindRoute = (slug: string, visit: Visit) => PreviewRoute | Promise<PreviewRoute>;
