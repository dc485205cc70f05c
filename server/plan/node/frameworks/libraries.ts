import type { NodeApp } from "../app.ts";

const libraries: readonly [string, string][] = [
	["preact", "Preact"],
	["react", "React"],
	["vue", "Vue"],
	["svelte", "Svelte"],
	["solid-js", "Solid"],
	["lit", "Lit"],
];

/** What a bundler bundles, as people call it; null where it is none of the known. */
export function libraryName(app: NodeApp): string | null {
	return libraries.find(([dependency]) => app.manifest.has(dependency))?.[1] ?? null;
}
