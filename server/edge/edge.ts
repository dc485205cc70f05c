import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PreviewRoute } from "../projects/preview-route.ts";
import { createForward } from "./forward.ts";
import { type Notice, notices, sendNotice } from "./pages.ts";
import { isPreviewHost, slugOfHost } from "./preview-host.ts";

export interface EdgeOptions {
	previewDomain: string;
	/** Host names of the platform, without port, where they lie below the preview domain. */
	platformHosts?: readonly string[];
	/** How visitors reach the edge; `http` by default. */
	protocol?: "http" | "https";
	/** A visitor's address, where proxies stand before the edge; that of the connection by default. */
	addressOf?: (request: IncomingMessage) => string;
	/** Where visitors of a project are sent right now. */
	route: (slug: string) => PreviewRoute | Promise<PreviewRoute>;
	/** Beginnings of the names of the platform's cookies. */
	cookiePrefixes: readonly string[];
	/** Requests and WebSockets one project may have open at a time; 1000 by default. */
	maxOpen?: number;
	/** From the end of a request to the head of the answer; 60 s by default. */
	answerTimeoutMs?: number;
	log: { warn(fields: object, text: string): void };
}

/** The part of the server that visitors of previews talk to. Nothing of the platform answers through it. */
export interface Edge {
	/** True when a request with this `Host` is for a preview, and so for nobody else. */
	handles(hostHeader: string | undefined): boolean;
	request(request: IncomingMessage, response: ServerResponse): void;
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Sends each request of a preview host to the release that is live, or says why none answers. */
export function createEdge(options: EdgeOptions): Edge {
	const { route, log, cookiePrefixes, protocol = "http", maxOpen = 1000, answerTimeoutMs = 60_000 } = options;
	const hosts = { previewDomain: options.previewDomain, platformHosts: options.platformHosts ?? [] };
	const openBySlug = new Map<string, number>();
	const forward = createForward({
		cookiePrefixes,
		protocol,
		addressOf: options.addressOf ?? (({ socket }) => socket.remoteAddress ?? "unknown"),
		answerTimeoutMs,
		onBroken: (error, { headers }) => log.warn({ host: headers.host, error: error.message }, "an app did not answer"),
	});

	/** Counts until `ended` happens; false when the project has as many open as it may. */
	function enter(slug: string, ended: NodeJS.EventEmitter): boolean {
		const open = openBySlug.get(slug) ?? 0;
		if (open >= maxOpen) return false;
		openBySlug.set(slug, open + 1);
		ended.once("close", () => {
			const left = (openBySlug.get(slug) ?? 1) - 1;
			if (left > 0) openBySlug.set(slug, left);
			else openBySlug.delete(slug);
		});
		return true;
	}

	async function find(slug: string): Promise<PreviewRoute | Notice> {
		try {
			return await route(slug);
		} catch (error) {
			log.warn({ slug, error: error instanceof Error ? error.message : String(error) }, "a preview could not be looked up");
			return notices.unavailable;
		}
	}

	async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const slug = slugOfHost(request.headers.host, hosts);
		if (slug === null) return sendNotice(request, response, notices.unknown);
		if (!enter(slug, response)) return sendNotice(request, response, notices.busy);
		const found = await find(slug);
		if (!("kind" in found)) return sendNotice(request, response, found);
		if (found.kind === "app") return forward.request(request, response, found.socketPath);
		if (found.kind === "site") return found.serve(request, response, () => sendNotice(request, response, notices.missing));
		sendNotice(request, response, noticeOf(found));
	}

	async function connect(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
		const slug = slugOfHost(request.headers.host, hosts);
		if (slug === null) return refuse(socket, notices.unknown);
		if (!enter(slug, socket)) return refuse(socket, notices.busy);
		const found = await find(slug);
		if (!("kind" in found)) return refuse(socket, found);
		if (found.kind === "app") return forward.upgrade(request, socket, head, found.socketPath);
		refuse(socket, found.kind === "site" ? notices.missing : noticeOf(found));
	}

	return {
		handles: (hostHeader) => isPreviewHost(hostHeader, hosts),
		request(request, response) {
			void answer(request, response);
		},
		upgrade(request, socket, head) {
			// A visitor that leaves while the release is looked up must not end the process.
			socket.on("error", () => socket.destroy());
			void connect(request, socket as Socket, head);
		},
	};
}

function noticeOf(found: Exclude<PreviewRoute, { kind: "app" | "site" }>): Notice {
	return found.kind === "down" ? notices[found.status] : notices[found.kind];
}

function refuse(socket: Socket, { status }: Notice): void {
	socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
	socket.once("finish", () => socket.destroy());
}
