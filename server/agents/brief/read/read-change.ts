import { failed, type Outcome, succeeded } from "../../../../lib/protocol/index.ts";
import { applyChange, type Change } from "../change.ts";
import { findColours } from "../colour.ts";
import { unicodeWords } from "../pattern.ts";
import type { Kind, Section, Spec } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { askedLanguage } from "./language.ts";
import { keyOf, linesAfter, sameTitle, titleOf } from "./sections.ts";

/**
 * What a follow-up changes, in order. Every part of it has to be understood: half of what was asked for is not what was asked for.
 * Fails with `message_not_understood`, which names the part.
 */
export function readChanges(message: string, spec: Spec): Outcome<Change[]> {
	const changes: Change[] = [];
	let current = spec;
	for (const part of partsOf(message.replace(/<[^>]*>/g, " "))) {
		const read = readChange(part, current);
		if (!read.ok) return read;
		changes.push(read.value);
		current = applyChange(current, read.value);
	}
	return changes.length > 0 ? succeeded(changes) : notUnderstood();
}

const verbs =
	"make|set|change|turn|paint|colou?r|call|name|rename|add|include|insert|remove|delete|drop|hide|use|switch|translate|mache?|färbe|ändere|nenne|füge|ergänze|entferne|lösche|benutze|mets?|rends?|change[rz]?|appelle|ajoute[rz]?|supprime[rz]?|enlève|utilise|traduis|pon|haz|cambia|llama|llámal[oa]|añade|agrega|quita|elimina|usa|traduce";
const nextVerb = new RegExp(
	`\\s*(?:[;\\n]+|\\.\\s+|,?\\s+(?:and(?: then)?|then|also|und|dann|et|puis|y|luego)\\s+|,\\s+)(?=(?:please\\s+|also\\s+)?(?:${verbs})(?![\\p{L}]))`,
	"iu",
);

