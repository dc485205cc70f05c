import type { ErrorCode } from "../errors.ts";
import { closeCodes, lostCode } from "../protocol/index.ts";

/** What kind of failure ended a connection, or kept it from beginning. */
export type FailureClass = "network" | "server" | "auth" | "rate_limit" | "protocol";

/** When to come back: after a backoff; when the server says, else after a backoff; not before something has changed. */
export type RetryPolicy = "backoff" | "told" | "never";

export interface Failure {
	class: FailureClass;
	/** What is said to people about it, by `lib/errors.ts`; null where only the connection is concerned. */
	error: ErrorCode | null;
	retry: RetryPolicy;
}

const row = (kind: FailureClass, error: ErrorCode | null, retry: RetryPolicy): Failure => ({ class: kind, error, retry });

const network = row("network", null, "backoff");
const server = row("server", "internal", "backoff");

/** Every close code that means something to a client; what is not here is the network's fault. */
const byCode: Readonly<Record<number, Failure>> = {
	[lostCode]: network,
	1001: row("server", "shutting_down", "told"),
	1008: row("protocol", "bad_request", "backoff"),
	[closeCodes.tooBig]: row("protocol", "too_large", "backoff"),
	[closeCodes.internal]: server,
	[closeCodes.restart]: row("server", "shutting_down", "told"),
	[closeCodes.tooMany]: row("rate_limit", "rate_limited", "told"),
	[closeCodes.authExpired]: row("auth", "unauthenticated", "backoff"),
	[closeCodes.slow]: network,
	[closeCodes.noSubscription]: row("protocol", "bad_request", "backoff"),
	[closeCodes.rate]: row("rate_limit", "rate_limited", "told"),
	[closeCodes.unauthenticated]: row("auth", "unauthenticated", "never"),
	[closeCodes.forbidden]: row("auth", "forbidden", "never"),
	[closeCodes.unknown]: row("protocol", "not_found", "never"),
	[closeCodes.protocol]: row("protocol", "bad_request", "never"),
};

/** The close code that an HTTP status stands for. */
const codeByStatus: Readonly<Record<number, number>> = {
	400: closeCodes.protocol,
	401: closeCodes.unauthenticated,
	403: closeCodes.forbidden,
	429: closeCodes.tooMany,
	500: closeCodes.internal,
	503: closeCodes.restart,
};

/** What the end of a connection means. */
export function failureOf(code: number): Failure {
	return byCode[code] ?? network;
}

/** The close code for an HTTP answer that is no success; what says nothing to us counts as a lost connection. */
export function codeOfStatus(status: number): number {
	return codeByStatus[status] ?? lostCode;
}
