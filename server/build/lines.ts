import { stripVTControlCharacters } from "node:util";

const maxLineChars = 500;
const keptTail = 40;
const keptErrors = 30;
/** Lines kept after one that looks like an error: the place and the hint usually stand there. */
const context = 2;
const fewest = 5;
const most = 15;

const looksWrong =
	/\b(?:error|err!|failed|failure|fatal|exception|cannot|could not|unexpected|not found|missing|invalid|denied|enoent|eacces|eresolve|e404)\b|✖|✘|×/i;
const looksFine = /\b(?:0 (?:errors?|failed|failures)|no errors?)\b|error-free/i;
/** Lines that say where to read more on a machine nobody can reach. */
const noise = /A complete log of this run|npm (?:error|ERR!)\s*$|_logs\/|^npm (?:error|ERR!) (?:command|path) /;

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

	/** The lines that matter, oldest first: what looks like an error with what follows it, then the end of the output. */
	pick(): string[] {
		this.#keep(this.#rest);
		this.#rest = "";
		const known = new Map<number, Line>();
		for (const line of [...this.#tail, ...this.#errors]) known.set(line.n, line);
		const lines = [...known.values()].sort((a, b) => a.n - b.n);
		const byWeight = (weight: number) => lines.filter((line) => line.weight === weight);
		const chosen = new Set([...byWeight(2), ...byWeight(1)].slice(0, most));
		for (const line of lines.toReversed()) if (chosen.size < fewest) chosen.add(line);
		return [...chosen].sort((a, b) => a.n - b.n).map((line) => line.text);
	}

	#keep(raw: string): void {
		const text = stripVTControlCharacters(raw).trimEnd().slice(0, maxLineChars);
		if (text.trim() === "" || noise.test(text)) return;
		const wrong = looksWrong.test(text) && !looksFine.test(text);
		this.#after = wrong ? context : this.#after - 1;
		const line: Line = { n: this.#count++, text, weight: wrong ? 2 : this.#after >= 0 ? 1 : 0 };
		if (line.weight > 0 && this.#errors.length < keptErrors) this.#errors.push(line);
		this.#tail.push(line);
		if (this.#tail.length > keptTail) this.#tail.shift();
	}
}
