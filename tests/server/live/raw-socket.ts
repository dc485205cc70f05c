import { once } from "node:events";
import { connect, type NetConnectOpts, type Socket } from "node:net";

/** A frame as a client sends it; what is wrong about it can be chosen. */
export function clientFrame(opcode: number, payload: Buffer, { fin = true, reserved = 0, masked = true } = {}): Buffer {
	const head = Buffer.from([(fin ? 0x80 : 0) | reserved | opcode, (masked ? 0x80 : 0) | Math.min(payload.length, 126)]);
	const length = Buffer.alloc(payload.length < 126 ? 0 : 2);
	if (length.length > 0) length.writeUInt16BE(payload.length);
	// A mask of zeros changes nothing.
	return Buffer.concat([head, length, Buffer.alloc(masked ? 4 : 0), payload]);
}

export const textFrame = (text: string) => clientFrame(1, Buffer.from(text));

/** The request that asks for a WebSocket. */
export function handshake(user: string, version = 13): string {
	const key = Buffer.alloc(16).toString("base64");
	return `GET /live/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: ${version}\r\nSec-WebSocket-Key: ${key}\r\nAuthorization: Bearer ${user}\r\n\r\n`;
}

/** A WebSocket that follows no rules but ours: it answers neither pings nor a close. */
export interface RawSocket {
	tcp: Socket;
	/** The first close code the server sends, or null when it just ends. */
	closed: Promise<number | null>;
	ended: Promise<unknown>;
}

export async function openRaw(place: NetConnectOpts, user = "ann"): Promise<RawSocket> {
	const tcp = connect(place);
	const ended = once(tcp, "close");
	let received = Buffer.alloc(0);
	const code = Promise.withResolvers<number | null>();
	tcp.on("error", () => {});
	tcp.on("data", (chunk) => {
		received = Buffer.concat([received, chunk]);
		const found = closeCodeIn(received.subarray(received.indexOf("\r\n\r\n") + 4));
		if (found !== null) code.resolve(found);
	});
	tcp.once("close", () => code.resolve(null));
	tcp.write(handshake(user));
	await once(tcp, "data");
	return { tcp, closed: code.promise, ended };
}

/** The code of the close frame among these frames of a server. */
function closeCodeIn(frames: Buffer): number | null {
	for (let at = 0; at + 4 <= frames.length; ) {
		const opcode = (frames[at] ?? 0) & 0x0f;
		const short = (frames[at + 1] ?? 0) & 0x7f;
		if (opcode === 8) return frames.readUInt16BE(at + 2);
		at += short < 126 ? 2 + short : 4 + frames.readUInt16BE(at + 2);
	}
	return null;
}
