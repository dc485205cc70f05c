import type { TransportKind } from "../transports/transport.ts";
import type { Rung } from "./examine.ts";
import type { Repair } from "./proxy-configs.ts";

/** What the three findings mean together, for the person. */
export interface Verdict {
	/** The best transport that works; null when none does. */
	best: TransportKind | null;
	title: string;
	text: string;
	/** What to do, where it is not the proxy. */
	advice: string | null;
	/** What a proxy would have to be set to; empty when there is no sign of a wrong one. */
	repairs: readonly Repair[];
}

/** Draws the conclusion once all three are done; null before. */
export function concludeFrom(rungs: readonly Rung[], origin: string): Verdict | null {
	if (rungs.some(({ outcome }) => outcome === null)) return null;
	const best = rungs.find(({ state }) => state === "works")?.kind ?? null;
	const advice = adviceFor(rungs, origin);
	return { best, ...meaningOf(best, rungs), advice, repairs: advice ? [] : repairsFor(rungs) };
}

function meaningOf(best: TransportKind | null, rungs: readonly Rung[]): { title: string; text: string } {
	switch (best) {
		case "ws":
			return rungs.every(({ state }) => state === "works")
				? { title: "Everything works", text: "Pages are kept up to date over WebSocket, at once. Both fall-backs would work as well." }
				: {
						title: "WebSocket works",
						text: "Pages are kept up to date at once. A fall-back does not work here: you would notice only if WebSocket failed as well.",
					};
		case "sse":
			return {
				title: "Updates arrive by server-sent events",
				text: "WebSocket does not get through from here. You see everything just as soon and nothing is lost: pages use the next best way by themselves.",
			};
		case "poll":
			return {
				title: "Updates arrive by polling",
				text: "Only plain requests get through from here. Nothing is lost: pages ask again and again by themselves, and what happens is seen up to two seconds later.",
			};
		case null:
			return {
				title: "Live updates do not get through",
				text: "None of the three ways works from here at the moment. Pages show what they last heard and go on trying.",
			};
	}
}

/** What only another remedy than the proxy's settings helps against. */
function adviceFor(rungs: readonly Rung[], origin: string): string | null {
	const faults = rungs.flatMap(({ outcome }) => (outcome?.fault ? [outcome.fault] : []));
	const codes = faults.map((fault) => (fault.kind === "refused" ? (fault.code ?? String(fault.status)) : fault.kind));
	if (codes.includes("foreign_origin"))
		return `Whoever runs the server sets QUAYSIDE_PUBLIC_URL to ${origin}, or adds it to QUAYSIDE_ALLOWED_ORIGINS. A proxy has to pass on the Host header as it is.`;
	if (codes.includes("unauthenticated") || codes.includes("401")) return "Log in again, then test again.";
	if (codes.includes("rate_limited")) return "Close some tabs, wait a minute, and test again.";
	if (codes.includes("shutting_down")) return "Wait until the server is back, and test again.";
	if (codes.length === rungs.length && codes.every((code) => code === "cut" || code === "no_answer"))
		return "Check the network of this device, and whether the server runs.";
	return null;
}

function repairsFor(rungs: readonly Rung[]): Repair[] {
	const kinds = Object.fromEntries(rungs.map(({ kind, outcome }) => [kind, outcome?.fault?.kind ?? null])) as Record<
		TransportKind,
		string | null
	>;
	const repairs = new Set<Repair>();
	if (kinds.ws === "closed") repairs.add("idle");
	else if (kinds.ws !== null && kinds.ws !== "blocked" && kinds.ws !== "slow") repairs.add("upgrade");
	if (kinds.sse === "held_back" || kinds.sse === "no_answer") repairs.add("buffering");
	if (kinds.sse === "closed" || kinds.poll === "closed") repairs.add("idle");
	return [...repairs];
}
