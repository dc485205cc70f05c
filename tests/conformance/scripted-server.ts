import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { type WebSocket, WebSocketServer } from "ws";
import type { ClientFrame, Cursor, EventOf, ServerFrame } from "#lib/protocol/index.ts";
import type { Answer, ClientCase, Said, WireName } from "./case.ts";

export const scriptedStream = "deployment/01CONFORMANCE0000000000000";

export interface ScriptedServer {
	url: string;
	/** What went otherwise than the script. */
	readonly faults: string[];
	/** Settles when the whole script was asked for, or something went otherwise. */
	readonly played: Promise<void>;
	stop(): Promise<void>;
}

/** A connection, or an answer of poll, that frames are said on. */
interface Line {
	say(frame: unknown): void;
	cut(): void;
	refuse(status: number): void;
	end(code: number): void;
}

const heartbeatMs = 100;
const holdMs = 100;
const comeBackMs: [number, number] = [10, 50];
const isoTime = new Date(0).toISOString();

/** A server that speaks one transport and says what a case says. Requests of other transports are refused. */
export async function startScriptedServer({ script, start }: ClientCase, over: WireName): Promise<ScriptedServer> {
	const faults: string[] = [];
	const { promise: played, resolve: finish } = Promise.withResolvers<void>();
	const lines = new Set<Line>();
	let next = 0;
	/** Where the client stands when it has made of everything what it should. */
	let place: Answer["asked"] = start;
	let head = 0;

	const hello = (): unknown => ({ t: "hello", v: 1, conn: "c", boot: "b", hb: 1000, auth_exp: null });
	const beat = (): ServerFrame => ({ t: "hb", n: 1, heads: { [scriptedStream]: head }, activity: [] });

	function ask(line: Line, id: number, cursor: Partial<Cursor>): void {
		const asked = { epoch: cursor.epoch || null, after: cursor.after ?? 0 };
		const answer = script[next];
		if (!answer || !isDeepStrictEqual(asked, answer.asked)) {
			const isIdle = over === "poll" && isDeepStrictEqual(asked, place);
			if (!isIdle) fail(`asked from ${JSON.stringify(asked)}, expected ${answer ? JSON.stringify(answer.asked) : "no more questions"}`);
			const { epoch, after } = asked;
			setTimeout(() => {
				line.say({ t: "sub", id, stream: scriptedStream, epoch: epoch ?? "", head: after, min: 1, closed: false, after });
				line.end(1000);
			}, holdMs);
			return;
		}
		next++;
		play(line, id, answer);
		if (next === script.length) finish();
	}

	function play(line: Line, id: number, { say, ending }: Answer): void {
		if (typeof ending === "object" && "refuse" in ending) {
			line.refuse(ending.refuse);
			return;
		}
		for (const said of say) {
			if ("head" in said) head = said.head;
			else line.say(frameOf(said, id));
			move(said);
		}
		if (ending === "cut") line.cut();
		else if (ending) {
			if ("bye" in ending) line.say({ t: "bye", code: ending.bye, after: comeBackMs });
			line.end("bye" in ending ? ending.bye : ending.close);
		} else if (over === "poll") line.end(1000);
	}

	function move(said: Said): void {
		if ("sub" in said) {
			const { epoch = "e1", after, reset, snap } = said.sub;
			if (reset || snap || (place.epoch === null && after === 0)) place = { epoch, after };
			head = Math.max(reset ? 0 : head, place.after);
		}
		if ("ev" in said && (said.epoch ?? "e1") === (place.epoch ?? "e1") && said.ev[0] <= place.after + 1) {
			place = { epoch: place.epoch, after: Math.max(place.after, said.ev[1]) };
			head = Math.max(head, place.after);
		}
	}

	function fail(text: string): void {
		faults.push(text);
		finish();
	}

	const sockets = new WebSocketServer({ noServer: true });
	const server = createServer((request, response) => {
		answerRequest(request, response).catch((error: unknown) => fail(String(error)));
	});
	server.on("upgrade", (request, socket, first) => {
		if (over === "ws") sockets.handleUpgrade(request, socket, first, (webSocket) => converse(webSocket));
		else socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
	});

	function converse(socket: WebSocket): void {
		const line: Line = {
			say: (frame) => socket.send(JSON.stringify(frame)),
			cut: () => void setImmediate(() => socket.terminate()),
			refuse: () => socket.terminate(),
			end: (code) => socket.close(code),
		};
		open(line, (close) => socket.once("close", close));
		socket.on("message", (data) => {
			const frame = JSON.parse(String(data)) as ClientFrame;
			if (frame.t === "ping") line.say({ t: "pong", n: frame.n });
			if (frame.t === "sub" && frame.stream === scriptedStream) ask(line, frame.id, frame);
		});
	}

	/** Heartbeats keep a connection alive as long as it is there. */
	function open(line: Line, onceClosed: (close: () => void) => void): void {
		lines.add(line);
		line.say(hello());
		const timer = setInterval(() => line.say(beat()), heartbeatMs);
		onceClosed(() => {
			clearInterval(timer);
			lines.delete(line);
		});
	}

	async function answerRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (request.url?.split("?", 1)[0] !== `/live/${over}` || over === "ws") {
			response.writeHead(503).end();
			return;
		}
		let body = "";
		for await (const chunk of request) body += chunk;
		const { subs } = JSON.parse(body) as { subs: Partial<Cursor>[] };
		const cursor = subs.find(({ stream }) => stream === scriptedStream);
		if (!cursor) return fail(`asked for ${body}`);
		const line = over === "sse" ? stream(response) : array(response);
		ask(line, 0, cursor);
	}

	function stream(response: ServerResponse): Line {
		const begin = () => {
			if (!response.headersSent)
				response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" });
		};
		const line: Line = {
			say(frame) {
				begin();
				response.write(`data: ${JSON.stringify(frame)}\n\n`);
			},
			// What was said is still delivered.
			cut: () => void setImmediate(() => response.destroy()),
			refuse: (status) => response.writeHead(status, { "retry-after": "0" }).end(),
			end: () => response.end(),
		};
		const { ending } = script[next] ?? {};
		if (!(typeof ending === "object" && "refuse" in ending)) open(line, (close) => response.once("close", close));
		return line;
	}

	function array(response: ServerResponse): Line {
		const frames: unknown[] = [hello()];
		const end = () => {
			if (!response.writableEnded) response.end(JSON.stringify([...frames, beat()]));
		};
		return {
			say: (frame) => frames.push(frame),
			cut: end,
			end,
			refuse: (status) => response.writeHead(status, { "retry-after": "0" }).end(),
		};
	}

	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		faults,
		played,
		async stop() {
			for (const line of lines) line.cut();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

/** The frame in full. */
function frameOf(said: Exclude<Said, { head: number }>, id: number): unknown {
	const stream = scriptedStream;
	if ("raw" in said) return JSON.parse(JSON.stringify(said.raw).replaceAll("$stream", stream));
	if ("live" in said) return { t: "live", stream, head: said.live };
	if ("end" in said) return { t: "end", stream, seq: said.end };
	if ("err" in said) return { t: "err", id, stream, code: said.err };
	if ("sub" in said) {
		const { epoch = "e1", min = 1, closed = false, snap, ...rest } = said.sub;
		return { t: "sub", id, stream, epoch, min, closed, ...rest, ...(snap !== undefined && { snap: { seq: snap, state: {} } }) };
	}
	const [from, to] = said.ev;
	const e = Array.from({ length: to - from + 1 }, (_, index) => eventOf(from + index));
	return { t: "ev", stream, epoch: said.epoch ?? "e1", from, to, e };
}

function eventOf(seq: number): EventOf<"system"> {
	return {
		id: String(seq).padStart(26, "0"),
		seq,
		stream: scriptedStream,
		deployment_id: null,
		type: "system",
		timestamp: isoTime,
		agent_name: null,
		stage: null,
		source: "pipeline",
		content: "A line.",
		metadata: { message_type: "info" },
		requires_ack: false,
	};
}
