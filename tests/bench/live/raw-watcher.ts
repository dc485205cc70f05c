import { connect, type Socket } from "node:net";
import { stampsIn } from "./emission.ts";
import { clockMs } from "./pinned.ts";

export type Wire = "ours" | "ours-sse" | "ws" | "socket.io" | "better-sse";

export interface Target {
	wire: Wire;
	port: number;
	stream: string;
	token: string;
}

/** What all watchers of one kind have received. */
export interface Tally {
	events: number;
	/** Of ours: events that did not follow on the one before. */
	gaps: number;
	/** When the last one came. */
	lastAtMs: number;
	/** From the intended time of sending to here, in ms; of some watchers only. */
	agesMs: number[];
}

/** As little as a reader can do: it finds the messages in what arrives and counts their events. */
export interface RawWatcher {
	readonly socket: Socket;
	/** From connecting to the first message of the server, in ms. */
	readonly greeted: Promise<number>;
}

const pong = Buffer.from("3");
const join = Buffer.from("40");

export function watchRaw({ wire, port, stream, token }: Target, tally: Tally, isSample: boolean): RawWatcher {
	const began = performance.now();
	const socket = connect(port, "127.0.0.1");
	const { promise: greeted, resolve, reject } = Promise.withResolvers<number>();
	const isSse = wire.endsWith("sse");
	let kept: Buffer = Buffer.alloc(0);
	let isOpen = false;
	let last = 0;

	const countOurs = (message: Buffer) => {
		if (message[6] !== 0x65) return greet(message);
		const from = numberAfter(message, '"from":');
		const to = numberAfter(message, '"to":');
		if (last !== 0 && from !== last + 1) tally.gaps++;
		last = to;
		tally.events += to - from + 1;
		sample(message);
	};
	const sample = (message: Buffer) => {
		const now = clockMs();
		tally.lastAtMs = now;
		if (!isSample) return;
		for (const sentMs of stampsIn(message.toString("latin1"))) tally.agesMs.push(now - sentMs);
	};
	/** The first word of our server, whereupon the stream is asked for. */
	const greet = (message: Buffer) => {
		if (message[6] !== 0x68 || message[7] !== 0x65) return;
		resolve(performance.now() - began);
		if (wire === "ours") sendText(socket, Buffer.from(JSON.stringify({ t: "sub", id: 1, stream, after: 0 })));
	};
	const take: Readonly<Record<Wire, (message: Buffer) => void>> = {
		ours: countOurs,
		"ours-sse": (message) => {
			const at = message.indexOf("data: ");
			if (at >= 0) countOurs(message.subarray(at + 6));
		},
		ws: (message) => {
			tally.events++;
			sample(message);
		},
		"socket.io": (message) => {
			if (message[0] === 0x30) sendText(socket, join);
			else if (message[0] === 0x32) sendText(socket, pong);
			else if (message[1] === 0x30) resolve(performance.now() - began);
			else {
				tally.events++;
				sample(message);
			}
		},
		"better-sse": (message) => {
			if (!message.includes("event:event")) return;
			tally.events++;
			sample(message);
		},
	};

	socket.setNoDelay(true);
	socket.on("connect", () => socket.write(requestOf(wire, stream, token)));
	socket.on("error", reject);
	socket.once("close", () => reject(new Error("closed before a greeting")));
	socket.on("data", (chunk: Buffer) => {
		let rest = kept.length > 0 ? Buffer.concat([kept, chunk]) : chunk;
		if (!isOpen) {
			const end = rest.indexOf("\r\n\r\n");
			if (end < 0) {
				kept = rest;
				return;
			}
			const status = rest.toString("latin1", 9, 12);
			if (status !== (isSse ? "200" : "101")) return reject(new Error(`answered ${status}`));
			isOpen = true;
			rest = rest.subarray(end + 4);
			if (wire === "ws" || wire === "better-sse") resolve(performance.now() - began);
		}
		kept = isSse ? eachEvent(rest, take[wire]) : eachMessage(rest, take[wire], (text) => socket.write(pongTo(text)));
	});
	return { socket, greeted };
}

/** Hands over each whole WebSocket text message; answers what is left. */
function eachMessage(bytes: Buffer, take: (message: Buffer) => void, answerPing: (text: Buffer) => void): Buffer {
	let at = 0;
	while (bytes.length - at >= 2) {
		const short = (bytes[at + 1] ?? 0) & 0x7f;
		const header = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (bytes.length - at < header) break;
		const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
		const end = at + header + length;
		if (end > bytes.length) break;
		if (bytes[at] === 0x81) take(bytes.subarray(at + header, end));
		else if (bytes[at] === 0x89) answerPing(bytes.subarray(at + header, end));
		at = end;
	}
	return bytes.subarray(at);
}

/** Hands over each whole server-sent event. The sizes of HTTP chunks stand between them and do no harm. */
function eachEvent(bytes: Buffer, take: (message: Buffer) => void): Buffer {
	let at = 0;
	for (let end = bytes.indexOf("\n\n"); end >= 0; end = bytes.indexOf("\n\n", at)) {
		take(bytes.subarray(at, end));
		at = end + 2;
	}
	return bytes.subarray(at);
}

function numberAfter(message: Buffer, name: string): number {
	let value = 0;
	for (let at = message.indexOf(name) + name.length; ; at++) {
		const digit = (message[at] ?? 0) - 0x30;
		if (digit < 0 || digit > 9) return value;
		value = value * 10 + digit;
	}
}

function requestOf(wire: Wire, stream: string, token: string): string {
	const body = JSON.stringify({ subs: [{ stream }] });
	const upgrade =
		"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
	const common = `Host: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
	switch (wire) {
		case "ours":
			return `GET /live/ws HTTP/1.1\r\n${common}${upgrade}\r\n`;
		case "ours-sse":
			return `POST /live/sse HTTP/1.1\r\n${common}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
		case "ws":
			return `GET / HTTP/1.1\r\n${common}${upgrade}\r\n`;
		case "socket.io":
			return `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${common}${upgrade}\r\n`;
		case "better-sse":
			return `GET / HTTP/1.1\r\n${common}Accept: text/event-stream\r\n\r\n`;
	}
}

const pongTo = (text: Buffer) => Buffer.concat([Buffer.from([0x8a, 0x80 | text.length, 0, 0, 0, 0]), text]);

/** A client's message is masked; a mask of zeros leaves it as it is. */
function sendText(socket: Socket, text: Buffer): void {
	if (text.length > 125) {
		const header = Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 0xff, 0, 0, 0, 0]);
		socket.write(Buffer.concat([header, text]));
	} else socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
}
