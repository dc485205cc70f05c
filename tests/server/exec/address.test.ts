import { expect, test } from "vitest";
import { closedAddress } from "#server/exec/address.ts";

const closed = [
	["0.0.0.0", "this machine"],
	["0.255.255.255", "this machine"],
	["10.0.0.1", "private network"],
	["100.64.0.1", "carrier network"],
	["100.127.255.255", "carrier network"],
	["127.0.0.1", "loopback"],
	["127.255.255.254", "loopback"],
	["169.254.169.254", "link-local or metadata"],
	["172.16.0.1", "private network"],
	["172.31.255.255", "private network"],
	["192.0.0.8", "reserved"],
	["192.168.1.1", "private network"],
	["198.18.0.1", "private network"],
	["198.19.255.255", "private network"],
	["224.0.0.1", "multicast"],
	["255.255.255.255", "reserved"],
	["::", "this machine"],
	["::1", "this machine"],
	["::7f00:1", "this machine"],
	["::ffff:127.0.0.1", "loopback"],
	["::ffff:a9fe:a9fe", "link-local or metadata"],
	["64:ff9b::10.1.2.3", "private network"],
	["64:ff9b:1::1", "private network"],
	["2002:c0a8:101::1", "private network"],
	["2001:0:4136:e378::1", "tunnel"],
	["fc00::1", "private network"],
	["fdff::1", "private network"],
	["fe80::1", "link-local"],
	["fe80::1%eth0", "link-local"],
	["ff02::1", "multicast"],
	["localhost", "not an address"],
	["127.1", "not an address"],
	["", "not an address"],
];

test.each(closed)("%s is closed: %s", (address, reason) => {
	expect(closedAddress(address)).toBe(reason);
});

const open = [
	"1.1.1.1",
	"8.8.8.8",
	"9.255.255.255",
	"11.0.0.0",
	"100.63.255.255",
	"100.128.0.0",
	"169.253.255.255",
	"172.15.255.255",
	"172.32.0.0",
	"192.0.2.1",
	"192.167.255.255",
	"198.20.0.0",
	"198.51.100.7",
	"203.0.113.80",
	"223.255.255.255",
	"::ffff:8.8.8.8",
	"64:ff9b::8.8.8.8",
	"2002:808:808::1",
	"2001:4860:4860::8888",
	"2606:4700::1111",
	"2001:db8::1",
];

test.each(open)("%s is open", (address) => {
	expect(closedAddress(address)).toBeNull();
});
