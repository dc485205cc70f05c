import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	formatAgo,
	formatBytes,
	formatCount,
	formatDuration,
	formatElapsed,
	formatUsd,
	formatUsual,
	shortSource,
	sourceWords,
} from "#lib/format.ts";

describe("format", () => {
	it.each([
		[0, "< 0.1 s"],
		[49, "< 0.1 s"],
		[50, "0.1 s"],
		[430, "0.4 s"],
		[9_940, "9.9 s"],
		[9_960, "10 s"],
		[59_400, "59 s"],
		[59_600, "1 min 00 s"],
		[72_000, "1 min 12 s"],
		[7_500_000, "2 h 05 min"],
	])("writes a duration of %d ms", (ms, text) => expect(formatDuration(ms)).toBe(text));

	it.each([
		[0, "$0.00"],
		[0.0004, "< $0.01"],
		[0.0149, "$0.01"],
		[1.999, "$2.00"],
		[1214.5, "$1,214.50"],
	])("writes an amount of %d dollars", (usd, text) => expect(formatUsd(usd)).toBe(text));

	it.each([
		[-5_000, "0 s"],
		[59_999, "59 s"],
		[60_000, "1 min 00 s"],
		[3_599_999, "59 min 59 s"],
		[3_600_000, "1 h 00 min"],
	])("counts a running time of %d ms in whole seconds", (ms, text) => expect(formatElapsed(ms)).toBe(text));

	it.each([
		[2_000, "just now"],
		[45_000, "45 s ago"],
		[200_000, "3 min ago"],
		[7_200_000, "2 h ago"],
		[90_000_000, "yesterday"],
		[270_000_000, "3 days ago"],
	])("says how long ago %d ms is", (ms, text) => expect(formatAgo(ms)).toBe(text));

	it.each([
		[0, "0 B"],
		[999, "999 B"],
		[1_000, "1.0 kB"],
		[99_950, "100 kB"],
		[3_140_000, "3.1 MB"],
		[999_500_000, "1.0 GB"],
	])("writes %d bytes", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

	it("never writes a number of bytes with more than three digits before the unit", () => {
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 900_000_000_000_000 }), (bytes) => {
				expect(formatBytes(bytes)).toMatch(/^\d{1,3}(\.\d)? (B|kB|MB|GB|TB)$/);
			}),
		);
	});

	it("counts with the right noun", () => {
		expect([formatCount(1, "file"), formatCount(0, "file"), formatCount(12_345, "file")]).toEqual(["1 file", "0 files", "12,345 files"]);
	});

	it("makes no estimate from fewer than three runs, and a range from more", () => {
		expect(formatUsual([30_000, 40_000])).toBeNull();
		expect(formatUsual([31_200, 39_100, 35_000])).toBe("usually 31–40 s");
		expect(formatUsual([70_000, 75_000, 80_000])).toBe("usually 1 min 10 s to 1 min 20 s");
	});

	it.each([
		["https://github.com/acme/web-shop.git", "github.com/acme/web-shop"],
		["ssh://git@host.example:2222/acme/shop.git/", "host.example:2222/acme/shop"],
		["git@github.com:acme/shop.git", "git@github.com:acme/shop"],
	])("shortens %s", (url, text) => expect(shortSource(url)).toBe(text));

	it("says in words where what has no address came from", () => {
		expect(["brief:Sunrise", "upload:site", "https://github.com/acme/shop.git"].map(sourceWords)).toEqual([
			"Made from a brief",
			"A folder that was sent",
			"github.com/acme/shop",
		]);
	});
});
