import type { Brief } from "./brief.ts";
import { failed, type Outcome, succeeded } from "./work.ts";

/** Longest brief, in characters; and in bytes of its stored form, because it travels in one event with its follow-ups. */
export const maxBriefLength = 10_000;
const maxBriefBytes = 14_000;
export const maxMessageLength = 1000;
/** All follow-ups of a product together, as they are stored. */
const maxMessagesBytes = 8000;

/** The brief without what only its way here added. Fails with `brief_unusable` or `brief_refused` and says what to do. */
export function checkBrief(text: string): Outcome<string> {
	const brief = tidyText(text);
	if (brief === "") return unusable("The brief is empty.");
	if (brief.length > maxBriefLength)
		return unusable(
			`The brief is too long: it has ${brief.length.toLocaleString("en")} characters, and ${maxBriefLength.toLocaleString("en")} are possible.`,
			"Shorten it to what matters most; more can be asked for afterwards.",
		);
	if (storedBytes(brief) > maxBriefBytes)
		return unusable("The brief is too long.", "Shorten it to what matters most; more can be asked for afterwards.");
	const words = wordsIn(brief);
	if (words === "" && /[<>]/.test(brief)) return unusable("There is only code in the brief, and no words.");
	if (words === "") return unusable("There are no words in the brief.");
	if (!/\p{L}{3}|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]{2}/u.test(words))
		return unusable("The brief is too short to tell what is wanted.");
	return isHarmful(words) ? failed({ code: "brief_refused" }) : succeeded(brief);
}

/** A follow-up as it is kept. Fails with `message_not_understood` for what is no text, `brief_refused` for what must not be. */
export function checkMessage(text: string, { messages }: Pick<Brief, "messages">): Outcome<string> {
	const message = tidyText(text);
	if (wordsIn(message) === "")
		return failed({
			code: "message_not_understood",
			message: message === "" ? "The message is empty." : "There are no words in the message.",
		});
	if (message.length > maxMessageLength)
		return failed({
			code: "message_not_understood",
			message: `The message is longer than ${maxMessageLength.toLocaleString("en")} characters.`,
			action: "Ask for one change at a time.",
		});
	if (storedBytes([...messages, message]) > maxMessagesBytes)
		return failed({
			code: "message_not_understood",
			message: "This product has been changed so often that no more can be kept.",
			action: "Describe it anew with all the changes, or take the last ones back.",
		});
	return isHarmful(message) ? failed({ code: "brief_refused" }) : succeeded(message);
}

/** True for a follow-up that takes the one before back. */
export function isUndo(message: string): boolean {
	return /^(?:please )?(?:undo|revert|take (?:it|that) back|go back|rückgängig(?: machen)?|zurück(?:nehmen)?|annuler|annule|deshacer|deshaz)(?: (?:it|that|this|the last (?:change|one)|das|ça|eso|last change))?[.! ]*$/i.test(
		message.trim(),
	);
}

/**
 * Control characters and those that turn text round are nobody's intention; the rest stays as it was written. Of many blanks one is
 * left: the patterns that read a brief try every way to share a run of them among their parts.
 */
function tidyText(text: string): string {
	return text
		.normalize("NFC")
		.replace(/\r\n?/g, "\n")
		.replace(/[^\P{C}\n\t\u200c\u200d]|[\u2028\u2029]/gu, "")
		.replace(/[^\S\n]+/g, " ")
		.replace(/ ?\n ?/g, "\n")
		.replace(/\n{4,}/g, "\n\n\n")
		.trim();
}

/** The text without markup and without what a script would do; "" when no letter is left. */
function wordsIn(text: string): string {
	const plain = text
		.replace(/<(script|style)\b[^>]*>[\s\S]*?(?:<\/\1\s*>|$)/gi, " ")
		.replace(/<[^>]*>/g, " ")
		.replace(/https?:\/\/\S+/g, " ");
	return /\p{L}/u.test(plain) ? plain.trim() : "";
}

/** Bytes as an event holds it. */
function storedBytes(value: unknown): number {
	return new TextEncoder().encode(JSON.stringify(value)).length;
}

const harmful = [
	/\bphish/i,
	/\b(?:steal|harvest|grab|capture|collect|phish|stehlen|klauen|voler|robar)\w*\b.{0,60}\b(?:passwords?|credentials?|logins?|credit cards?|card numbers?|cookies|identit(?:y|ies)|passwörter|kreditkarten?|mots? de passe|contraseñas?)\b/i,
	/\b(?:passwörter|kreditkarten\w*|zugangsdaten)\b.{0,40}\b(?:stehlen|klauen|abgreifen)\b/i,
	/\b(?:fake|clone|copy|imitat\w+|gefälscht\w*|faux|fausse|falsa?)\b.{0,40}\b(?:bank|paypal|login|sign-?in|anmelde\w*|government|police)\b/i,
	/\b(?:ransomware|keylogger|malware|spyware|botnet|trojan(?:er)?|ddos|cryptojack\w*|credential stuffing)\b/i,
	/\b(?:build|make|buy|sell|verkauf\w*|bau\w*)\b.{0,40}\b(?:bombs?|explosives?|bomben?|sprengstoff|stolen (?:cards|data|accounts))\b/i,
	/\bchild (?:porn|abuse material)|\bkinderporn/i,
];
/** Who warns of it does not do it. */
const against =
	/\b(?:aware\w*|prevent\w*|protect\w*|defen[cs]\w*|against|avoid\w*|detect\w*|report\w*|train\w*|educat\w*|stop\w*|history|schutz|schützen|gegen|contre|contra|protéger|proteger)\b/i;

/**
 * True where the words say that somebody is to be harmed. A list of words, which neither finds all of it nor understands any: what
 * templates can make of a brief is harmless by itself.
 */
function isHarmful(text: string): boolean {
	return harmful.some((pattern) => pattern.test(text)) && !against.test(text);
}

function unusable(message: string, action?: string): Outcome<never> {
	return failed({ code: "brief_unusable", message, ...(action && { action }) });
}
