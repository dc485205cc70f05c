import { createParser } from "eventsource-parser";
import { WebSocket } from "ws";
import { type Cursor, type ServerFrame, serverFrameSchema } from "#lib/protocol/index.ts";
import type { WireName } from "./case.ts";

/** A raw way to the server: opens one connection with these cursors and hands over every frame, checked against the schema. */
export interface Wire {
	name: WireName;
	open(origin: string, token: string, subs: readonly Partial<Cursor>[]): WireConnection;
}

export interface WireConnection {
	/** Every frame so far, in order. */
	readonly frames: ServerFrame[];
	/** Settles once a frame fits; throws when the connection ended before. */
	until(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
	/** Sends a message, binary where it is bytes. WebSocket only. */
	send(message: string | Uint8Array): void;
	/** Code with which the server ended a WebSocket, status of the answer for the others. */
	readonly closed: Promise<number>;
	close(): void;
}

interface Collected extends Pick<WireConnection, "frames" | "until" | "closed"> {
	take(json: unknown): void;
	end(code: number, error?: unknown): void;
}

const known: ReadonlySet<string> = new Set(serverFrameSchema.options.flatMap(({ shape }) => [...shape.t.values]));

function collect(): Collected {
	const frames: ServerFrame[] = [];
	const waiting = new Set<{ look(): void; fail(error: unknown): void }>();
	const { promise: closed, resolve: close } = Promise.withResolvers<number>();
	let ended: unknown = null;

	function end(code: number, error?: unknown): void {
		ended ??= error ?? new Error(`the connection ended with ${code}`);
		for (const { fail } of waiting) fail(ended);
		close(code);
	}

	return {
		frames,
		closed,
		end,
		take(json) {
			// A newer server may say more than we know.
			if (!known.has((json as { t: string }).t)) return;
			const frame = serverFrameSchema.safeParse(json);
			if (!frame.success) return end(0, new Error(`not a frame: ${JSON.stringify(json)}: ${frame.error.message}`));
			frames.push(frame.data);
			for (const { look } of waiting) look();
		},
		until: (fits) =>
			new Promise((resolve, reject) => {
				const entry = {
					look() {
						const found = frames.find(fits);
						if (!found) return;
						waiting.delete(entry);
						resolve(found);
					},
					fail: reject,
				};
				waiting.add(entry);
				entry.look();
				if (ended && waiting.has(entry)) reject(ended);
			}),
	};
}

const headersOf = (token: string) => ({ authorization: `Bearer ${token}` });
const mute = () => {
	throw new Error("Only a WebSocket carries messages to the server.");
};

const ws: Wire = {
	name: "ws",
	open(origin, token, subs) {
		const { take, end, ...rest } = collect();
		const socket = new WebSocket(`${origin.replace(/^http/, "ws")}/live/ws`, { headers: headersOf(token) });
		const waiting: (string | Uint8Array)[] = subs.map((sub, id) => JSON.stringify({ t: "sub", id, ...sub }));
		socket.on("message", (data) => take(JSON.parse(String(data))));
		socket.on("open", () => {
			for (const message of waiting.splice(0)) socket.send(message);
		});
		socket.on("error", (error) => end(1006, error));
		socket.on("close", (code) => end(code));
		return {
			...rest,
			send: (message) => void (socket.readyState === WebSocket.OPEN ? socket.send(message) : waiting.push(message)),
			close: () => socket.terminate(),
		};
	},
};

const sse: Wire = {
	name: "sse",
	open(origin, token, subs) {
		const { take, end, ...rest } = collect();
		const abort = new AbortController();
		const parser = createParser({ onEvent: ({ data }) => take(JSON.parse(data)) });
		void (async () => {
			const response = await fetch(`${origin}/live/sse`, {
				method: "POST",
				headers: headersOf(token),
				body: JSON.stringify({ subs }),
				signal: abort.signal,
			});
			for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) parser.feed(chunk);
			end(response.status);
		})().catch((error: unknown) => end(0, error));
		return { ...rest, send: mute, close: () => abort.abort() };
	},
};

const pollWaitS = 1;

const poll: Wire = {
	name: "poll",
	open(origin, token, subs) {
		const { take, end, ...rest } = collect();
		const abort = new AbortController();
		const cursors = new Map(subs.map((sub) => [sub.stream, { ...sub }]));
		/** Streams whose `live` is still to come. */
		const catching = new Set(cursors.keys());
		let answers = 0;

		/** Each answer opens anew; what it repeats of the answers before is not part of the conversation. */
		function isNews(frame: ServerFrame): boolean {
			if (frame.t === "sub" && frame.reset) catching.add(frame.stream);
			if (frame.t === "live") return catching.delete(frame.stream);
			return answers === 1 || !(frame.t === "hello" || (frame.t === "sub" && !frame.reset));
		}

		async function ask(): Promise<void> {
			const body = JSON.stringify({ subs: [...cursors.values()], wait: pollWaitS });
			const response = await fetch(`${origin}/live/poll`, { method: "POST", headers: headersOf(token), body, signal: abort.signal });
			if (!response.ok) return end(response.status);
			const frames = (await response.json()) as ServerFrame[];
			answers++;
			for (const frame of frames) {
				if (isNews(frame)) take(frame);
				if (frame.t === "sub") cursors.set(frame.stream, { stream: frame.stream, epoch: frame.epoch, after: frame.after });
				if (frame.t === "ev") cursors.set(frame.stream, { stream: frame.stream, epoch: frame.epoch, after: frame.to });
				if (frame.t === "end" || frame.t === "err") cursors.delete(frame.stream ?? "");
			}
			if (cursors.size > 0 && !frames.some(({ t }) => t === "bye")) return ask();
			end(response.status);
		}

		ask().catch((error: unknown) => end(0, error));
		return { ...rest, send: mute, close: () => abort.abort() };
	},
};

export const wires: readonly Wire[] = [ws, sse, poll];
