import { closeCodes } from "#lib/protocol/index.ts";
import type { LiveLimits } from "./limits.ts";
import type { Transport } from "./transports/transport.ts";

/** What time does to a connection, as times of `performance.now()`. */
export interface Age {
	kind: Transport["kind"];
	openedAt: number;
	/** Since when it has not taken more; null while it keeps up. */
	lagSince: number | null;
	/** Since when it watches nothing; null while it watches something. */
	emptySince: number | null;
}

/** The close code of a connection whose time is up, or null. */
export function reasonToEnd({ kind, openedAt, lagSince, emptySince }: Age, limits: LiveLimits, now: number): number | null {
	if (lagSince !== null && now - lagSince > limits.maxLagMs) return closeCodes.slow;
	if (emptySince !== null && now - emptySince > limits.noSubscriptionMs) return closeCodes.noSubscription;
	if (kind === "sse" && now - openedAt > limits.sseMaxAgeMs) return closeCodes.normal;
	return null;
}
