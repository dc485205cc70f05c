const maxNameLength = 60;
const opened = "[\"“”„«»'‘’‚]";

/** Ends a name that nobody put in quotes. */
const stops =
	"with|without|ohne|sans|sin|that|which|who|where|and|in|on|using|has|have|including|featuring|about|selling|offering|from|so|because|but|it|mit|und|die|der|das|dass|wo|in|auf|avec|et|qui|que|dans|sur|con|y|en|donde|sobre";

const called = new RegExp(
	`(?:\\b(?:called|named|titled|entitled|namens|genannt|heißt|nennt sich|with the name|mit (?:dem )?Namen|appelée?|nommée?|intitulée?|llamad[oa]|titulad[oa])|\\bname(?: is|:)|\\bName(?: ist|:))\\s+(?:${opened}([^"“”„«»\\n]{1,${maxNameLength}}?)${opened}(?=[\\s.,;:!?)]|$)|([^.,;:!?\\n"“”„«»<>]{1,120}))`,
	"iu",
);
const quoted = /["“„«]\s?([^"“”„«»\n<>]{2,60}?)\s?["”“»]/u;
/** "for my bakery Sunrise", "of Jane Doe", "für die Bäckerei Sonnenschein" */
const owner =
	/(?:^|\s)(?:for|of|by|für|von|pour|para|de)\s+(?:(?:my|our|the|an?|meine?[nr]?|unsere?[nr]?|d(?:ie|er|as|en)|eine?[nr]?|l[ae]|mon|ma|notre|une?|mi|nuestr[oa]|el)\s+)?(?:(?!(?:in|at|on|near|with|from|and|who|that|which|mit|und|auf|aus|bei|avec|et|à|con|y|en)\s)\p{Ll}[\p{L}-]*\s+){0,3}?(\p{Lu}[\p{L}\p{N}'’&.-]*(?:\s+(?:\p{Lu}[\p{L}\p{N}'’&.-]*|\p{N}+|&|of|and|und|et|y|de|du|des|la))*)/u;
const trade =
	/(?:^|\s)(?:for|für|pour|para)\s+(?:my|our|an?|the|meine?[nr]?|unsere?[nr]?|eine?[nr]?|mon|ma|notre|une?|mi|nuestr[oa])\s+((?:[\p{L}-]+\s+){0,2}?[\p{L}-]+)(?=\s+(?:that|which|with|where|who|in|and|mit|und|die|der|das|in|avec|et|qui|con|y|que|en)\b|[.,;:!?\n]|$)/iu;
const asking =
	/^(?:please\s+|bitte\s+)?(?:(?:i|we)(?:'d| would)? (?:want|need|like)(?: to have)?|ich (?:möchte|brauche|hätte gern)|create|make|build|write|design|develop|give me|generate|can you (?:make|create|build)|erstelle?(?: mir)?|baue?|mache?|crée[rz]?(?:-moi)?|fais(?:-moi)?|crea(?:r)?|haz(?:me)?|quiero|necesito|je (?:veux|voudrais))\s+(?:me\s+|mir\s+|us\s+|uns\s+)?(?:an?|the|eine?[nrs]?|une?|un[ao]?)?\s*/iu;
const filler = /\s+(?:of|and|und|et|y|de|du|des|la|&)$/iu;

/** What a product of this brief is called: the name that is given, else whom it is for, else its first words. Always some text on one line. */
export function nameOfBrief(brief: string): string {
	const text = brief.replace(/<[^>]*>/g, " ");
	const given = called.exec(text);
	const name = given?.[1] ?? (given?.[2] === undefined ? undefined : beforeStop(given[2]));
	return (
		tidy(name) ??
		tidy(quoted.exec(text)?.[1]) ??
		tidy(owner.exec(text)?.[1]) ??
		tidy(trade.exec(text)?.[1]) ??
		tidy(firstWords(text)) ??
		"Product"
	);
}

function beforeStop(words: string): string {
	return (
		words
			.split(new RegExp(`\\s+(?:${stops})\\b`, "iu"))[0]
			?.split(/\s+/)
			.slice(0, 6)
			.join(" ") ?? ""
	);
}

function firstWords(text: string): string | undefined {
	const [sentence = ""] = text.trim().split(/[.,;:!?\n]/);
	const wanted = sentence.replace(asking, "").replace(/^(?:an?|the|eine?|une?|una?)\s+/iu, "");
	return (wanted === "" ? sentence : wanted)
		.split(/\s+(?:with|without|that|which|mit|ohne|avec|sans|con|sin|in|and|und|et|y)\s/iu)[0]
		?.split(/\s+/)
		.slice(0, 5)
		.join(" ");
}

function tidy(name: string | undefined): string | null {
	const plain = (name ?? "")
		.replace(/[\p{C}<>]/gu, "")
		.replace(/\s+/g, " ")
		.replace(/^["“”„«»'‘’‚\s]+|["“”„«»'‘’‚\s.]+$/gu, "")
		.replace(filler, "")
		.slice(0, maxNameLength)
		.trim();
	if (!/[\p{L}\p{N}]/u.test(plain)) return null;
	return plain.charAt(0).toUpperCase() + plain.slice(1);
}
