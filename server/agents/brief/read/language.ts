import { unicodeTable } from "../pattern.ts";
import type { Language } from "../spec.ts";

const common: Readonly<Record<string, readonly string[]>> = {
	en: [
		"the",
		"and",
		"a",
		"an",
		"with",
		"for",
		"my",
		"our",
		"of",
		"to",
		"create",
		"make",
		"build",
		"page",
		"please",
		"that",
		"is",
		"it",
		"want",
		"called",
		"website",
	],
	de: [
		"der",
		"die",
		"das",
		"und",
		"mit",
		"für",
		"eine",
		"einen",
		"ein",
		"meine",
		"meinen",
		"unsere",
		"erstelle",
		"mache",
		"bitte",
		"ist",
		"ich",
		"wir",
		"seite",
		"namens",
		"über",
		"den",
		"dem",
	],
	fr: [
		"le",
		"la",
		"les",
		"et",
		"avec",
		"pour",
		"une",
		"un",
		"mon",
		"ma",
		"notre",
		"des",
		"du",
		"crée",
		"créer",
		"créez",
		"page",
		"je",
		"qui",
		"veux",
		"nous",
		"faire",
		"fais",
	],
	es: [
		"el",
		"la",
		"los",
		"y",
		"con",
		"para",
		"una",
		"un",
		"mi",
		"nuestra",
		"nuestro",
		"crea",
		"crear",
		"quiero",
		"página",
		"que",
		"del",
		"necesito",
		"haz",
		"las",
	],
	it: ["il", "lo", "gli", "e", "con", "per", "una", "un", "mio", "mia", "nostro", "crea", "della", "voglio", "che", "pagina", "di"],
	pt: ["o", "os", "e", "com", "para", "uma", "um", "meu", "minha", "nosso", "crie", "quero", "que", "página", "do", "da"],
	nl: ["de", "het", "en", "met", "voor", "een", "mijn", "onze", "maak", "pagina", "van", "ik", "wil"],
	pl: ["i", "z", "dla", "na", "moja", "strona", "stwórz", "chcę", "jest", "do"],
};

const scripts: readonly { pattern: RegExp; name: string }[] = [
	{ pattern: /[\p{Script=Hiragana}\p{Script=Katakana}]/u, name: "Japanese" },
	{ pattern: /\p{Script=Hangul}/u, name: "Korean" },
	{ pattern: /\p{Script=Han}/u, name: "Chinese" },
	{ pattern: /\p{Script=Cyrillic}/u, name: "Russian or a language written like it" },
	{ pattern: /\p{Script=Arabic}/u, name: "Arabic or a language written like it" },
	{ pattern: /\p{Script=Hebrew}/u, name: "Hebrew" },
	{ pattern: /\p{Script=Greek}/u, name: "Greek" },
	{ pattern: /\p{Script=Devanagari}/u, name: "Hindi or a language written like it" },
	{ pattern: /\p{Script=Thai}/u, name: "Thai" },
];

const foreign: Readonly<Record<string, string>> = { it: "Italian", pt: "Portuguese", nl: "Dutch", pl: "Polish" };

export interface FoundLanguage {
	/** One the templates have words in. */
	language: Language;
	/** Name of the language the brief is written in, where the templates have no words in it. */
	instead: string | null;
}

/** The language of a text by its letters and its most frequent words. */
export function findLanguage(text: string): FoundLanguage {
	const asked = askedLanguage(text);
	if (asked) return { language: asked, instead: null };
	const letters = text.replace(/\P{L}/gu, "");
	for (const { pattern, name } of scripts) {
		const own = letters.match(new RegExp(pattern.source, "gu"))?.length ?? 0;
		if (own > letters.length / 3) return { language: "en", instead: name };
	}
	const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
	const scores = Object.entries(common)
		.map(([language, list]) => ({ language, score: words.filter((word) => list.includes(word)).length }))
		.sort((a, b) => b.score - a.score);
	const best = scores[0];
	if (!best || best.score === 0) return { language: "en", instead: null };
	// Where two are as likely, the one the templates speak.
	const known = scores.find(({ language, score }) => score === best.score && language in names);
	if (known) return { language: known.language as Language, instead: null };
	return { language: "en", instead: foreign[best.language] ?? null };
}

const names = unicodeTable<Language>({
	en: /\b(?:in|auf|en|to|into) (?:english|englisch|anglais|inglés)\b/iu,
	de: /\b(?:in|auf|en|to|into) (?:german|deutsch|allemand|alemán)\b/iu,
	fr: /\b(?:in|auf|en|to|into) (?:french|französisch|français|francés)\b/iu,
	es: /\b(?:in|auf|en|to|into) (?:spanish|spanisch|espagnol|español)\b/iu,
});

/** The language that is asked for by its name; null when none is. */
export function askedLanguage(text: string): Language | null {
	return (Object.entries(names) as [Language, RegExp][]).find(([, pattern]) => pattern.test(text))?.[0] ?? null;
}
