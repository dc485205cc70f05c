import { unlink } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import type { KillProof } from "../../exec/sandbox.ts";
import type { AppStatus } from "./supervisor.ts";

/**
 * What a runner and the platform say to each other: one JSON object a line, over a Unix socket only their user can reach.
 * A connection is told the status at once and at every change, until the platform closes it; `stop` ends the app.
 */
export type FromRunner = { v: 1; status: AppStatus } | { v: 1; stopped: KillProof };
export type ToRunner = { op: "stop" };

const maxLineBytes = 64 * 1024;

export interface ControlServer {
	publish(status: AppStatus): void;
	close(): Promise<void>;
}

/** Listens for the platform. Throws when another runner of the same release answers there. */
export async function serveControl(path: string, status: () => AppStatus, stop: () => Promise<KillProof>): Promise<ControlServer> {
	if (await answers(path)) throw new Error("a runner of this release is already there");
	await unlink(path).catch(() => {});
	const watchers = new Set<Socket>();
	const server = createServer((socket) => {
		watchers.add(socket);
		socket.on("error", () => socket.destroy());
		socket.on("close", () => watchers.delete(socket));
		send(socket, { v: 1, status: status() });
		onLines(socket, async (line) => {
			if ((JSON.parse(line) as ToRunner).op !== "stop") return;
			const proof = await stop();
			if (socket.writable) send(socket, { v: 1, stopped: proof });
		});
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(path, resolve);
	});
	return {
		publish(next) {
			for (const socket of watchers) send(socket, { v: 1, status: next });
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of watchers) socket.end();
			}),
	};
}

/** True when somebody accepts connections at this Unix socket. */
export function answers(path: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(path, () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}

/** Calls back with every line; a connection that sends an endless one, or something that is no message, is closed. */
export function onLines(socket: Socket, each: (line: string) => void | Promise<void>): void {
	let rest = "";
	socket.setEncoding("utf8");
	socket.on("data", async (chunk: string) => {
		const lines = (rest + chunk).split("\n");
		rest = lines.pop() ?? "";
		if (rest.length > maxLineBytes) socket.destroy();
		try {
			for (const line of lines) await each(line);
		} catch {
			socket.destroy();
		}
	});
}

function send(socket: Socket, message: FromRunner): void {
	socket.write(`${JSON.stringify(message)}\n`);
}
