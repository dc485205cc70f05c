import { stripVTControlCharacters } from "node:util";

const sentences: [RegExp, (...found: string[]) => string][] = [
	[/^added (\d+) packages?/m, (count) => `npm added ${count} packages`],
	[/^up to date, audited (\d+) packages?/m, (count) => `npm found all ${count} packages in place`],
	[/(\d+) modules transformed/, (count) => `Vite transformed ${count} modules`],
	[/Compiled successfully in ([\d.]+ ?m?s)/, (time) => `Compiled in ${time}`],
	[/Generating static pages.*\((\d+\/\d+)\)/, (count) => `Generated pages, ${count}`],
	[/Progress: resolved (\d+), reused \d+, downloaded \d+, added (\d+)/, (all, added) => `pnpm added ${added} of ${all} packages`],
	[/^\[(\d)\/(\d)\] (Resolving|Fetching|Linking|Building) /m, (step, all, what) => `Yarn: ${what.toLowerCase()}, step ${step} of ${all}`],
	[/YN0000: ┌ (Resolution|Fetch|Link) step/, (step) => `Yarn: ${step.toLowerCase()} step`],
	[/^Collecting ([\w.[\]-]+)/m, (name) => `pip collects ${name}`],
	[/^Successfully installed (.+)$/m, (names) => `pip installed ${names.trim().split(/\s+/).length} packages`],
	[/^go: downloading (\S+) /m, (module) => `Go fetches ${module}`],
	[/^\s*Compiling (\S+) v[\d.]+/m, (crate) => `Cargo compiles ${crate}`],
	[/^\s*- Installing (\S+\/\S+) /m, (name) => `Composer installs ${name}`],
	[/^(?:Installing|Fetching) (\S+) \d[\w.]*$/m, (gem) => `Bundler installs ${gem}`],
	[/^Bundle complete! .*?(\d+) gems now installed/m, (count) => `Bundler installed ${count} gems`],
	[/built in ([\d.]+ ?m?s)/, (time) => `The bundle was built in ${time}`],
];

/** Figures of a command that say how far it is: what is done, and of how much. */
const shares: [RegExp, (...found: string[]) => [done: string, all: string]][] = [
	[/Generating static pages.*\((\d+)\/(\d+)\)/, (done, all) => [done, all]],
	[/Progress: resolved (\d+), reused \d+, downloaded \d+, added (\d+)/, (all, added) => [added, all]],
	[/^\[(\d)\/(\d)\] (?:Resolving|Fetching|Linking|Building) /m, (step, all) => [step, all]],
];

/** How far a command is by its own figures, from 0 to 1; null where its output has none. */
export function shareFrom(output: string): number | null {
	const text = stripVTControlCharacters(output);
	for (const [pattern, read] of shares) {
		const found = [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].at(-1);
		if (!found) continue;
		const [done, all] = read(...found.slice(1)).map(Number);
		if (done !== undefined && all !== undefined && all > 0) return Math.min(1, done / all);
	}
	return null;
}

/** The plain sentence that a piece of a command's output is worth, or null. */
export function sentenceFrom(output: string): string | null {
	const text = stripVTControlCharacters(output);
	for (const [pattern, say] of sentences.toReversed()) {
		const found = pattern.exec(text);
		if (found) return say(...found.slice(1));
	}
	return null;
}
