import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { FindRoute, PreviewRoute, Visit } from "../projects/preview-route.ts";
import { createForward } from "./forward.ts";
import { createOpenVisits } from "./open-visits.ts";
import { type Notice, notices, sendNotice } from "./pages.ts";
import { isPreviewHost, slugOfHost } from "./preview-host.ts";
import { createSilence } from "./silence.ts";

export interface EdgeOptions {
	previewDomain: string;
	/** Host names of the platform, without port, where they lie below the preview domain. */
	platformHosts?: readonly string[];
	/** How visitors reach the edge; `http` by default. */
	protocol?: "http" | "https";
	/** A visitor's address, where proxies stand before the edge; that of the connection by default. */
	addressOf?: (request: IncomingMessage) => string;
	/** Where visitors of a project are sent right now. */
	route: FindRoute;
	/** Beginnings of the names of the platform's cookies. */
	cookiePrefixes: readonly string[];
	/** Requests and WebSockets one project may have open at a time; 1000 by default. */
	maxOpen?: number;
	/** How many of them may be one visitor's; 200 by default. */
	maxOpenPerVisitor?: number;
	/** From the end of a request to the head of the answer; 60 s by default. */
	answerTimeoutMs?: number;
	/** Told of an app that left several requests in a row unanswered. */
	onSilent?: (slug: string, silence: { requests: number; timeoutMs: number }) => void;
	log: { warn(fields: object, text: string): void };
}

/** The part of the server that visitors of previews talk to. Nothing of the platform answers through it. */
export interface Edge {
	/** True when a request with this `Host` is for a preview, and so for nobody else. */
	handles(hostHeader: string | undefined): boolean;
	request(request: IncomingMessage, response: ServerResponse): void;
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Ends the connections to apps. */
	close(): Promise<void>;
}

interface Visitor {
	slug: string;
	address: string;
}

/** Late answers in a row after which an app counts as silent. */
const silentAfter = 3;

/** Sends each request of a preview host to the release that is live, or says why none answers. */
export function createEdge(options: EdgeOptions): Edge {
	const { route, log, cookiePrefixes, protocol = "http", answerTimeoutMs = 60_000 } = options;
	const { addressOf = ({ socket }) => socket.remoteAddress ?? "unknown" } = options;
	const hosts = { previewDomain: options.previewDomain, platformHosts: options.platformHosts ?? [] };
	const visits = createOpenVisits({ perProject: options.maxOpen ?? 1000, perVisitor: options.maxOpenPerVisitor ?? 200 });
	const silence = createSilence(silentAfter, (slug) => options.onSilent?.(slug, { requests: silentAfter, timeoutMs: answerTimeoutMs }));
	const forward = createForward({
		cookiePrefixes,
		protocol,
		answerTimeoutMs,
		onAnswer: silence.answered,
		onBroken(slug, error, late) {
			log.warn({ slug, error: error.message }, "an app did not answer");
			if (late) silence.late(slug);
		},
	});

	/** Where a visit is sent, or why it is not. Answers at once where that is known, so that a request costs no turn of the loop. */
	function find({ slug, address }: Visitor, visit: Visit): PreviewRoute | Notice | Promise<PreviewRoute | Notice> {
		const entered = visits.enter(slug, address, visit);
		if (entered !== "in") return entered === "project" ? notices.busy : notices.tooMany;
		const failed = (error: unknown): Notice => {
			log.warn({ slug, error: error instanceof Error ? error.message : String(error) }, "a preview could not be looked up");
			return notices.unavailable;
		};
		try {
			const found = route(slug, visit);
			return found instanceof Promise ? found.catch(failed) : found;
		} catch (error) {
			return failed(error);
		}
	}

	function answer(found: PreviewRoute | Notice, visitor: Visitor, request: IncomingMessage, response: ServerResponse): void {
		if (!("kind" in found)) sendNotice(request, response, found);
		else if (found.kind === "app") forward.request(request, response, { ...visitor, socketPath: found.socketPath });
		else if (found.kind === "site") found.serve(request, response, () => sendNotice(request, response, notices.missing));
		else sendNotice(request, response, noticeOf(found));
	}

	function connect(found: PreviewRoute | Notice, visitor: Visitor, request: IncomingMessage, socket: Socket, head: Buffer): void {
		if (!("kind" in found)) refuse(socket, found);
		else if (found.kind === "app") forward.upgrade(request, socket, head, { ...visitor, socketPath: found.socketPath });
		else refuse(socket, found.kind === "site" ? notices.missing : noticeOf(found));
	}

	return {
		handles: (hostHeader) => isPreviewHost(hostHeader, hosts),
		request(request, response) {
			const slug = slugOfHost(request.headers.host, hosts);
			if (slug === null) return sendNotice(request, response, notices.unknown);
			const visitor = { slug, address: addressOf(request) };
			const found = find(visitor, response);
			if (found instanceof Promise) void found.then((late) => answer(late, visitor, request, response));
			else answer(found, visitor, request, response);
		},
		upgrade(request, stream, head) {
			const socket = stream as Socket;
			// A visitor that leaves while the release is looked up must not end the process.
			socket.on("error", () => socket.destroy());
			const slug = slugOfHost(request.headers.host, hosts);
			if (slug === null) return refuse(socket, notices.unknown);
			const visitor = { slug, address: addressOf(request) };
			void Promise.resolve(find(visitor, socket)).then((found) => connect(found, visitor, request, socket, head));
		},
		close: forward.close,
	};
}

function noticeOf(found: Exclude<PreviewRoute, { kind: "app" | "site" }>): Notice {
	return found.kind === "down" ? notices[found.status] : notices[found.kind];
}

function refuse(socket: Socket, { status }: Notice): void {
	socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
	socket.once("finish", () => socket.destroy());
}
