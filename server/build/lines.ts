import { stripVTControlCharacters } from "node:util";

const maxLineChars = 1000;
const keptTail = 40;
const keptErrors = 30;
/** Lines kept after one that looks like an error: the place and the hint usually stand there. */
const context = 2;
const fewest = 5;
const most = 15;

const looksWrong =
	/\b(?:\w*error|err!|\w*exception|failed|failure|fatal|panic|cannot|could not|unable to|unexpected|not found|no such file|not defined|not a function|undefined:|missing|invalid|denied|refused|killed|timed out|e(?:noent|acces|resolve|perm|nospc|usage|target|integrity|jsonparse|badengine|addrinuse|notfound|timedout|conn\w{3,8})|e[45]\d\d)\b|✖|✘|×|✕/i;
const looksFine = /\b(?:0 (?:errors?|failed|failures)|no errors?)\b|error-free/i;
/** Lines that say where to read more on a machine nobody can reach. */
const noise =
	/A complete log of this run|Log files were not written|npm (?:error|ERR!)\s*$|_logs\/|^npm notice|run `npm fund`|Visit https:\/\/yarnpkg\.com\/|No license field$/;
const npmPrefix = /^npm (?:error|ERR!) (?:code )?/;
/** What build tools say on the way, whatever words it holds. */
const chatter = /^\s+at .*(?:node:|node_modules)|^(?:gyp (?:info|verb|http)|\[INFO\]|info |DEBUG|Options:|Usage:|\[-)/;

interface Line {
	n: number;
	text: string;
	weight: number;
}

/** Picks the 5 to 15 lines of a command's output that matter when it fails. Holds a fixed number of lines, whatever comes. */
export class ImportantLines {
	#count = 0;
	#rest = "";
	#after = 0;
	readonly #errors: Line[] = [];
	readonly #tail: Line[] = [];

	/** Takes output as it arrives, in pieces of any size. */
	add(chunk: string): void {
		const lines = (this.#rest + chunk).split(/\r?\n|\r/);
		this.#rest = (lines.pop() ?? "").slice(0, maxLineChars);
		for (const line of lines) this.#keep(line);
	}

	/** All lines that are held, oldest first: the first errors, and the end of the output. */
	kept(): string[] {
		return this.#lines().map(({ text }) => text);
	}

	/**
	 * The lines that matter, oldest first: the one that decided (null when none did), what looks like an error with what follows
	 * it, then the end of the output.
	 */
	pick(decisive: string | null = null): string[] {
		const lines = this.#lines();
		const byWeight = (weight: number) => lines.filter((line) => line.weight === weight);
		const at = decisive === null ? -1 : lines.findIndex(({ text }) => text === decisive);
		const around = at < 0 ? [] : lines.slice(at, at + 1 + context);
		const chosen = new Set([...new Set([...around, ...byWeight(2), ...byWeight(1)])].slice(0, most));
		for (const line of lines.toReversed()) if (chosen.size < fewest) chosen.add(line);
		return [...chosen].sort((a, b) => a.n - b.n).map((line) => line.text);
	}

	#lines(): Line[] {
		this.#keep(this.#rest);
		this.#rest = "";
		const known = new Map<number, Line>();
		for (const line of [...this.#tail, ...this.#errors]) known.set(line.n, line);
		return [...known.values()].sort((a, b) => a.n - b.n);
	}

	#keep(raw: string): void {
		const text = stripVTControlCharacters(raw).trimEnd().slice(0, maxLineChars);
		if (text.trim() === "" || noise.test(text)) return;
		// npm puts this word in front of everything it says about a failure, how to use it included.
		const said = text.replace(npmPrefix, "");
		const wrong = looksWrong.test(said) && !looksFine.test(said) && !chatter.test(said);
		this.#after = wrong ? context : this.#after - 1;
		const weight = wrong ? 2 : chatter.test(said) ? 0 : this.#after >= 0 || said !== text ? 1 : 0;
		const line: Line = { n: this.#count++, text, weight };
		if (line.weight > 0 && this.#errors.length < keptErrors) this.#errors.push(line);
		this.#tail.push(line);
		if (this.#tail.length > keptTail) this.#tail.shift();
	}
}
