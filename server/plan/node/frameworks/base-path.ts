import { lineOf } from "../../provider.ts";
import { type ConfigText, literalOf } from "../config-text.ts";
import type { Shape } from "../shape.ts";

/** The path of its host a site is built for, when it is not the root, as its configuration says. */
export function basePathOf(config: ConfigText | null, key = "base"): string | null {
	const base = config === null ? null : literalOf(config.text, key);
	return base?.startsWith("/") && base !== "/" ? base : null;
}

/**
 * A preview is at the root of its host; a site configured for a folder (as for GitHub Pages) would not find its files. Where the build
 * is this program alone, an argument sets that right.
 */
export function builtForRoot(
	base: string | null,
	program: string,
	script: string,
	config: ConfigText | null,
): { args: string[] } & Pick<Shape, "warnings" | "evidence"> {
	if (base === null || config === null) return { args: [], warnings: [], evidence: [] };
	const evidence = [{ file: config.file, line: lineOf(config.text, base), means: `Is configured for the path ${base}` }];
	const ends = script === "" || new RegExp(`(?:^|&& *)${RegExp.escape(program)}(?: [\\w@=./-]+)*$`).test(script);
	if (ends) return { args: ["--base=/"], evidence, warnings: [`${config.file} sets the path ${base}; the site is built for / instead.`] };
	return { args: [], evidence, warnings: [`${config.file} sets the path ${base}: at the root of a preview, files may be missing.`] };
}
