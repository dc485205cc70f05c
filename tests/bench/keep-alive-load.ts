import { connect, type Socket } from "node:net";

export interface Load {
	/** Unix socket of the server. */
	socketPath: string;
	host: string;
	path: string;
	connections: number;
	warmUpMs: number;
	measureMs: number;
}

const head = /^HTTP\/1\.1 (\d{3})[\s\S]*?\r\n\r\n/;

/**
 * Asks again and again over connections that are kept, one request at a time on each, and answers how many answers came a second.
 * Throws when an answer is not 200 or a connection is closed. It reads no more of an answer than its length, so that it takes
 * little of the machine from what is measured.
 */
export async function requestsPerSecond(load: Load): Promise<number> {
	let answers = 0;
	let stopping = false;
	const sockets = Array.from({ length: load.connections }, () => connect(load.socketPath));
	const done = sockets.map((socket) =>
		askForever(
			socket,
			load,
			() => answers++,
			() => stopping,
		),
	);
	const failed = Promise.all(done);
	const wait = (ms: number): Promise<unknown> => Promise.race([new Promise((resolve) => setTimeout(resolve, ms)), failed]);
	await wait(load.warmUpMs);
	const before = answers;
	const startedAt = performance.now();
	await wait(load.measureMs);
	const rate = ((answers - before) / (performance.now() - startedAt)) * 1000;
	stopping = true;
	for (const socket of sockets) socket.destroy();
	return rate;
}

function askForever(socket: Socket, { host, path }: Load, onAnswer: () => void, isStopping: () => boolean): Promise<void> {
	const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nUser-Agent: bench\r\nAccept-Encoding: identity\r\n\r\n`;
	return new Promise((resolve, reject) => {
		let text = "";
		socket.setEncoding("latin1");
		socket.on("connect", () => socket.write(request));
		socket.on("error", (error) => (isStopping() ? resolve() : reject(error)));
		socket.on("close", () => (isStopping() ? resolve() : reject(new Error("a connection was closed"))));
		socket.on("data", (chunk: string) => {
			text += chunk;
			const found = head.exec(text);
			if (!found) return;
			if (found[1] !== "200") return reject(new Error(text));
			const length = /\r\ncontent-length: (\d+)/i.exec(found[0])?.[1];
			const end = length === undefined ? endOfChunks(text, found[0].length) : found[0].length + Number(length);
			if (end === null || text.length < end) return;
			text = "";
			onAnswer();
			socket.write(request);
		});
	});
}

function endOfChunks(text: string, from: number): number | null {
	const end = text.indexOf("\r\n0\r\n\r\n", from - 2);
	return end === -1 ? null : end + 7;
}
