import { stripVTControlCharacters } from "node:util";

const sentences: [RegExp, (...found: string[]) => string][] = [
	[/^added (\d+) packages?/m, (count) => `npm added ${count} packages`],
	[/^up to date, audited (\d+) packages?/m, (count) => `npm found all ${count} packages in place`],
	[/(\d+) modules transformed/, (count) => `Vite transformed ${count} modules`],
	[/Compiled successfully in ([\d.]+ ?m?s)/, (time) => `Compiled in ${time}`],
	[/Generating static pages.*\((\d+\/\d+)\)/, (count) => `Generated pages, ${count}`],
	[/built in ([\d.]+ ?m?s)/, (time) => `The bundle was built in ${time}`],
];

/** The plain sentence that a piece of a command's output is worth, or null. */
export function sentenceFrom(output: string): string | null {
	const text = stripVTControlCharacters(output);
	for (const [pattern, say] of sentences.toReversed()) {
		const found = pattern.exec(text);
		if (found) return say(...found.slice(1));
	}
	return null;
}
