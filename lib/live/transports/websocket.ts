import { closeCodes } from "../../protocol/index.ts";
import { type OpenTransport, parseFrame } from "./transport.ts";

/** Frames as text messages of one WebSocket. */
export const openWebSocket: OpenTransport = ({ origin, WebSocket: Socket }, { onOpen, onFrame, onClose }) => {
	const socket = new Socket(`${origin.replace(/^http/, "ws")}/live/ws`);
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

function parseText(text: string) {
	try {
		return parseFrame(JSON.parse(text));
	} catch {
		return null;
	}
}
