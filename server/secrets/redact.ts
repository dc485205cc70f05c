import { needlesOf } from "./needles.ts";

export const redactionMark = "[hidden]";

/** Hides secrets in text that arrives in chunks. What might turn out to be part of a secret is held back until the next chunk. */
export interface Redactor {
	/** The text that is safe to show so far; the rest follows with a later `push` or with `flush`. */
	push(chunk: string): string;
	/** The rest, at the end of the text. */
	flush(): string;
	/** Hides secrets in a text that is whole. */
	redact(text: string): string;
}

/**
 * Keys by which a secret is known without being told: passwords in URLs, tokens of git hosts, model providers, clouds and
 * registries. None contains white space or is longer than `maxRunLength`, which the streaming relies on.
 */
const patterns = [
	/(?<=:\/\/)[^\s/?#@:]{0,256}:[^\s/?#@]{1,1024}(?=@)/g,
	/(?<=:\/\/)[^\s/?#@:]{20,1024}(?=@)/g,
	/\b(?:gh[pousr]_[A-Za-z0-9]{10,255}|github_pat_[A-Za-z0-9_]{20,255}|gl(?:pat|dt|ptt|rt)-[\w-]{16,255})/g,
	/\b(?:sk-(?=\D{0,254}\d)[\w-]{16,255}|[srp]k_(?:live|test)_\w{16,255}|xox[abeprs]-[\w-]{10,255}|npm_[A-Za-z0-9]{30,255}|AIza[\w-]{30,255}|A(?:KI|SI)A[A-Z0-9]{16}|qsh?_[\w-]{32,255})/g,
	/\beyJ[\w-]{10,4000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}/g,
];
const maxRunLength = 16 * 1024;

/** A redactor for these values (6 characters or more count), in every spelling they may take, and for keys known by their form. */
export function createRedactor(values: Iterable<string>): Redactor {
	const needles = needlesOf(values);
	const longest = needles.reduce((length, needle) => Math.max(length, needle.length), 0);
	const byFirst = Map.groupBy(needles, (needle) => needle.charAt(0));
	let held = "";
	/** Characters at the start of `held` that belong to a secret whose mark was already given out. */
	let covered = 0;

	/** Gives out `text` up to `end`. A secret that reaches over it gets its mark now and is remembered. */
	function emit(end: number): string {
		if (end === 0) return "";
		let out = "";
		let at = covered;
		let reach = covered;
		for (const [from, to] of secretRanges(held, needles)) {
			if (from >= end) break;
			if (from >= reach) out += held.slice(at, from) + redactionMark;
			reach = Math.max(reach, to);
			at = reach;
		}
		if (at < end) out += held.slice(at, end);
		covered = Math.max(0, reach - end);
		held = held.slice(end);
		return out;
	}

	return {
		push(chunk) {
			held += chunk;
			return emit(safeEnd(held, byFirst, longest));
		},
		flush: () => emit(held.length),
		redact(text) {
			let out = "";
			let at = 0;
			for (const [from, to] of secretRanges(text, needles)) {
				if (from >= at) out += text.slice(at, from) + redactionMark;
				at = Math.max(at, to);
			}
			return out + text.slice(at);
		},
	};
}

type Needles = ReadonlyMap<string, readonly string[]>;
type Range = readonly [from: number, to: number];

/** Where secrets are in the text, in order of their beginning; they may overlap. */
function secretRanges(text: string, needles: readonly string[]): Range[] {
	const ranges: Range[] = [];
	for (const needle of needles) {
		for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) ranges.push([at, at + needle.length]);
	}
	for (const pattern of patterns) {
		for (const match of text.matchAll(pattern)) ranges.push([match.index, match.index + match[0].length]);
	}
	return ranges.sort((a, b) => a[0] - b[0]);
}

/**
 * How much of the text cannot be changed by what follows. Keys known by their form have no white space, so the last word is
 * held back; so is a tail that begins one of the given values, together with the word it begins in. Past a bound, text that
 * has no white space for so long is given out all but its end.
 */
function safeEnd(text: string, byFirst: Needles, longest: number): number {
	const end = startOfWord(text, Math.min(text.length, startOfNeedle(text, byFirst, longest)));
	return Math.max(end, text.length - maxRunLength - longest, 0);
}

function startOfWord(text: string, at: number): number {
	let start = at;
	while (start > 0 && !/\s/.test(text.charAt(start - 1))) start--;
	return start;
}

/** Where the longest tail of the text begins that is the beginning of a needle. */
function startOfNeedle(text: string, byFirst: Needles, longest: number): number {
	for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
		const tail = text.length - at;
		if (byFirst.get(text.charAt(at))?.some((needle) => needle.length > tail && needle.startsWith(text.slice(at)))) return at;
	}
	return text.length;
}
