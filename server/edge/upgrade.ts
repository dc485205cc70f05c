import { request as ask, type IncomingHttpHeaders, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

export interface UpgradeOptions {
	socketPath: string;
	/** As they are for the app. */
	headers: IncomingHttpHeaders;
	/** From the request to the head of the answer. */
	answerTimeoutMs: number;
	/** The headers of an answer without what an app may not say. */
	forVisitor(headers: IncomingHttpHeaders): IncomingHttpHeaders;
	onBroken(error: Error): void;
}

/** A visitor's side that has ended is not held open for an app that has not noticed. */
const lastWordsMs = 2_000;
/** A visitor who vanished is noticed by asking the connection itself. */
const keepAliveMs = 30_000;

/** Passes a WebSocket handshake to an app, and then what both sides say. An answer that is no upgrade is passed on and ends the connection. */
export function forwardUpgrade(request: IncomingMessage, visitor: Socket, head: Buffer, options: UpgradeOptions): void {
	const { socketPath, headers, answerTimeoutMs, forVisitor, onBroken } = options;
	const asked = ask({
		socketPath,
		method: request.method,
		path: request.url,
		agent: false,
		headers: { ...headers, connection: "Upgrade", upgrade: request.headers.upgrade ?? "websocket" },
	});
	const impatience = setTimeout(() => asked.destroy(new Error(`no answer within ${answerTimeoutMs} ms`)), answerTimeoutMs);
	const settle = (): void => clearTimeout(impatience);
	visitor.once("close", () => asked.destroy());

	asked.once("upgrade", (answer, app, appHead) => {
		settle();
		visitor.setNoDelay(true);
		visitor.setKeepAlive(true, keepAliveMs);
		visitor.setTimeout(0);
		visitor.write(headOf(answer, { ...forVisitor(answer.headers), connection: "Upgrade", upgrade: answer.headers.upgrade }));
		if (appHead.length > 0) visitor.write(appHead);
		if (head.length > 0) app.write(head);
		connect(visitor, app);
	});
	asked.once("response", (answer) => {
		settle();
		visitor.write(headOf(answer, { ...forVisitor(answer.headers), connection: "close" }));
		answer.on("error", () => visitor.destroy());
		answer.pipe(visitor);
	});
	asked.once("error", (error) => {
		settle();
		if (visitor.destroyed) return;
		onBroken(error);
		visitor.destroy();
	});
	asked.once("close", settle);
	asked.end();
}

function connect(visitor: Duplex, app: Duplex): void {
	for (const [one, other] of [
		[visitor, app],
		[app, visitor],
	] as const) {
		one.on("error", () => other.destroy());
		one.on("close", () => other.destroy());
		one.once("end", () => setTimeout(() => other.destroy(), lastWordsMs).unref());
		one.pipe(other);
	}
}

/** The head of an answer as it goes over the wire. Its parts were parsed, so none of them holds a line break. */
function headOf({ statusCode = 502, statusMessage }: IncomingMessage, headers: IncomingHttpHeaders): string {
	const lines = Object.entries(headers).flatMap(([name, value]) =>
		value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}\r\n`),
	);
	return `HTTP/1.1 ${statusCode} ${statusMessage || (STATUS_CODES[statusCode] ?? "")}\r\n${lines.join("")}\r\n`;
}