function partsOf(message: string): string[] {
	return message
		.split(nextVerb)
		.map((part) =>
			part
				.replace(/^(?:(?:please|bitte|s['’]il te plaît|por favor|can you|could you|now|also|then)[\s,]+)+/iu, "")
				.replace(/[\s.!]+$|[\s,]+please$/giu, "")
				.trim(),
		)
		.filter((part) => part !== "");
}

const naming =
	/^(?:(?:re)?name|call|nenne?|benenne|appelle-?(?:l[ae])?|llama(?:l[oa])?|llámal[oa])\s+(?:(?:it|this|them|that|es|sie|ihn|das|l[ae]|lo)|(?:the|die|das|den|le|la|el)\s+(?:site|page|product|app|api|website|blog|dashboard|project|seite|website|projekt|página|sitio))?\s*(?:to|in|as|um in)?\s*(.+)$/iu;
const nameTo =
	/^(?:change|set|make|ändere|cambia|change[rz]?)\s+(?:the|its|den|le|el)\s+(?:name|title|titel|namen|nom|titre|nombre|título)(?:\s+(?:of|der|du|de)\s+\S+(?:\s\S+)?)?\s+(?:to|in|zu|en|par|a|por)\s+(.+)$/iu;
const taglineTo =
	/^(?:change|set|make|use|ändere|cambia|change[rz]?)\s+(?:the|its|den|die|le|la|el)?\s*(?:tagline|slogan|subtitle|motto|intro(?:duction)?|lead|claim|untertitel|sous-titre|lema|subtítulo)\s*(?:to|in|zu|en|par|a|por|:)\s*(.+)$/iu;
const adding = /^(?:add|include|insert|put in|füge?|ergänze|ajoute[rz]?|añade|agrega)\s+(.+)$/iu;
const removing =
	/^(?:remove|delete|drop|take out|get rid of|hide|leave out|entferne|lösche|streiche|supprime[rz]?|enlève|retire|quita|elimina|borra)\s+(.+)$/iu;
const renaming =
	/^(?:rename|change the (?:title|name|heading) of|benenne|renomme|renombra)\s+(?:the\s+|die\s+|den\s+|la\s+|le\s+|el\s+)?(.+?)(?:\s+section)?\s+(?:to|in|en|a)\s+(.+?)(?:\s+um)?$/iu;
const mail = /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/;

function readChange(part: string, spec: Spec): Outcome<Change> {
	const tagline = taglineTo.exec(part)?.[1];
	if (tagline) return succeeded({ type: "tagline", text: unquoted(tagline).slice(0, 200) });
	const added = adding.exec(part)?.[1];
	if (added) return readAdded(added, spec);
	const removed = removing.exec(part)?.[1];
	if (removed) return readRemoved(removed, spec);
	const renamed = renaming.exec(part);
	const renamedSection = renamed ? sectionOf(renamed[1] ?? "", spec) : null;
	if (renamed && renamedSection)
		return succeeded({ type: "rename", from: renamedSection.title, to: titleOf(renamed[2] ?? "") ?? renamedSection.title });
	const name = nameTo.exec(part)?.[1] ?? naming.exec(part)?.[1];
	if (name) return readName(name, part);
	const email = mail.exec(part)?.[0];
	if (email && /mail|contact|kontakt|correo/iu.test(part.replace(email, ""))) return succeeded({ type: "email", email });
	const language = askedLanguage(part);
	if (language) return succeeded({ type: "language", language });
	return readLook(part);
}

function readName(said: string, part: string): Outcome<Change> {
	const name = unquoted(said)
		.replace(/[<>\p{C}]/gu, "")
		.replace(/\s+/g, " ")
		.trim();
	if (!/[\p{L}\p{N}]/u.test(name) || name.length > 60) return notUnderstood(part);
	return succeeded({ type: "name", name });
}

const intro = unicodeWords(
	/^(?:(?:an?|another|the|one more|eine?[nr]?|noch eine?[nr]?|den|die|das|une?|la|le|una?|otra|el)\s+)?(?:(?:new|neue[nr]?|nouvelle|nueva)\s+)?(?:(?:section|page|part|post|article|chapter|panel|figure|metric|resource|endpoint|abschnitt|bereich|seite|beitrag|kapitel|kennzahl|sección|página|entrada|article|chapitre)\b\s*)?(?:(?:about|for|on|with|called|named|über|zu|zum|zur|mit|namens|für|sur|avec|pour|appelée?|sobre|con|para|llamad[oa])\s+)?/iu,
);
const outro = /\s+(?:hinzu|ein|as well|too|to the (?:page|site|menu)|section|page|abschnitt|bereich|sección)$/iu;

function readAdded(said: string, spec: Spec): Outcome<Change> {
	if (spec.kind === "todo") return notUnderstood(said, "A todo app is one page with one list, so nothing can be added to it.");
	const rest = said.replace(intro, "");
	const [head = "", ...tail] = rest.split(/(?=[:(])/u);
	const heading = titleOf(head.replace(outro, ""));
	if (heading === null) return notUnderstood(said);
	const key = isListOfPages(spec.kind) ? "other" : (keyOf(heading) ?? "other");
	if (key === "contact" && spec.sections.some((section) => section.key === "contact"))
		return notUnderstood(said, "There is a contact form already.");
	const title = titleFor(spec, key, heading);
	if (spec.sections.some((section) => sameTitle(section.title, title)))
		return notUnderstood(said, `There is a section “${title}” already.`);
	if (spec.sections.length >= 12) return notUnderstood(said, "There are twelve sections already, and more are not possible.");
	return succeeded({ type: "add", section: { key, title, lines: linesAfter(tail.join("")) } });
}

function titleFor({ kind, language }: Spec, key: Section["key"], heading: string): string {
	if (kind === "api") return heading.toLowerCase();
	return key === "other" ? heading : wordsOf(language).sections[key].title;
}

const isListOfPages = (kind: Kind) => kind === "api" || kind === "dashboard" || kind === "docs" || kind === "blog";

function readRemoved(said: string, spec: Spec): Outcome<Change> {
	const found = sectionOf(said, spec);
	const titles = spec.sections.map(({ title }) => `“${title}”`).join(", ");
	if (!found)
		return notUnderstood(
			said,
			titles === "" ? "There are no sections that could be removed." : `No section of this name is there; there are: ${titles}.`,
		);
	if (spec.sections.length === 1 && isListOfPages(spec.kind)) return notUnderstood(said, "It is the last one, and one has to stay.");
	return succeeded({ type: "remove", title: found.title });
}

function sectionOf(said: string, { sections }: Spec): Section | null {
	const title = titleOf(said.replace(intro, "").replace(outro, "")) ?? said;
	const key = keyOf(title);
	return (
		sections.find((section) => sameTitle(section.title, title)) ?? sections.find((section) => key !== null && section.key === key) ?? null
	);
}

const parts = [
	{
		part: "header" as const,
		pattern: /\b(?:header|head|top bar|title bar|navigation|nav ?bar|menu bar|kopfzeile|kopf|en-tête|barre|encabezado|cabecera)\b/iu,
	},
	{ part: "background" as const, pattern: /\b(?:background|hintergrund|fond|fondo)\b/iu },
	{
		part: "accent" as const,
		pattern:
			/\b(?:accent|buttons?|links?|colou?rs?|theme|site|page|website|it|everything|all|app|knöpfe|farben?|akzent|seite|es|sie|alles|boutons?|couleurs?|liens|la|le|tout|botones|color(?:es)?|enlaces|todo|página)\b/iu,
	},
].map(({ part, pattern }) => ({ part, pattern: unicodeWords(pattern), everywhere: unicodeWords(pattern, "giu") }));
const smallWords = unicodeWords(
	new RegExp(
		`\\b(?:${verbs}|the|a|an|in|to|of|be|is|should|as|our|my|its|main|more|please|der|die|das|den|dem|zu|auf|bitte|mach|soll|sein|le|la|les|l|en|de|du|el|los|las|lo|que|sea|with|mit|and|und|color|colour|farbe|couleur)\\b`,
		"iu",
	),
	"giu",
);
const dark = unicodeWords(/\b(?:dark|dunkle?[rnsm]?|sombre|oscur[oa])\b/iu);
const light = unicodeWords(/\b(?:light|bright|helle?[rnsm]?|clair|clar[oa])\b/iu);
const themeWords = unicodeWords(/\b(?:mode|theme|look|design|version|modus|modo|thème|tema)\b/giu, "giu");

/** A colour for a part of the page, or its theme; only where nothing else is said. */
function readLook(part: string): Outcome<Change> {
	const colours = findColours(part);
	const [colour] = colours;
	if (colour && colours.length === 1) {
		const rest = part.replace(colour.text, " ");
		const target = parts.find(({ pattern }) => pattern.test(rest));
		const left = (target ? rest.replace(target.everywhere, " ") : rest).replace(smallWords, " ");
		const unread = left.match(/\p{L}{2,}/gu) ?? [];
		if (unread.length === 0) return succeeded({ type: "colour", part: target?.part ?? "accent", hex: colour.hex });
		return notUnderstood(
			part,
			`“${unread.slice(0, 3).join(" ")}” is no part of the page whose colour can be changed: the header, the background and the accent are.`,
		);
	}
	if (colours.length > 1) return notUnderstood(part, "Two colours are named; ask for one at a time.");
	for (const [theme, pattern] of [
		["dark", dark],
		["light", light],
	] as const) {
		if (!pattern.test(part)) continue;
		const left = part
			.replace(pattern, " ")
			.replace(themeWords, " ")
			.replace(parts[2]?.everywhere ?? "", " ")
			.replace(smallWords, " ");
		if (!/\p{L}{2,}/u.test(left)) return succeeded({ type: "theme", theme });
	}
	return notUnderstood(part);
}

const unquoted = (text: string) =>
	text
		.trim()
		.replace(/^["“„«'‘]\s?|\s?["”“»'’]$/gu, "")
		.trim();

function notUnderstood(part = "", why = ""): Outcome<never> {
	const said = part === "" ? "This message" : `“${part.slice(0, 120)}”`;
	return failed({
		code: "message_not_understood",
		message: why === "" ? `${said} was not understood, so nothing was changed.` : `${why} Nothing was changed.`,
	});
}
