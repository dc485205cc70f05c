import { unicodeTable, unicodeWords } from "../pattern.ts";
import { type Section, type SectionKey, sectionKeys } from "../spec.ts";
import type { Words } from "../words/words.ts";

/** How each section is called in the languages the templates read. */
const patterns = unicodeTable<SectionKey>({
	features:
		/\b(?:features?|benefits|advantages|services?|offers?|vorteile|funktionen|leistungen|angebote?|fonctionnalités|avantages|services|servicios|ventajas|características)\b/iu,
	prices: /\b(?:pric(?:es?|ing)(?: (?:list|table|plans))?|rates|tariffs|preis(?:e|en|liste)|tarife?s?|prix|precios?|tarifas?)\b/iu,
	about:
		/\babout(?: (?:us|me|page|section))\b|\b(?:our|my) story\b|\büber (?:uns|mich)\b|\bà propos\b|\bqui sommes-nous\b|\bquiénes somos\b|\bsobre (?:nosotros|mí)\b/iu,
	team: /\b(?:team|staff|employees|mannschaft|équipe|equipo)\b/iu,
	testimonials:
		/\b(?:testimonials?|reviews?|customer (?:voices|quotes)|kundenstimmen|bewertungen|témoignages|avis|testimonios|opiniones|reseñas)\b/iu,
	faq: /\b(?:faqs?|questions(?: and answers)?|(?:häufige )?fragen|foire aux questions|preguntas(?: frecuentes)?)\b/iu,
	gallery: /\b(?:galler(?:y|ies)|photos?|pictures|galerie|bilder|fotos|galería|galerie photo)\b/iu,
	hours: /\b(?:(?:opening|business) (?:hours|times)|öffnungszeiten|horaires(?: d['’]ouverture)?|horarios?)\b/iu,
	location: /\b(?:location|address|directions|map|anfahrt|adresse|standort|lageplan|emplacement|ubicación|dirección|mapa)\b/iu,
	steps:
		/\bhow it works\b|\bso funktioniert(?:'s| es)?\b|\bablauf\b|\bcomment ça marche\b|\bcómo funciona\b|\b(?:three|3|four|4) steps\b/iu,
	projects:
		/\b(?:(?:selected |past |my )?(?:projects|works?\b(?= (?:section|samples|examples))|case studies)|projekte|arbeiten|projets|travaux|proyectos|trabajos)\b/iu,
	skills: /\b(?:skills|fähigkeiten|kenntnisse|compétences|habilidades)\b/iu,
	menu: /\b(?:(?:food |lunch |drinks? )?menu(?! bar)|speisekarte|menükarte|menú)\b/iu,
	events: /\b(?:events?|dates|termine|veranstaltungen|événements|eventos|concerts?|konzerte)\b/iu,
	contact:
		/\b(?:contact(?: form)?|(?:sign-?up |enquiry |inquiry |validated )?form|kontakt(?:formular)?|formular|formulaire(?: de contact)?|contacto|formulario(?: de contacto)?)\b/iu,
});

/** The same patterns, for all places. */
const everywhere = Object.fromEntries(
	Object.entries(patterns).map(([key, pattern]) => [key, new RegExp(pattern.source, "giu")]),
) as typeof patterns;

const not = unicodeWords(
	/(?:\b(?:without|no|not|leave out|except|skip|ohne|kein(?:e[nr]?)?|nicht|sans|pas de|sin|ningun[oa]?)\s+(?:[^\s.,;]+\s+){0,2})$/iu,
);
const itemEnd = /\s*(?:[;\n]|,(?!\d)|\s(?:and|und|et|y)\s)\s*/iu;
const maxSections = 12;
const maxLines = 12;

export interface FoundSections {
	sections: Section[];
	/** Wanted by one sentence and not by another. */
	contradicted: string[];
	refused: SectionKey[];
}

/** The sections a brief speaks of, in its order, with what it says belongs there. */
export function findSections(text: string, words: Words): FoundSections {
	const found: { at: number; section: Section }[] = [];
	const [contradicted, refused]: [string[], SectionKey[]] = [[], []];
	for (const key of sectionKeys) {
		const mentions = [...text.matchAll(everywhere[key])];
		const wanted = mentions.filter(({ index }) => !not.test(text.slice(Math.max(0, index - 40), index)));
		const { title } = words.sections[key];
		if (mentions.length > wanted.length) {
			if (wanted.length > 0) contradicted.push(title);
			else refused.push(key);
		}
		const [first] = wanted;
		if (!first) continue;
		const lines = wanted.map(({ 0: said, index }) => ownLines(text.slice(index + said.length))).find((some) => some.length > 0) ?? [];
		found.push({ at: first.index, section: { key, title, lines } });
	}
	for (const { at, title } of namedSections(text)) {
		if (keyOf(title) === null && !found.some(({ section }) => sameTitle(section.title, title)))
			found.push({ at, section: { key: "other", title, lines: ownLines(text.slice(at + title.length)) } });
	}
	const sections = found.sort((a, b) => a.at - b.at).map(({ section }) => section);
	return { sections: sections.slice(0, maxSections), contradicted, refused };
}

/** Its lines, up to the one that begins with another section. */
function ownLines(rest: string): string[] {
	const lines = linesAfter(rest);
	const next = lines.findIndex((line) => {
		const begins = Object.values(patterns).some((pattern) => (pattern.exec(line)?.index ?? 9) < 5);
		return begins && (!/[\d?]/.test(line) || /^[^?]{3,30}:\s/.test(line));
	});
	return next < 0 ? lines : lines.slice(0, next);
}

/** The section that people mean by these words; null for one of their own. */
export function keyOf(title: string): SectionKey | null {
	const hit = (Object.entries(patterns) as [SectionKey, RegExp][]).find(([, pattern]) => {
		const said = pattern.exec(title)?.[0] ?? "";
		return said.length > 0 && said.length >= title.trim().length * 0.6;
	});
	return hit?.[0] ?? (/^about$/i.test(title.trim()) ? "about" : null);
}

export function sameTitle(one: string, other: string): boolean {
	const plain = (title: string) =>
		title
			.toLowerCase()
			.replace(/[^\p{L}\p{N}]+/gu, " ")
			.trim();
	return plain(one) === plain(other);
}

const namedList = unicodeWords(
	/\b(?:sections?|pages|chapters?|parts?|abschnitte?n?|seiten|bereiche?|kapitel|sections?|secciones|sección|capítulos?)\s*(?::|\((?=[^)]*,)|\b(?:about|on|called|named|über|zu|namens|sur|sobre|appelées?|llamadas?)\b)\s*([^.\n()]{2,200})/giu,
	"giu",
);

/** "sections: A, B and C", "a section about X", "pages called X and Y" */
function namedSections(text: string): { at: number; title: string }[] {
	const lists = text.matchAll(namedList);
	return [...lists].flatMap(({ 0: whole, 1: list = "", index }) => {
		const from = index + whole.length - list.length;
		return (
			list
				.split(itemEnd)
				// “…, in blue” says how, and not what.
				.filter((part) => keyOf(part) === null && !/^(?:in|im|en)\s/iu.test(part.trim()))
				.map((part) => titleOf(part))
				.filter((title): title is string => title !== null)
				.map((title) => ({ at: from + Math.max(0, list.toLowerCase().indexOf(title.toLowerCase())), title }))
		);
	});
}

/** A heading made of what was said; null for what is none. */
export function titleOf(part: string): string | null {
	const plain = part
		.replace(/^(?:and|und|et|y|the|our|my|an?|die|der|das|unsere?|meine?|le|la|les|nos?|el|los|las|una?)\s+/iu, "")
		.replace(/\s+(?:section|page|part|abschnitt|bereich|sección|too|as well|please)$/iu, "")
		.replace(/^["“„«'‘]+|["”“»'’]+$/gu, "")
		.replace(/[<>\p{C}]/gu, "")
		.replace(/\s+/g, " ")
		.trim();
	if (plain.length < 2 || plain.length > 60 || plain.split(" ").length > 7) return null;
	return plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** What stands behind a heading: ": a, b and c", "(a, b)", or a list with dashes below it. */
export function linesAfter(rest: string): string[] {
	const listed = /^[^\n]{0,30}?:?[ \t]*\n((?:[ \t]*[-*•–]\s+[^\n]+\n?)+)/u.exec(rest)?.[1];
	if (listed) return tidyLines(listed.split("\n").map((line) => line.replace(/^[ \t]*[-*•–]\s+/u, "")));
	const said = /^(?:\s+(?:section|page|list|table|abschnitt))?\s*(?::\s*([^\n]{3,400}?)(?=\.(?:\s|$)|\n|$)|\(([^)\n]{3,300})\))/u.exec(
		rest,
	);
	const list = said?.[1] ?? said?.[2];
	return list === undefined ? [] : tidyLines(list.split(itemEnd));
}

function tidyLines(lines: readonly string[]): string[] {
	return lines
		.map((line) => line.replace(/\p{C}/gu, "").replace(/\s+/g, " ").trim().slice(0, 200))
		.filter((line) => /[\p{L}\p{N}]/u.test(line))
		.slice(0, maxLines);
}
