/** How good a round trip of this length is to work with. */
export type Quality = "good" | "fair" | "poor";

const goodBelowMs = 100;
const fairBelowMs = 300;

/** The quality of a connection by its round trip. */
export function qualityOf(roundTripMs: number): Quality {
	if (roundTripMs < goodBelowMs) return "good";
	return roundTripMs < fairBelowMs ? "fair" : "poor";
}
