/**
 * Why a client came over the transport it came over, told as `?via=` of the address where it is not its first choice:
 * `refused` the better one was refused or ended before `hello` · `silent` it said nothing in time · `dying` it was lost soon after
 * `hello`, again and again · `mute` it spoke and then held frames back · `remembered` one of these, found out before ·
 * `hidden` the page was hidden for long and is seen again · `returning` it tries the better one again.
 */
export const transportReasons = ["refused", "silent", "dying", "mute", "remembered", "hidden", "returning"] as const;
export type TransportReason = (typeof transportReasons)[number];

/** The name of the parameter. */
export const viaParameter = "via";

/** What a client said about it: null for nothing, `other` for a word this version does not know. */
export function readTransportReason(value: string | null): TransportReason | "other" | null {
	if (value === null || value === "") return null;
	return transportReasons.find((reason) => reason === value) ?? "other";
}
