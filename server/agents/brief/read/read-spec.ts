import { type Brief, failed, nameOfBrief, type Outcome, succeeded } from "../../../../lib/protocol/index.ts";
import { applyChange } from "../change.ts";
import { findColours } from "../colour.ts";
import { unicodeWords } from "../pattern.ts";
import type { Kind, Section, SectionKey, Spec } from "../spec.ts";
import type { Words } from "../words/words.ts";
import { wordsOf } from "../words/words-of.ts";
import { findBeyond, findKind, findMissingParts } from "./kind.ts";
import { findLanguage } from "./language.ts";
import { readChanges } from "./read-change.ts";
import { type FoundSections, findSections } from "./sections.ts";

/** What a template is filled with, after all follow-ups. Fails with `brief_unusable`, and `message_not_understood` for a follow-up. */
export function readSpec({ text, messages }: Brief): Outcome<Spec> {
	const first = readBrief(text);
	if (!first.ok) return first;
	let spec = first.value;
	for (const message of messages) {
		const changes = readChanges(message, spec);
		if (!changes.ok) return changes;
		for (const change of changes.value) spec = applyChange(spec, change);
	}
	return succeeded(spec);
}

const templateNames = "a landing page, a portfolio, documentation, a blog, a dashboard, a todo app, a REST API or a waiting list";

