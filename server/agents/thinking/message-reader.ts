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
			if (!start) return;
			this.#inside = true;
			this.#rest = this.#rest.slice(start.index + start[0].length);
		}
		this.#read();
	}

	/** Gives out every whole character there is. */
	#read(): void {
		let text = "";
		let at = 0;
		for (const { 0: piece, index } of this.#rest.matchAll(piecePattern)) {
			if (index !== at) break;
			at += piece.length;
			if (piece === '"') {
				this.#ended = true;
				break;
			}
			text += piece.startsWith("\\") ? unescaped(piece) : piece;
		}
		this.#rest = this.#rest.slice(at);
		if (text === "") return;
		this.text += text;
		this.#onText(text);
	}
}

/** A run of plain characters, a whole escape, or the end. */
const piecePattern = /[^"\\]+|\\u[0-9a-fA-F]{4}|\\[^u]|"/g;

function unescaped(piece: string): string {
	try {
		return JSON.parse(`"${piece}"`);
	} catch {
		return piece.slice(1);
	}
}
