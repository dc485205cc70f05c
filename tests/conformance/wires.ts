import { createParser } from "eventsource-parser";
import { type Cursor, type ServerFrame, serverFrameSchema } from "#lib/protocol/index.ts";

/** A raw way to the server: opens one connection with these cursors and hands over every frame, checked against the schema. */
export interface Wire {
	name: "ws" | "sse" | "poll";
	open(origin: string, user: string, subs: readonly Partial<Cursor>[]): WireConnection;
}

export interface WireConnection {
	/** Every frame so far, in order. */
	readonly frames: ServerFrame[];
	/** Settles once a frame fits; throws when the connection ended before. */
	until(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
	close(): void;
}

function collect(): { frames: ServerFrame[]; take(json: unknown): void; end(error: Error): void; until: WireConnection["until"] } {
	const frames: ServerFrame[] = [];
	const waiting = new Set<{ look(): void; fail(error: Error): void }>();
	let ended: Error | null = null;
	return {
		frames,
		take(json) {
			frames.push(serverFrameSchema.parse(json));
			for (const { look } of waiting) look();
		},
		end(error) {
			ended = error;
			for (const { fail } of waiting) fail(error);
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

const headersOf = (user: string) => ({ authorization: `Bearer ${user}` });

export const wires: Wire[] = [
	{
		name: "ws",
		open(origin, user, subs) {
			const { frames, take, end, until } = collect();
			const socket = new WebSocket(`${origin.replace("http", "ws")}/live/ws`, { headers: headersOf(user) } as unknown as string[]);
			socket.onmessage = ({ data }) => take(JSON.parse(data));
			socket.onopen = () => {
				for (const [id, sub] of subs.entries()) socket.send(JSON.stringify({ t: "sub", id, ...sub }));
			};
			socket.onclose = ({ code }) => end(new Error(`closed with ${code}`));
			return { frames, until, close: () => socket.close() };
		},
	},
	{
		name: "sse",
		open(origin, user, subs) {
			const { frames, take, end, until } = collect();
			const abort = new AbortController();
			const parser = createParser({ onEvent: ({ data }) => take(JSON.parse(data)) });
			void (async () => {
				const response = await fetch(`${origin}/live/sse`, {
					method: "POST",
					headers: headersOf(user),
					body: JSON.stringify({ subs }),
					signal: abort.signal,
				});
				for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) parser.feed(chunk);
				end(new Error(`ended with ${response.status}`));
			})().catch(end);
			return { frames, until, close: () => abort.abort() };
		},
	},
	{
		name: "poll",
		open(origin, user, subs) {
			const { frames, take, end, until } = collect();
			const abort = new AbortController();
			const cursors = new Map(subs.map((sub) => [sub.stream, { ...sub }]));
			void (async () => {
				for (let first = true; !abort.signal.aborted; first = false) {
					const body = JSON.stringify({ subs: [...cursors.values()], wait: 5 });
					const response = await fetch(`${origin}/live/poll`, { method: "POST", headers: headersOf(user), body, signal: abort.signal });
					if (!response.ok) throw new Error(`answered ${response.status}`);
					for (const frame of (await response.json()) as ServerFrame[]) {
						// Each answer opens anew; what it repeats of the answer before is not part of the conversation.
						if (first || !(frame.t === "hello" || frame.t === "live" || (frame.t === "sub" && !frame.reset))) take(frame);
						if (frame.t === "sub") cursors.set(frame.stream, { stream: frame.stream, epoch: frame.epoch, after: frame.after });
						if (frame.t === "ev") cursors.set(frame.stream, { stream: frame.stream, epoch: frame.epoch, after: frame.to });
						if (frame.t === "end" || frame.t === "err") cursors.delete(frame.stream ?? "");
					}
					if (cursors.size === 0) return;
				}
			})().catch(end);
			return { frames, until, close: () => abort.abort() };
		},
	},
];
