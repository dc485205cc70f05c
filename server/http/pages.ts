import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import next from "next";
import type { HandleUpgrade } from "./upgrade.ts";

export interface Pages {
	handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
	/** Next's development socket; null in production. */
	upgrade: HandleUpgrade | null;
	close(): Promise<void>;
}

/**
 * Prepares Next for the checkout at `dir`. Next is given a server that never listens, because it would add its own `upgrade`
 * listener to the real one and end every socket it does not know.
 */
export async function preparePages({ dir, dev, port }: { dir: string; dev: boolean; port: number }): Promise<Pages> {
	const silent = createServer();
	const app = next({ dev, dir, httpServer: silent, hostname: "localhost", port });
	await app.prepare();
	const handler = app.getRequestHandler();
	const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => void silent.emit("upgrade", request, socket, head);
	return { handle: (request, response) => handler(request, response), upgrade: dev ? upgrade : null, close: () => app.close() };
}
