import { expect, test } from "vitest";
import { recallPaused, rememberPaused } from "#lib/live/memory.ts";
import { qualityOf } from "#lib/live/quality.ts";

test.each([
	[0, "good"],
	[99, "good"],
	[100, "fair"],
	[299, "fair"],
	[300, "poor"],
] as const)("a round trip of %i ms is %s (R125)", (roundTripMs, quality) => {
	expect(qualityOf(roundTripMs)).toBe(quality);
});

test("the wish for no live updates is kept, and a browser without storage has none (R118)", () => {
	const kept = new Map<string, string>();
	const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
	expect(recallPaused(storage)).toBe(false);
	rememberPaused(storage, true);
	expect(recallPaused(storage)).toBe(true);
	rememberPaused(storage, false);
	expect(recallPaused(storage)).toBe(false);

	const forbidden = () => {
		throw new Error("denied");
	};
	expect(() => rememberPaused({ getItem: forbidden, setItem: forbidden }, true)).not.toThrow();
	expect(recallPaused({ getItem: forbidden, setItem: forbidden })).toBe(false);
});
