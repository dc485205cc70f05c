import { closeCodes, lostCode } from "../../protocol/index.ts";
import { addressOf, type OpenTransport, parseFrame, type Transport, type TransportHandlers } from "./transport.ts";

/** Frames as text messages of one WebSocket. */
export const openWebSocket: OpenTransport = ({ origin, WebSocket: Socket, via }, { onOpen, onFrame, onClose }) => {
	const socket = tryToOpen(Socket, addressOf(origin.replace(/^http/, "ws"), "ws", via));
	if (!socket) return neverOpened(onClose);
	let ended = false;
	socket.onopen = () => {
		if (!ended) onOpen();
	};
	socket.onmessage = ({ data }) => {
		const frame = typeof data === "string" ? parseText(data) : null;
		if (!ended && frame) onFrame(frame);
	};
	socket.onclose = ({ code }) => {
		if (ended) return;
		ended = true;
		onClose({ code, retryAfterMs: null });
	};
	return {
		send(frame) {
			if (socket.readyState === Socket.OPEN) socket.send(JSON.stringify(frame));
			return true;
		},
		close() {
			ended = true;
			socket.close(closeCodes.normal);
		},
	};
};

/** null where the browser, or what somebody put into it, does not even let us try. */
function tryToOpen(Socket: typeof WebSocket, url: string): WebSocket | null {
	try {
		return new Socket(url);
	} catch {
		return null;
	}
}

/** Ends, as a connection does, only after it was returned. */
function neverOpened(onClose: TransportHandlers["onClose"]): Transport {
	let closed = false;
	queueMicrotask(() => {
		if (!closed) onClose({ code: lostCode, retryAfterMs: null });
	});
	return {
		send: () => true,
		close() {
			closed = true;
		},
	};
}

function parseText(text: string) {
	try {
		return parseFrame(JSON.parse(text));
	} catch {
		return null;
	}
}
