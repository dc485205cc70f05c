/**
 * Between a Latin letter, accents included, and something that is none; `\b` knows ASCII letters only. Not `\p{L}`: with the flag
 * `i` a class of all letters takes milliseconds to compile, and there are dozens of these.
 */
const edge = String.raw`(?:(?<=[\w\u00c0-\u024f])(?![\w\u00c0-\u024f])|(?<![\w\u00c0-\u024f])(?=[\w\u00c0-\u024f]))`;

/** The same pattern, in which `\b` is an edge of a word in any language. */
export function unicodeWords(pattern: RegExp, flags = "iu"): RegExp {
	return new RegExp(pattern.source.replaceAll(String.raw`\b`, edge), flags);
}

/** All patterns of a table, the same way. */
export function unicodeTable<K extends string>(table: Readonly<Record<K, RegExp>>): Record<K, RegExp> {
	return Object.fromEntries(Object.entries<RegExp>(table).map(([key, pattern]) => [key, unicodeWords(pattern)])) as Record<K, RegExp>;
}
