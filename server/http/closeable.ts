import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Answers what closes the server: it takes no new connections, drains the live ones, and cuts what is left. Node itself forgets
 * a connection once it was upgraded: a WebSocket to a preview would keep the server open for ever.
 */
export function closeable(server: Server, drain: () => Promise<void>): () => Promise<void> {
	const open = new Set<Socket>();
	server.on("connection", (socket: Socket) => {
		open.add(socket);
		socket.once("close", () => open.delete(socket));
	});
	return async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		await drain();
		for (const socket of open) socket.destroy();
		await closed;
	};
}
