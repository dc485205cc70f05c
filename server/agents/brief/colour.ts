import { unicodeWords } from "./pattern.ts";

/** Colours as `#rrggbb`, and what can be read on them (WCAG 2.2, relative luminance and contrast). */

const named = [
	{
		pattern: /\b(?:dark|navy|deep|dunkel)[- ]?bl(?:ue|au(?:e[rnms]?)?)\b|\bnavy\b|\bbleu (?:foncé|marine)\b|\bazul (?:oscuro|marino)\b/iu,
		hex: "#1e3a8a",
	},
	{ pattern: /\b(?:light|sky|hell)[- ]?bl(?:ue|au(?:e[rnms]?)?)\b|\bbleu clair\b|\bazul claro\b|\bceleste\b/iu, hex: "#38bdf8" },
	{ pattern: /\b(?:dark|forest|dunkel)[- ]?gr(?:een|ün(?:e[rnms]?)?)\b|\bvert foncé\b|\bverde oscuro\b/iu, hex: "#166534" },
	{ pattern: /\b(?:light|hell)[- ]?gr(?:een|ün(?:e[rnms]?)?)\b|\bvert clair\b|\bverde claro\b/iu, hex: "#4ade80" },
	{
		pattern: /\b(?:dark|dunkel)[- ]?r(?:ed|ot(?:e[rnms]?)?)\b|\bcrimson\b|\bburgundy\b|\bbordeaux\b|\brouge foncé\b|\brojo oscuro\b/iu,
		hex: "#991b1b",
	},
	{ pattern: /\bbl(?:ue|au(?:e[rnms]?)?)\b|\bbleue?s?\b|\bazul(?:es)?\b/iu, hex: "#2563eb" },
	{ pattern: /\bgr(?:een|ün(?:e[rnms]?)?)\b|\bverte?s?\b|\bverdes?\b/iu, hex: "#16803c" },
	{ pattern: /\bred\b|\brote?[rnms]?\b|\brouges?\b|\broj[oa]s?\b/iu, hex: "#dc2626" },
	{ pattern: /\borange(?:farben)?s?\b|\bnaranjas?\b/iu, hex: "#ea580c" },
	{ pattern: /\bamber\b|\bgolde?n?\b|\bdorée?\b|\bdorad[oa]\b|\bbernstein\w*\b/iu, hex: "#b45309" },
	{ pattern: /\byellow\b|\bgelbe?[rnms]?\b|\bjaunes?\b|\bamarill[oa]s?\b/iu, hex: "#facc15" },
	{ pattern: /\bpink\b|\brosa\b|\broses?\b|\brosad[oa]\b|\bmagenta\b/iu, hex: "#db2777" },
	{ pattern: /\bpurple\b|\bviolet(?:te?)?s?\b|\bviolette?[rnms]?\b|\blila\b|\bmorad[oa]\b|\bvioleta\b/iu, hex: "#7c3aed" },
	{ pattern: /\bindigo\b/iu, hex: "#4f46e5" },
	{ pattern: /\bteal\b|\bpetrol\b|\bturquoise\b|\btürkis\w*\b|\bturquesa\b|\bcyan\b/iu, hex: "#0f766e" },
	{ pattern: /\bbrown\b|\bbraune?[rnms]?\b|\bmarron\b|\bmarrón\b/iu, hex: "#78350f" },
	{ pattern: /\bbeige\b|\bcream\b|\bcrème\b|\bcrema\b/iu, hex: "#f5e6ca" },
	{ pattern: /\bgr[ae]y\b|\bgraue?[rnms]?\b|\bgris(?:es)?\b|\bsilver\b/iu, hex: "#6b7280" },
	{ pattern: /\bblack\b|\bschwarze?[rnms]?\b|\bnoire?s?\b|\bnegr[oa]s?\b/iu, hex: "#111418" },
	{ pattern: /\bwhite\b|\bweiße?[rnms]?\b|\bblanc(?:he)?s?\b|\bblanc[oa]s?\b/iu, hex: "#ffffff" },
].map(({ pattern, hex }) => ({ pattern: unicodeWords(pattern, "giu"), hex }));

export interface FoundColour {
	hex: string;
	/** As it was said. */
	text: string;
	at: number;
}

/** Colours a text names, in its order: by a name, or as `#rgb` and `#rrggbb`. */
export function findColours(text: string): FoundColour[] {
	const found: FoundColour[] = [];
	for (const match of text.matchAll(/#([0-9a-f]{6}|[0-9a-f]{3})\b/giu)) {
		const digits = match[1] ?? "";
		const long = digits.length === 3 ? [...digits].map((digit) => digit + digit).join("") : digits;
		found.push({ hex: `#${long.toLowerCase()}`, text: match[0], at: match.index });
	}
	for (const { pattern, hex } of named) {
		for (const match of text.matchAll(pattern)) {
			const [from, to] = [match.index, match.index + match[0].length];
			// “dark blue” is one colour, and not blue as well.
			if (!found.some(({ at, text: other }) => from < at + other.length && to > at)) found.push({ hex, text: match[0], at: from });
		}
	}
	return found.sort((a, b) => a.at - b.at);
}

function channels(hex: string): [number, number, number] {
	const value = Number.parseInt(hex.slice(1), 16);
	return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function luminance(hex: string): number {
	const [red, green, blue] = channels(hex).map((channel) => {
		const share = channel / 255;
		return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
	}) as [number, number, number];
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
	const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

/** `share` of the first colour, the rest of the second. */
export function mix(one: string, other: string, share: number): string {
	const [a, b] = [channels(one), channels(other)];
	return `#${a
		.map((channel, index) =>
			Math.round(channel * share + (b[index] ?? 0) * (1 - share))
				.toString(16)
				.padStart(2, "0"),
		)
		.join("")}`;
}

/** White or nearly black, whichever can be read better on this; black where neither can be read well. */
export function inkOn(background: string): string {
	const best = contrast("#ffffff", background) >= contrast("#14171c", background) ? "#ffffff" : "#14171c";
	return contrast(best, background) >= 4.5 ? best : "#000000";
}

/** The colour itself where it can be read on all of these, else the nearest to it that can. */
export function readableOn(colour: string, ...backgrounds: readonly string[]): string {
	const towards = inkOn(backgrounds[0] ?? "#ffffff");
	for (let share = 1; share > 0; share -= 0.05) {
		const mixed = mix(colour, towards, share);
		if (backgrounds.every((background) => contrast(mixed, background) >= 4.6)) return mixed;
	}
	return towards;
}
