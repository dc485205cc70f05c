import { ulid } from "ulid";
import type { Metadata } from "../../lib/protocol/index.ts";
import type { Redactor } from "../secrets/redact.ts";

/** What one message may take as JSON: its last event holds all of it. */
const maxBytes = 20 * 1024;
/** The longest way in which JSON writes one character. */
const escapedBytes = 6;

/** A message that grows: hides secrets, counts its parts, and is bounded. All parts together are exactly the whole. */
export class Speech {
	readonly #id = ulid();
	readonly #redactor: Redactor;
	#part = 0;
	#whole = "";
	/** Of the whole, what no part has told yet. */
	#untold = "";
	#bytes = 0;
	/** Half of a character, until its other half comes. */
	#half = "";

	constructor(redactor: Redactor) {
		this.#redactor = redactor;
	}

	/** True when there is something for a next part. */
	get grew(): boolean {
		return this.#untold !== "";
	}

	add(text: string): void {
		this.#append(this.#redactor.push(text));
	}

	/** The next part, or null when there is nothing new. */
	take(): Metadata<"agent_response"> | null {
		if (this.#untold === "") return null;
		const text = this.#untold;
		this.#untold = "";
		return { text, facts: {}, message: this.#id, part: ++this.#part, final: false };
	}

	/** The last part, if there is one, then the whole message and the marks of its final event. */
	end(): { last: Metadata<"agent_response"> | null; text: string; answered: { message: string; part: number; final: true } } {
		this.#append(this.#redactor.flush());
		this.#untold += this.#half;
		this.#whole += this.#half;
		this.#half = "";
		const last = this.take();
		return { last, text: this.#whole, answered: { message: this.#id, part: this.#part + 1, final: true } };
	}

	#append(text: string): void {
		if (text === "" || this.#bytes >= maxBytes) return;
		const all = this.#half + text;
		this.#half = /[\uD800-\uDBFF]$/.exec(all)?.[0] ?? "";
		let piece = all.slice(0, all.length - this.#half.length);
		const bytes = Buffer.byteLength(JSON.stringify(piece)) - 2;
		if (this.#bytes + bytes > maxBytes) {
			piece = `${piece.slice(0, Math.floor((maxBytes - this.#bytes) / escapedBytes)).toWellFormed()}…`;
			this.#bytes = maxBytes;
		} else {
			this.#bytes += bytes;
		}
		this.#whole += piece;
		this.#untold += piece;
	}
}