function readBrief(text: string): Outcome<Spec> {
	const plain = text.replace(/<(script|style)\b[^>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi, " ").replace(/<[^>]*>/g, " ");
	const name = nameOfBrief(text);
	const { language, instead } = findLanguage(plain);
	const kind = findKind(plain);
	const beyond = findBeyond(plain);
	if (kind === null) return nothingToFill(beyond, instead);
	const words = wordsOf(language);
	const about = sentencesAbout(plain);
	const outside = withoutNames(plain, [name]);
	const { sections, contradicted, refused } = findSections(outside, words);
	const colours = findColours(outside);
	const theme = themeOf(outside);
	const header = colours.find(({ at, text: said }) => isHeader(outside, at, said));
	const accent = colours.find((colour) => colour !== header && colour.hex !== "#ffffff" && colour.hex !== "#111418") ?? header;
	const notes = [
		...kind.others.map(
			(other) => `The brief also speaks of a ${english.kinds[other]}; a template is one thing, so this is the ${english.kinds[kind.kind]}.`,
		),
		...contradicted.map((title) => `The brief wants “${title}” in one place and not in another; it is in.`),
		...findMissingParts(plain).map((what) => `It has no ${what.replace(/^an? /, "")}: a template brings none.`),
		...(beyond === null || kind.kind !== "landing" || findMissingParts(plain).length > 0 ? [] : beyondNote(beyond, plain)),
		...(instead === null
			? []
			: [`The brief seems to be in ${instead}; the template's own words are in English. They know English, German, French and Spanish.`]),
		...(theme.both ? ["The brief wants it light and dark; it follows each visitor's system."] : []),
	];
	return succeeded({
		kind: kind.kind,
		name,
		tagline: taglineOf(plain),
		about,
		language,
		accent: accent?.hex ?? accents[kind.kind],
		header: header?.hex ?? null,
		background: null,
		theme: theme.value,
		sections: withDefaults(
			kind.kind,
			{ sections, refused },
			() => thingsOf(kind.kind === "api" ? "api" : "dashboard", plain, { name, words, language }),
			words,
		),
		email: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/.exec(plain)?.[0] ?? null,
		notes: notes.slice(0, 12),
	});
}

const english = wordsOf("en");

/** Used where no colour is named: a calm one for each kind. */
const accents: Readonly<Record<Kind, string>> = {
	landing: "#0f766e",
	portfolio: "#9d174d",
	docs: "#1d4ed8",
	blog: "#9a3412",
	dashboard: "#4338ca",
	todo: "#166534",
	api: "#0e7490",
	waitlist: "#6d28d9",
};

function nothingToFill(beyond: string | null, instead: string | null): Outcome<never> {
	if (beyond !== null)
		return failed({
			code: "brief_unusable",
			message: `This asks for ${beyond}, and that cannot be made from a template.`,
			action: `What can be made is ${templateNames}: say which, and what it is about.`,
		});
	if (instead !== null)
		return failed({
			code: "brief_unusable",
			message: `The brief seems to be in ${instead}, and nothing in it was understood.`,
			action: `Write it in English, German, French or Spanish, and name what is to be made: ${templateNames}.`,
		});
	return failed({
		code: "brief_unusable",
		message: "The brief does not say what is to be made.",
		action: `Name it: ${templateNames}.`,
	});
}

function beyondNote(beyond: string, text: string): string[] {
	// “A landing page for our iPhone app” wants the page; it is said once, and only where it might be meant otherwise.
	return /\b(?:for|about|für|über|pour|sur|para|sobre)\b/i.test(text) ? [] : [`The brief also asks for ${beyond}; that is not in it.`];
}

function withoutNames(text: string, names: readonly string[]): string {
	return names.reduce((rest, name) => (name.length > 2 ? rest.replaceAll(name, " ".repeat(name.length)) : rest), text);
}

const themeWords = "mode|theme|design|look|style|background|website|page|site|landing|modus|thème|tema|modo";
const darkTheme = unicodeWords(new RegExp(`\\b(?:dark|dunkle[rnsm]?|sombre|oscur[oa])\\b[- ](?:${themeWords})`, "iu"));
const lightTheme = unicodeWords(new RegExp(`\\b(?:light|bright|helle[rnsm]?|clair|clar[oa])\\b[- ](?:${themeWords})`, "iu"));

function themeOf(text: string): { value: Spec["theme"]; both: boolean } {
	const [dark, light] = [darkTheme.test(text), lightTheme.test(text)];
	if (dark && light) return { value: "both", both: true };
	return { value: dark ? "dark" : light ? "light" : "both", both: false };
}

function isHeader(text: string, at: number, said: string): boolean {
	return (
		/^[^.,\n]{0,12}\b(?:header|top bar|kopfzeile|en-tête|encabezado)/iu.test(text.slice(at + said.length, at + said.length + 30)) ||
		/\b(?:header|top bar|kopfzeile|en-tête|encabezado)[^.,\n]{0,12}$/iu.test(text.slice(Math.max(0, at - 30), at))
	);
}

function taglineOf(text: string): string | null {
	const said =
		/(?:tagline|slogan|motto|claim|subtitle|untertitel|sous-titre|lema)(?: is| ist| est| es|:)?\s*(?:["“„«]\s?([^"”“»\n]{3,140})["”“»]|([^.\n]{3,140}))/iu.exec(
			text,
		);
	return (said?.[1] ?? said?.[2])?.trim() ?? null;
}

const speaking =
	/^(?:we|our (?:shop|company|team|studio|restaurant|bakery|café|product|app)|i am|i'm|i have been|wir|unser|ich bin|nous|notre|je suis|somos|nosotros|nuestr[oa]|soy)\b/iu;
const wanting = /\b(?:want|need|would like|möchte[n]?|brauche[n]?|wollen|voulons|voudrais|veux|quiero|queremos|necesit\w+)\b/iu;

/** Sentences in which people speak of themselves: they are about them in their own words. */
function sentencesAbout(text: string): string {
	return text
		.split(/(?<=[.!?])\s+|\n+/)
		.map((sentence) => sentence.trim())
		.filter((sentence) => speaking.test(sentence) && !wanting.test(sentence) && sentence.length > 15)
		.map((sentence) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`))
		.join(" ")
		.slice(0, 600);
}

const usual: Readonly<Record<Kind, readonly SectionKey[]>> = {
	landing: ["features", "contact"],
	portfolio: ["projects", "about", "contact"],
	docs: [],
	blog: [],
	dashboard: [],
	todo: [],
	api: [],
	waitlist: ["steps"],
};

/** What a kind has in any case, unless it is not wanted; figures and entries are `things`. */
function withDefaults(
	kind: Kind,
	{ sections: found, refused }: Pick<FoundSections, "sections" | "refused">,
	things: () => Section[],
	words: Words,
): Section[] {
	if (kind === "todo") return [];
	if (kind === "api" || kind === "dashboard") return things();
	const own = kind === "docs" ? found.filter(({ key }) => key !== "contact") : [...found];
	if (kind === "docs" && own.length === 0) return words.docs.pages.map((title) => ({ key: "other", title, lines: [] }));
	if (kind === "blog" && own.length === 0) return words.blog.posts.map((title) => ({ key: "other", title, lines: [] }));
	const missing = usual[kind].filter((key) => !refused.includes(key) && !own.some((section) => section.key === key));
	const added = missing.map((key): Section => ({ key, title: words.sections[key].title, lines: [] }));
	// A landing page of which the brief says much needs nothing to fill it up.
	const isFull = kind === "landing" && own.filter((one) => one.key !== "contact").length >= 2;
	const before = added.filter(({ key }) => key !== "contact" && !isFull);
	const contact = [...own, ...added].find(({ key }) => key === "contact");
	return [...before, ...own.filter(({ key }) => key !== "contact"), ...(contact && kind !== "blog" ? [contact] : [])];
}

const thingsFollow = unicodeWords(
	/\b(?:for|of|with|show(?:ing|s)?|manag(?:ing|es?)|track(?:ing|s)?|stor(?:ing|es?)|für|von|mit|zeigt|pour|avec|de|para|con)\s+/iu,
	"giu",
);
const thingsEnd = unicodeWords(
	/[.;:!?\n()]|\s(?:in|with|that|which|called|named|for|per|over|on|by|mit|namens|für|von|in|avec|pour|con|para)\s/iu,
);
const article = /^(?:my|our|the|an?|all|meine|unsere|die|den|les|mes|nos|los|las|mis)\s+/iu;
const noThing = unicodeWords(
	/^(?:small|simple|company|shop|business|team|charts?|graphs?|dark|light|it|me|us|validation|tests?|json|rest|api|dashboard|page|crud|operations?|example|name|\p{L}+ (?:mode|theme|header|colou?r))$/iu,
);

/** Figures of a dashboard, or resources of an API: what the brief says it is for. */
function thingsOf(
	kind: "api" | "dashboard",
	text: string,
	{ name, words, language }: { name: string; words: Words; language: Spec["language"] },
): Section[] {
	// German writes every noun like a name.
	const begins = language === "de" ? /^\p{L}/u : /^\p{Ll}/u;
	const lists = [...text.matchAll(thingsFollow)].map(({ 0: said, index }) => {
		const [list = ""] = text.slice(index + said.length, index + said.length + 200).split(thingsEnd);
		return list
			.split(/,\s*|\s+(?:and|und|et|y)\s+/iu)
			.map((thing) => thing.replace(article, "").trim())
			.filter((thing) => begins.test(thing) && thing.length > 2 && thing.split(/\s+/).length <= 2)
			.filter((thing) => !noThing.test(thing) && !(language === "de" && name.includes(thing)) && findColours(thing).length === 0);
	});
	const things = lists.sort((a, b) => b.length - a.length)[0] ?? [];
	const titles = things.length > 0 ? things : kind === "dashboard" ? words.dashboard.metrics : ["items"];
	return [...new Set(titles)]
		.slice(0, 6)
		.map((title) => ({ key: "other", title: kind === "dashboard" ? capital(title) : title.toLowerCase(), lines: [] }));
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
