import type { Quality } from "#lib/live/quality.ts";
import type { ConnectionStatus } from "#lib/live/status.ts";
import type { TransportKind } from "#lib/live/transports/transport.ts";
import type { TransportReason } from "#lib/protocol/index.ts";

/** Names of the transports in small letters beside "Connected". */
export const transportNames: Readonly<Record<TransportKind, string>> = { ws: "WebSocket", sse: "SSE", poll: "polling" };

export const qualityNames: Readonly<Record<Quality, string>> = { good: "good", fair: "fair", poor: "poor" };

/** Why a connection goes over this transport and not over a better one. */
export const reasonTexts: Readonly<Record<TransportReason | "other", string>> = {
	refused: "A better way was refused",
	silent: "A better way said nothing in time",
	dying: "A better way was cut again and again",
	mute: "A better way was held back on the way",
	remembered: "A better way did not work here a while ago",
	hidden: "The page was hidden for long",
	returning: "A better way is being tried again",
	other: "For another reason",
};

/** What passes within this time is not worth a word; what lasts a second is always said. */
export const quietMs: Readonly<Record<ConnectionStatus["kind"], number>> = {
	connected: 0,
	connecting: 400,
	lost: 800,
	unreachable: 0,
	paused: 0,
};

/** What the indicator says. `now` is in milliseconds. */
export function statusText({ kind, retryAt, refused, crowded }: ConnectionStatus, now: number): string {
	switch (kind) {
		case "connected":
			return "Connected";
		case "connecting":
			return "Connecting…";
		case "lost":
			return crowded ? "Too many connections. Retrying…" : "Connection lost. Retrying…";
		case "unreachable":
			if (refused === "unauthenticated") return "You are not logged in.";
			return retryAt === null ? "Can't reach the server." : `Can't reach the server. Retrying in ${secondsBetween(now, retryAt)} s`;
		case "paused":
			return "Paused by you";
	}
}

/** What the state of the connection means for what is on the page. */
export function statusMeaning({ kind, transport, reason, refused, crowded }: ConnectionStatus): string {
	switch (kind) {
		case "connected":
			return `${meaningOfTransport(transport)}${reason ? ` ${reasonTexts[reason]}.` : ""}`;
		case "connecting":
			return "The page is finding the best way to the server.";
		case "lost":
			if (crowded)
				return "As many pages are connected as there may be, so this one asks for what is new at each try. With fewer pages open, everything arrives at once.";
			return "What you see may be older than what is happening. Deployments go on by themselves, and the page catches up as soon as it can.";
		case "unreachable":
			return refused === null
				? "The server has not answered for a while: the network is away, or the server is. The page keeps trying."
				: "The server refuses live updates for this page.";
		case "paused":
			return "Nothing arrives by itself. Refresh fetches what is new; deployments go on all the same.";
	}
}

function meaningOfTransport(transport: TransportKind | null): string {
	switch (transport) {
		case "sse":
			return "Updates arrive as server-sent events: just as soon as over WebSocket.";
		case "poll":
			return "The page asks again and again by plain requests: updates may be two seconds late.";
		default:
			return "Updates arrive the moment they happen.";
	}
}

/** What is said aloud when the state becomes this one; null for what needs no word. */
export function statusNews(kind: ConnectionStatus["kind"], before: ConnectionStatus["kind"] | null): string | null {
	switch (kind) {
		case "connected":
			return before === "lost" || before === "unreachable" ? "Connected again." : null;
		case "lost":
			return "Connection lost. Retrying.";
		case "unreachable":
			return "Can't reach the server.";
		case "paused":
			return before === null ? null : "Live updates are paused.";
		case "connecting":
			return null;
	}
}

export function secondsBetween(from: number, to: number): number {
	return Math.max(0, Math.round((to - from) / 1000));
}
