/** A piece of a line of code, and what it is. */
export interface Token {
	text: string;
	kind: TokenKind;
}
export type TokenKind = "plain" | "keyword" | "string" | "comment" | "number" | "name" | "added" | "removed";
export type Language = "dockerfile" | "ignore" | "json" | "script" | "style" | "markup" | "diff" | "plain";

/** The language of a file by its name. */
export function languageOf(name: string): Language {
	if (/(^|[./])Dockerfile($|\.)/i.test(name)) return "dockerfile";
	if (/ignore$/.test(name)) return "ignore";
	if (/\.(?:diff|patch)$/.test(name)) return "diff";
	if (/\.(js|mjs|cjs|jsx|ts|tsx|javascript|typescript)$/.test(name)) return "script";
	if (/\.(css|scss|less)$/.test(name)) return "style";
	if (/\.(html?|xml|svg|vue|svelte|astro)$/.test(name)) return "markup";
	return /\.json$/.test(name) ? "json" : "plain";
}

/** Rules of a language: the first that matches where the last one ended gives the kind of the piece. `first` ones only begin a line. */
const rules: Readonly<Record<Language, readonly { kind: TokenKind; pattern: RegExp; first?: true }[]>> = {
	dockerfile: [
		{ kind: "comment", pattern: /^\s*#.*/y, first: true },
		{
			kind: "keyword",
			pattern: /^\s*(?:FROM|RUN|CMD|LABEL|EXPOSE|ENV|ADD|COPY|ENTRYPOINT|VOLUME|USER|WORKDIR|ARG|ONBUILD|STOPSIGNAL|HEALTHCHECK|SHELL)\b/iy,
			first: true,
		},
		{ kind: "keyword", pattern: /\b(?:AS|CMD|NONE)\b/y },
		{ kind: "string", pattern: /"(?:[^"\\]|\\.)*"|'[^']*'/y },
		{ kind: "name", pattern: /\$\{?\w+[^}\s]*\}?|--[a-z][\w-]*/y },
		{ kind: "number", pattern: /\b\d+(?:\.\d+)*[a-z]*\b/y },
		{ kind: "plain", pattern: /[\w./@:-]+|\s+/y },
	],
	ignore: [
		{ kind: "comment", pattern: /#.*/y, first: true },
		{ kind: "keyword", pattern: /!/y, first: true },
		{ kind: "name", pattern: /[*?]+/y },
		{ kind: "plain", pattern: /[^*?]+/y },
	],
	json: [
		{ kind: "name", pattern: /"(?:[^"\\]|\\.)*"(?=\s*:)/y },
		{ kind: "string", pattern: /"(?:[^"\\]|\\.)*"/y },
		{ kind: "keyword", pattern: /\b(?:true|false|null)\b/y },
		{ kind: "number", pattern: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y },
		{ kind: "plain", pattern: /[\s{}[\],:]+/y },
	],
	script: [
		{ kind: "comment", pattern: /\/\/.*|\/\*.*?(?:\*\/|$)/y },
		{ kind: "string", pattern: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`?/y },
		{
			kind: "keyword",
			pattern:
				/\b(?:async|await|break|case|catch|class|const|continue|default|else|export|extends|false|finally|for|from|function|if|import|in|interface|let|new|null|of|return|static|switch|this|throw|true|try|type|typeof|undefined|var|while|yield)\b/y,
		},
		{ kind: "number", pattern: /\b\d[\d_]*(?:\.\d+)?\b/y },
		{ kind: "name", pattern: /[A-Za-z_$][\w$]*(?=\s*\()/y },
		{ kind: "plain", pattern: /[A-Za-z_$][\w$]*|\s+/y },
	],
	style: [
		{ kind: "comment", pattern: /\/\*.*?(?:\*\/|$)/y },
		{ kind: "string", pattern: /"[^"]*"|'[^']*'/y },
		{ kind: "keyword", pattern: /@[\w-]+|!important\b/y },
		{ kind: "number", pattern: /#[0-9a-fA-F]{3,8}\b|-?\d+(?:\.\d+)?(?:%|[a-z]+)?/y },
		{ kind: "name", pattern: /[\w-]+(?=\s*:)|[.#][\w-]+/y },
		{ kind: "plain", pattern: /[\w-]+|\s+/y },
	],
	markup: [
		{ kind: "comment", pattern: /<!--.*?(?:-->|$)|<![^>]*>?/y },
		{ kind: "keyword", pattern: /<\/?[A-Za-z][\w:-]*|\/?>/y },
		{ kind: "string", pattern: /"[^"]*"|'[^']*'(?=[\s/>])/y },
		{ kind: "name", pattern: /[\w:@-]+(?==)/y },
		{ kind: "plain", pattern: /[^<>"'\s=]+|\s+/y },
	],
	diff: [
		{ kind: "comment", pattern: /(?:---|\+\+\+|\\) .*/y, first: true },
		{ kind: "name", pattern: /@@.*/y, first: true },
		{ kind: "added", pattern: /\+.*/y, first: true },
		{ kind: "removed", pattern: /-.*/y, first: true },
		{ kind: "plain", pattern: /.+/y },
	],
	plain: [],
};

/** The line as pieces that together are the line, whatever it holds. */
export function tokensOf(line: string, language: Language): Token[] {
	const tokens: Token[] = [];
	for (let at = 0; at < line.length; ) {
		const { text, kind } = tokenAt(line, at, language);
		const last = tokens.at(-1);
		if (last?.kind === kind) last.text += text;
		else tokens.push({ text, kind });
		at += text.length;
	}
	return tokens;
}

function tokenAt(line: string, at: number, language: Language): Token {
	if (language === "plain") return { text: line, kind: "plain" };
	for (const { kind, pattern, first } of rules[language]) {
		if (first && at > 0) continue;
		pattern.lastIndex = at;
		const text = pattern.exec(line)?.[0];
		if (text) return { text, kind };
	}
	return { text: line[at] ?? "", kind: "plain" };
}
