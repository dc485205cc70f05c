import type { TransportReason } from "../protocol/index.ts";
import type { Link, State, Why } from "./state.ts";
import type { TransportEnd, TransportKind } from "./transports/transport.ts";

/** What the end of a link that had not proven itself says about its transport. */
export function reasonOf(link: Link, end: TransportEnd | "silent"): TransportReason {
	if (end !== "silent") return link.openedAt === null ? "refused" : "dying";
	return link.kind === "sse" && link.openedAt !== null ? "mute" : "silent";
}

/** Why a transport is used and not the one above it; null when there is nothing to explain. */
export function fallbackOf(kind: TransportKind, why: Why): TransportReason | null {
	if (kind === "ws") return null;
	return kind === "sse" ? why.ws : (why.sse ?? why.ws);
}

/** What the server is told about a link that is about to be opened. */
export function viaOf(kind: TransportKind, { phase, why }: State): TransportReason | null {
	if (kind === "ws" && phase.kind === "live" && phase.link.kind !== "ws") return "returning";
	return fallbackOf(kind, why);
}
