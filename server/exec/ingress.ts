import { chmod, rename } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { listenOnSocket } from "./unix-socket.ts";

/** The way in to an app. */
export interface Ingress {
	/** The listening socket, for the sandbox's first program to inherit. */
	fd: number;
	/** Puts the socket in its place and gives up this process's own hold of it. */
	publish(): Promise<void>;
	/** Removes the socket that nobody is going to answer. */
	withdraw(): Promise<void>;
}

/**
 * Opens a listening socket for a sandbox to inherit. What runs inside never gets a folder in which it could put a link to
 * another socket of the machine, for the platform to follow.
 */
export async function openIngress(socketPath: string, id: string): Promise<Ingress> {
	const early = `${socketPath}.${id}`;
	const server = createServer();
	await listenOnSocket(server, early);
	await chmod(early, 0o600);
	const { fd } = (server as Server & { _handle: { fd: number } })._handle;
	const closed = () => new Promise<void>((resolve) => server.close(() => resolve()));
	return {
		fd,
		async publish() {
			// Renamed first: closing a server removes the path it was made with.
			await rename(early, socketPath);
			await closed();
		},
		withdraw: closed,
	};
}
