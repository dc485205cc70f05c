/** A piece of HTML in which everything that came from people is escaped. Only `html` makes one. */
export class Html {
	readonly text: string;

	constructor(text: string) {
		this.text = text;
	}
}

type Value = string | number | Html | null | false | readonly Value[];

/** HTML with values in it: text is escaped, pieces of HTML stay, lists follow each other, null and false are nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
	return new Html(strings.reduce((text, part, index) => text + textOf(values[index - 1] ?? null) + part));
}

function textOf(value: Value): string {
	if (value === null || value === false) return "";
	if (value instanceof Html) return value.text;
	if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
	return value.map(textOf).join("");
}

/** Safe between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
	return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text as it is in a Markdown file: nothing in it is markup, and it stays on its line. */
export function escapeMarkdown(text: string): string {
	return text
		.replace(/\s+/g, " ")
		.replace(/[\\`*_{}[\]<>()#+\-.!|~&]/g, (character) => (/[<>&]/.test(character) ? escapeHtml(character) : `\\${character}`));
}
