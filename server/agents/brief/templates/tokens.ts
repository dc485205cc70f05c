import { contrast, inkOn, mix, readableOn } from "../colour.ts";
import type { Spec } from "../spec.ts";

/** The colours of a page on one background, all of them readable on it. */
function tokensOn(background: string, { accent, header }: Pick<Spec, "accent" | "header">): string {
	const ink = inkOn(background);
	const card = mix(ink, background, 0.04);
	const softer = mix(ink, background, 0.68);
	const top = header ?? background;
	// An accent like its background would be no accent.
	const paint = contrast(accent, background) < 1.4 ? mix(accent, ink, 0.7) : accent;
	const values: Record<string, string> = {
		background,
		ink,
		muted: contrast(softer, card) >= 4.6 && contrast(softer, background) >= 4.6 ? softer : ink,
		card,
		line: mix(ink, background, 0.16),
		field: mix(ink, background, 0.55),
		accent: paint,
		"on-accent": inkOn(paint),
		link: readableOn(accent, background, card),
		soft: mix(paint, background, 0.12),
		header: top,
		"on-header": inkOn(top),
		danger: readableOn("#dc2626", background, card),
		good: readableOn("#15803d", background, card),
	};
	return Object.entries(values)
		.map(([name, value]) => `\t--${name}: ${value};`)
		.join("\n");
}

/** The variables at the head of a stylesheet: for both themes, or for the one that was asked for. */
export function tokens(spec: Spec): string {
	const light = tokensOn(spec.background ?? "#ffffff", spec);
	const dark = tokensOn(spec.background ?? "#12151a", spec);
	if (spec.theme !== "both") return `:root {\n\tcolor-scheme: ${spec.theme};\n${spec.theme === "dark" ? dark : light}\n}\n`;
	const nested = dark.replace(/^\t/gm, "\t\t");
	return `:root {\n\tcolor-scheme: light dark;\n${light}\n}\n\n@media (prefers-color-scheme: dark) {\n\t:root {\n${nested}\n\t}\n}\n`;
}
