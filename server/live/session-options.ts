import type { Activity, Cursor, TransportReason } from "#lib/protocol/index.ts";
import type { Principal } from "#lib/services.ts";
import type { Feed } from "./feed.ts";
import type { LiveLimits } from "./limits.ts";
import type { FindStart } from "./start.ts";
import type { Subscription } from "./subscription.ts";
import type { EncodedFrame } from "./transports/encoded-frame.ts";
import type { Connect, Transport, Undelivered } from "./transports/transport.ts";

/** What a session needs of the hub. */
export interface SessionContext {
	readonly bootId: string;
	readonly limits: LiveLimits;
	feed(stream: string): Feed;
	authorize(principal: Principal, stream: string): Promise<boolean>;
	findStart: FindStart;
	/** Keeps that this person has seen a stream up to `seq`. */
	acknowledge(userId: string, subscription: Subscription | undefined, seq: number): Promise<void>;
	activityOf(stream: string): Activity | null;
	onSent(kind: Transport["kind"], frame: EncodedFrame): void;
	onSubscribed(kind: Transport["kind"], outcome: "new" | "resumed" | "reset"): void;
	onUndelivered(kind: Transport["kind"], outcome: Undelivered): void;
	/** The client passed over so many events of types that it does not know. */
	onUnknown(kind: Transport["kind"], events: number): void;
	onClosed(session: SessionName, code: number): void;
	onError(session: SessionName, error: unknown): void;
}

export interface SessionOptions {
	id: string;
	principal: Principal;
	userAgent: string;
	/** Why the client did not come over a better transport, as it says itself. */
	via: TransportReason | "other" | null;
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
	readonly since: Date;
	readonly via: SessionOptions["via"];
}

/** How much a session holds. */
export interface SessionLoad {
	userAgent: string;
	subscriptions: string[];
	bufferedBytes: number;
	pendingMessages: number;
	/** Seconds for which it could not take more; 0 while it keeps up. */
	lagS: number;
}
