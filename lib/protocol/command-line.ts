/** What ends the plain reading of a line: only a shell knows what it means. */
const shellSyntax = /[$`|&;<>(){}*?[\]\n\r]/;
/** First words that a shell carries out itself. */
const shellWords = new Set([
	".",
	":",
	"[",
	"cd",
	"eval",
	"exec",
	"exit",
	"export",
	"if",
	"for",
	"set",
	"source",
	"ulimit",
	"umask",
	"until",
	"while",
	"!",
]);
const maxArguments = 64;
const maxArgumentLength = 4096;

/**
 * The arguments of a one-line command, read as a POSIX shell reads them; null when it takes a shell to carry it out: variables,
 * several commands, redirects, patterns, assignments, a quote that is not closed.
 */
export function splitCommandLine(line: string): string[] | null {
	const words: string[] = [];
	let word: string | null = null;
	for (let at = 0; at < line.length; at++) {
		const char = line[at] ?? "";
		if (char === " " || char === "\t") {
			if (word !== null) words.push(word);
			word = null;
		} else if (char === "'" || char === '"') {
			const quoted = readQuoted(line, at);
			if (quoted === null) return null;
			word = (word ?? "") + quoted.text;
			at = quoted.end;
		} else if (char === "\\") {
			const next = line[++at];
			if (next === undefined || next === "\n") return null;
			word = (word ?? "") + next;
		} else if (shellSyntax.test(char) || (word === null && (char === "~" || char === "#"))) {
			return null;
		} else {
			word = (word ?? "") + char;
		}
	}
	if (word !== null) words.push(word);
	return isPlain(words) ? words : null;
}

/** The command for one line of text: its arguments, or a shell of the sandbox that reads it, for lines that need one. */
export function commandFromLine(line: string): string[] {
	return splitCommandLine(line) ?? ["sh", "-c", line];
}

/** A command as people write it; the text of a shell stands for itself, with its arguments in their places. */
export function commandText(command: readonly string[]): string {
	const [shell, flag, text, , ...args] = command;
	if (shell !== "sh" || flag !== "-c" || text === undefined) return command.map(quoted).join(" ");
	return text
		.replace(/^exec /, "")
		.replace(/"\$([@1-9])"/g, (all, which: string) =>
			which === "@" ? args.map(quoted).join(" ") : quoted(args[Number(which) - 1] ?? all),
		);
}

function quoted(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function isPlain([first, ...others]: string[]): boolean {
	if (first === undefined || first === "" || others.length >= maxArguments) return false;
	if (/^[A-Za-z_]\w*=/.test(first) || shellWords.has(first)) return false;
	return [first, ...others].every((word) => word.length <= maxArgumentLength);
}

/** Text between the quote at `start` and the one that closes it, at `end`; null when a shell must read it. */
function readQuoted(line: string, start: number): { text: string; end: number } | null {
	const quote = line[start];
	let text = "";
	for (let at = start + 1; at < line.length; at++) {
		const char = line[at] ?? "";
		if (char === quote) return { text, end: at };
		if (quote === '"' && (char === "$" || char === "`")) return null;
		if (quote === '"' && char === "\\" && /["\\$`]/.test(line[at + 1] ?? "")) text += line[++at];
		else text += char;
	}
	return null;
}
