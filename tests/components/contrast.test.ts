import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

/** Reads the colours of `app/globals.css` and computes the contrast of every pair that is used, after WCAG 2.2. */

const css = await readFile(new URL("../../app/globals.css", import.meta.url), "utf8");

function tokensOf(selector: string): Record<string, [number, number, number]> {
	const block = css.slice(css.indexOf(`${selector} {`)).split("\n}")[0] ?? "";
	const tokens = block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\);/g);
	return Object.fromEntries([...tokens].map(([, name, l, c, h]) => [name, [Number(l), Number(c), Number(h)]]));
}

/** OKLCH to linear sRGB, by Björn Ottosson's matrices, then relative luminance. */
function luminance([l, c, h]: [number, number, number]): number {
	const [a, b] = [c * Math.cos((h * Math.PI) / 180), c * Math.sin((h * Math.PI) / 180)];
	const [x, y, z] = [
		(l + 0.3963377774 * a + 0.2158037573 * b) ** 3,
		(l - 0.1055613458 * a - 0.0638541728 * b) ** 3,
		(l - 0.0894841775 * a - 1.291485548 * b) ** 3,
	];
	const clamp = (value: number) => Math.min(1, Math.max(0, value));
	const red = clamp(4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z);
	const green = clamp(-1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z);
	const blue = clamp(-0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z);
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const grounds = ["background", "surface", "sunken"];
const inks = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"].map((name) => `ansi-${name}`);
const tones = ["info", "success", "danger", "warning"];
const textPairs = [
	...["foreground", "muted-foreground", ...tones].flatMap((ink) => grounds.map((ground) => [ink, ground])),
	...tones.map((tone) => [tone, `${tone}-soft`]),
	...["log-foreground", "log-muted", "info", ...inks].map((ink) => [ink, "log"]),
	...["log-foreground", "log-muted"].map((ink) => [ink, "log-selected"]),
	["primary-foreground", "primary"],
	["primary-foreground", "primary-hover"],
	["danger-foreground", "danger-solid"],
] as [string, string][];
/** Edges of fields and rings of focus. */
const edgePairs = ["input", "ring"].flatMap((edge) => grounds.map((ground) => [edge, ground])) as [string, string][];

describe.each([":root", ".dark"])("colours of %s", (theme) => {
	const tokens = tokensOf(theme);
	function contrast(first: string, second: string): number {
		const [a, b] = [tokens[first], tokens[second]];
		if (!a || !b) throw new Error(`${first} or ${second} is not defined in ${theme}`);
		const [light, dark] = [luminance(a), luminance(b)].sort((one, other) => other - one) as [number, number];
		return (light + 0.05) / (dark + 0.05);
	}

	it.each(textPairs)("%s on %s can be read", (ink, ground) => expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5));
	it.each(edgePairs)("%s on %s can be seen", (edge, ground) => expect(contrast(edge, ground)).toBeGreaterThanOrEqual(3));
});

describe("the measure itself", () => {
	it("gives white on black 21", () => expect((luminance([1, 0, 0]) + 0.05) / (luminance([0, 0, 0]) + 0.05)).toBeCloseTo(21, 1));
});
