import { maxLogLineBytes } from "../../lib/protocol/index.ts";

/** Turns pieces of text into lines. A line is cut at 8 KB and says so; memory stays bounded however long it is. */
export class LineSplitter {
	#partial = "";
	#dropped = 0;

	/** The lines that this piece completes, without their line ends. */
	push(text: string): string[] {
		const pieces = text.split("\n");
		const lines: string[] = [];
		for (const [index, piece] of pieces.entries()) {
			this.#keep(piece);
			if (index < pieces.length - 1) lines.push(this.#take());
		}
		return lines;
	}

	/** The unfinished last line, or null when there is none. */
	end(): string | null {
		return this.#partial === "" && this.#dropped === 0 ? null : this.#take();
	}

	#keep(piece: string): void {
		const room = maxLogLineBytes / 2 - this.#partial.length;
		this.#partial += room > 0 ? piece.slice(0, room) : "";
		this.#dropped += Math.max(0, piece.length - Math.max(0, room));
	}

	#take(): string {
		const line = this.#partial.endsWith("\r") ? this.#partial.slice(0, -1) : this.#partial;
		const cut = this.#dropped > 0 ? `${line} … [${this.#dropped} more characters]` : line;
		this.#partial = "";
		this.#dropped = 0;
		return cut.replaceAll("\0", "").toWellFormed();
	}
}
