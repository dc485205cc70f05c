import type { ServerFrame } from "#lib/protocol/index.ts";

const finalText = 0x81;
const data = "data: ";
const blankLine = "\n\n";

/** A frame and its JSON, framed once for each transport however many connections it goes to. */
export class EncodedFrame {
	readonly type: ServerFrame["t"];
	readonly json: string;
	/** Length of the JSON in bytes. */
	readonly byteLength: number;
	#webSocket: Buffer | null = null;
	#serverSent: Buffer | null = null;

	constructor(frame: ServerFrame) {
		this.type = frame.t;
		this.json = JSON.stringify(frame);
		this.byteLength = Buffer.byteLength(this.json);
	}

	/** One unmasked text message of RFC 6455, its header included. */
	get webSocket(): Buffer {
		if (this.#webSocket) return this.#webSocket;
		const extended = this.byteLength < 126 ? 0 : this.byteLength < 65_536 ? 2 : 8;
		const message = Buffer.allocUnsafe(2 + extended + this.byteLength);
		message[0] = finalText;
		message[1] = extended === 0 ? this.byteLength : extended === 2 ? 126 : 127;
		if (extended === 2) message.writeUInt16BE(this.byteLength, 2);
		if (extended === 8) message.writeBigUInt64BE(BigInt(this.byteLength), 2);
		message.write(this.json, 2 + extended);
		this.#webSocket = message;
		return message;
	}

	/** One event of a `text/event-stream`. */
	get serverSent(): Buffer {
		this.#serverSent ??= Buffer.from(data + this.json + blankLine);
		return this.#serverSent;
	}
}
