/** Reads the text of the field `message` out of JSON that is still being written, so that people see it grow. */
export class MessageReader {
	readonly #onText: (text: string) => void;
	/** What was not read yet: the way to the message, or an escape that is not whole. */
	#rest = "";
	#inside = false;
	#ended = false;
	/** All that was read. */
	text = "";

	constructor(onText: (text: string) => void) {
		this.#onText = onText;
	}

	push(delta: string): void {
		if (this.#ended) return;
		this.#rest += delta;
		if (!this.#inside) {
			const start = /"message"\s*:\s*"/.exec(this.#rest);
			this.#rest = start ? this.#rest.slice(start.index + start[0].length) : this.#rest.slice(-longestStart);
			if (!start) return;
			this.#inside = true;
		}
		this.#read();
	}

	/** Gives out every whole character there is. */
	#read(): void {
		let text = "";
		let at = 0;
		for (const [piece] of this.#rest.matchAll(piecePattern)) {
			at += piece.length;
			if (piece === '"') {
				this.#ended = true;
				break;
			}
			text += piece.startsWith("\\") ? unescaped(piece) : piece;
		}
		this.#rest = this.#rest.slice(at);
		// What is longer than any escape and was not read is none, and never becomes one.
		if (this.#rest.length >= longestEscape) this.#ended = true;
		if (text === "") return;
		this.text += text;
		this.#onText(text);
	}
}

/** A run of plain characters, a whole escape, or the end: one right after the other. */
const piecePattern = /[^"\\]+|\\u[0-9a-fA-F]{4}|\\[^u]|"/gy;
const longestEscape = "\\uffff".length;
/** `"message": "` with white space: what was searched before is not searched again with every delta. */
const longestStart = 200;

function unescaped(piece: string): string {
	try {
		return JSON.parse(`"${piece}"`);
	} catch {
		return piece.slice(1);
	}
}
