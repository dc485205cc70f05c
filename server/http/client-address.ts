import type { IncomingMessage } from "node:http";

/**
 * Address of the client. `X-Forwarded-For` is believed only as far as the proxies that are trusted wrote it: read from its
 * end, the first address that is not one of theirs.
 */
export function clientAddressOf(request: IncomingMessage, trustedProxies: ReadonlySet<string>): string {
	const forwarded = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
	const hops = [...forwarded.map((hop) => hop.trim()).filter(Boolean), request.socket.remoteAddress ?? "unknown"].map(plain);
	return hops.findLast((hop) => !trustedProxies.has(hop)) ?? hops[0] ?? "unknown";
}

/** An IPv4 address as such, also where the socket speaks IPv6. */
function plain(address: string): string {
	return address.replace(/^::ffff:(?=\d+\.)/i, "").slice(0, 64);
}
