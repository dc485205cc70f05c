import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

export type HandleUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface UpgradeTargets {
	/** The preview edge: hosts of its own are nobody else's. */
	preview: { handles(hostHeader: string | undefined): boolean; upgrade: HandleUpgrade };
	live: { path: string; upgrade: HandleUpgrade };
	/** Next's development socket (`/_next/*`); null in production. */
	next: HandleUpgrade | null;
}

/**
 * The one listener for `upgrade`. Next would end every socket it does not know, and leave others hanging, so it never sees the
 * real server: whatever belongs to nobody is answered with 404 and closed.
 */
export function createUpgradeDispatcher({ preview, live, next }: UpgradeTargets): HandleUpgrade {
	return (request, socket, head) => {
		// A peer that vanishes during the handshake is nobody's fault and must not end the process.
		socket.on("error", destroyIt);
		if (preview.handles(request.headers.host)) return preview.upgrade(request, socket, head);
		const path = (request.url ?? "").split("?", 1)[0] ?? "";
		if (path === live.path) return live.upgrade(request, socket, head);
		if (next && path.startsWith("/_next/")) return next(request, socket, head);
		refuseUpgrade(socket, 404);
	};
}

function destroyIt(this: Duplex): void {
	this.destroy();
}

/** Answers an upgrade request with an HTTP status and closes the connection. */
export function refuseUpgrade(socket: Duplex, status: number): void {
	if (socket.destroyed) return;
	socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
