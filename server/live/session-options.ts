import type { Activity, Cursor } from "#lib/protocol/index.ts";
import type { Principal } from "#lib/services.ts";
import type { Feed } from "./feed.ts";
import type { LiveLimits } from "./limits.ts";
import type { ReadSnapshot } from "./start.ts";
import type { Connect, EncodedFrame, Transport } from "./transports/transport.ts";

/** What a session needs of the hub. */
export interface SessionContext {
	readonly bootId: string;
	readonly limits: LiveLimits;
	feed(stream: string): Feed;
	authorize(principal: Principal, stream: string): Promise<boolean>;
	snapshot: ReadSnapshot;
	activityOf(stream: string): Activity | null;
	onSent(kind: Transport["kind"], frame: EncodedFrame): void;
	onClosed(session: SessionName, code: number): void;
	onError(session: SessionName, error: unknown): void;
}

export interface SessionOptions {
	id: string;
	principal: Principal;
	userAgent: string;
	connect: Connect;
	/** Proves the identity again; null when it no longer holds. */
	reauthenticate: () => Promise<Principal | null>;
	/** Cursors that came with the request (SSE and poll). */
	cursors: readonly Cursor[];
	/** Poll only: how long the one answer may be held while there is nothing new. */
	holdMs: number | null;
}

/** The part of a session that its hub is told about. */
export interface SessionName {
	readonly id: string;
	readonly userId: string;
	readonly kind: Transport["kind"];
}
