import { readFile } from "node:fs/promises";
import { twMerge } from "tailwind-merge";
import { expect, it } from "vitest";
import { mergeClasses } from "#components/ui/merge-classes.ts";
import { sourceFiles } from "../../scripts/source-files.mjs";

/** Every word of every string of the pages that is a class of a kind we list, by its variant ("md:"): only those can meet. */
async function classesOfPages(): Promise<string[][]> {
	const words = new Set<string>();
	for (const path of await sourceFiles()) {
		// The list itself holds names of kinds.
		if (!/^(?:components|app)\/.*\.tsx?$/.test(path) || path.endsWith("merge-classes.ts")) continue;
		for (const [, string = ""] of (await readFile(path, "utf8")).matchAll(/["`]([^"`\n]*)["`]/g))
			for (const word of string.split(/\s+/)) if (/^[a-z[*-][^A-Z$<>=;{}]*$/.test(word)) words.add(word);
	}
	const known = [...words].filter((word) => twMerge(`${word} ${word}`) === word && mergeClasses(`${word} ${word}`) === word);
	const variantOf = (name: string) => name.slice(0, name.lastIndexOf(":", name.includes("[") ? name.indexOf("[") : undefined) + 1);
	return [...Map.groupBy(known, variantOf).values()];
}

it("merges every two classes of the pages as the library's own list does", { timeout: 60_000 }, async () => {
	const groups = await classesOfPages();
	expect(groups.flat().length).toBeGreaterThan(300);
	const different: string[] = [];
	for (const same of groups)
		for (const one of same)
			for (const other of same)
				if (one !== other && mergeClasses(`${one} ${other}`) !== twMerge(`${one} ${other}`)) different.push(`${one} ${other}`);
	expect(different).toEqual([]);
});
