import { type FileHandle, open } from "node:fs/promises";
import type { Server } from "node:net";
import { basename, dirname, join } from "node:path";

/** The kernel's bound on a socket's path is 108 bytes, which a deep home folder exceeds. */
const longestPath = 100;

/** Makes a server listen on a Unix socket at any depth of folders. Rejects as `listen` does. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
	if (Buffer.byteLength(path) <= longestPath) return listening(server, path);
	const folder: FileHandle = await open(dirname(path), "r");
	server.once("close", () => void folder.close().catch(() => {}));
	// The open folder has a short name of its own.
	return listening(server, join("/proc/self/fd", String(folder.fd), basename(path)));
}

function listening(server: Server, path: string): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(path, () => {
			server.off("error", reject);
			resolve();
		});
	});
}
