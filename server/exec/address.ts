import { BlockList, isIP, isIPv6 } from "node:net";

/** Ranges nobody on the public internet owns, with the words people are shown (IANA special-purpose registries). */
const closedRanges4: readonly (readonly [string, number, string])[] = [
	["0.0.0.0", 8, "this machine"],
	["10.0.0.0", 8, "private network"],
	["100.64.0.0", 10, "carrier network"],
	["127.0.0.0", 8, "loopback"],
	["169.254.0.0", 16, "link-local or metadata"],
	["172.16.0.0", 12, "private network"],
	["192.0.0.0", 24, "reserved"],
	["192.88.99.0", 24, "reserved"],
	["192.168.0.0", 16, "private network"],
	["198.18.0.0", 15, "private network"],
	["224.0.0.0", 4, "multicast"],
	["240.0.0.0", 4, "reserved"],
];

const closedRanges6: readonly (readonly [string, number, string])[] = [
	["::", 96, "this machine"],
	["64:ff9b:1::", 48, "private network"],
	["100::", 64, "discard"],
	["2001::", 32, "tunnel"],
	["fc00::", 7, "private network"],
	["fe80::", 10, "link-local"],
	["fec0::", 10, "private network"],
	["ff00::", 8, "multicast"],
];

const rules = [...closedRanges4.map((range) => rule(range, "ipv4")), ...closedRanges6.map((range) => rule(range, "ipv6")), ...embedded()];

/**
 * Says why an IP address is not a public one ("loopback", "private network", …), or null when it is. Documentation ranges
 * (192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32) lead into nobody's private network and count as public.
 * A value that is no address at all is refused, too.
 */
export function closedAddress(address: string): string | null {
	const bare = address.split("%", 1)[0] ?? "";
	if (isIP(bare) === 0) return "not an address";
	const family = isIPv6(bare) ? "ipv6" : "ipv4";
	return rules.find(({ list }) => list.check(bare, family))?.reason ?? null;
}

function rule([address, prefix, reason]: readonly [string, number, string], family: "ipv4" | "ipv6") {
	const list = new BlockList();
	list.addSubnet(address, prefix, family);
	return { list, reason };
}

/** The same IPv4 ranges as they appear inside IPv6: mapped, translated by NAT64 (RFC 6052), and 6to4 (RFC 3056). */
function embedded() {
	return closedRanges4.flatMap(([address, prefix, reason]) => {
		const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
		const high = ((a << 8) | b).toString(16);
		const low = ((c << 8) | d).toString(16);
		return [
			rule([`::ffff:${high}:${low}`, 96 + prefix, reason], "ipv6"),
			rule([`64:ff9b::${high}:${low}`, 96 + prefix, reason], "ipv6"),
			rule([`2002:${high}:${low}::`, 16 + prefix, reason], "ipv6"),
		];
	});
}
