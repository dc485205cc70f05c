import type { Server } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const lastWordsMs = 200;

/**
 * Answers what closes the server: it takes no new connections, drains the live ones, lets answers that end now reach their readers,
 * and cuts what is left. Node itself forgets a connection once it was upgraded: a WebSocket to a preview would keep the server open
 * for ever.
 */
export function closeable(server: Server, drain: () => Promise<unknown>): () => Promise<void> {
	const open = new Set<Socket>();
	server.on("connection", (socket: Socket) => {
		open.add(socket);
		socket.on("close", () => open.delete(socket));
	});
	return async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		await drain();
		await Promise.race([closed, delay(lastWordsMs, undefined, { ref: false })]);
		for (const socket of open) socket.destroy();
		await closed;
	};
}
