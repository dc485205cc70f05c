import { type EventDraft, type LogLine, maxEventBytes } from "../../lib/protocol/index.ts";

/** Lines of one event; what else an event holds fits into the rest. */
const maxLines = 200;
const maxBytes = maxEventBytes - 2048;
/** What a stored line holds beside its text, roughly. */
const frameBytes = 80;

/** Numbers the log lines of an attempt and keeps those that were not put into an event yet. */
export class LogLines {
	#lines: LogLine[] = [];
	#last: number;
	/** Size of the lines that are kept, roughly. */
	bytes = 0;

	/** `before`: lines in the deployment's log before this attempt. */
	constructor(before: number) {
		this.#last = before;
	}

	get count(): number {
		return this.#lines.length;
	}

	/** Answers the line's number. */
	add(text: string, from: LogLine["from"], at: string): number {
		this.#lines.push({ n: ++this.#last, at, from, text });
		this.bytes += text.length + frameBytes;
		return this.#last;
	}

	/** Puts the oldest lines into the metadata of `log` events that stay below the size of an event, about `upToBytes` of them. */
	take(upToBytes: number): Extract<EventDraft, { type: "log" }>["metadata"][] {
		const taken: LogLine[][] = [];
		let part: LogLine[] = [];
		let partBytes = 0;
		let bytes = 0;
		let next = 0;
		for (; next < this.#lines.length && bytes < upToBytes; next++) {
			const line = this.#lines[next] as LogLine;
			const size = Buffer.byteLength(JSON.stringify(line));
			if (part.length > 0 && (partBytes + size > maxBytes || part.length === maxLines)) {
				taken.push(part);
				part = [];
				partBytes = 0;
			}
			part.push(line);
			partBytes += size;
			bytes += size;
			this.bytes -= line.text.length + frameBytes;
		}
		if (part.length > 0) taken.push(part);
		this.#lines = this.#lines.slice(next);
		return taken.map((lines) => ({ first: lines[0]?.n ?? 0, last: lines.at(-1)?.n ?? 0, lines }));
	}
}
