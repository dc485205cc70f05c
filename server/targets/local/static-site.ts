import type { Stats } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname } from "node:path";
import send from "send";
import type { ServeSite } from "../../projects/preview-route.ts";

export interface StaticSite {
	releaseId: string;
	/** Folder of plain files: it holds no symlinks, so nothing leads out of it. */
	folder: string;
	/** Unknown paths are pages of the app itself and answer index.html. */
	spaFallback: boolean;
}

/** Serves the files of a release: ranges, conditional requests, `page` for `page.html`, the site's own 404.html. */
export function serveStaticSite(site: StaticSite): ServeSite {
	return (request, response, missing) => {
		if (request.method !== "GET" && request.method !== "HEAD") {
			response.writeHead(405, { allow: "GET, HEAD", "content-length": 0 }).end();
			return;
		}
		response.setHeader("x-content-type-options", "nosniff");
		const path = pathOf(request);
		const notFound = () => {
			if (site.spaFallback && isPage(request, path)) return sendFile(site, request, response, "/index.html", missing);
			sendOwnMissingPage(site, request, response, missing);
		};
		// Where a site has both `page.html` and a folder `page` (as Next.js exports it), the page is meant.
		const folder = () => sendFile(site, request, response, `${path}.html`, () => redirectInto(request, response, path));
		sendFile(site, request, response, path, notFound, folder);
	};
}

function redirectInto(request: IncomingMessage, response: ServerResponse, path: string): void {
	const query = /\?.*$/.exec(request.url ?? "")?.[0] ?? "";
	response.writeHead(302, { location: `${path.replace(/^\/+/, "/")}/${query}`, "content-length": 0, "cache-control": "no-cache" }).end();
}

/** `folder` is called for a path that is a folder and does not end in a slash. */
function sendFile(
	site: StaticSite,
	request: IncomingMessage,
	response: ServerResponse,
	path: string,
	notFound: () => void,
	folder: () => void = notFound,
): void {
	send(request, path, {
		root: site.folder,
		dotfiles: path.startsWith("/.well-known/") ? "allow" : "ignore",
		extensions: ["html"],
		// A rollback brings back older files: their dates say nothing about freshness, the release does.
		lastModified: false,
		cacheControl: false,
	})
		.on("headers", (answer: ServerResponse, file: string, stats: Stats) => {
			answer.setHeader("etag", `"${site.releaseId}-${stats.size.toString(36)}-${Math.round(stats.mtimeMs).toString(36)}"`);
			answer.setHeader("cache-control", isFingerprinted(file) ? "public, max-age=31536000, immutable" : "no-cache");
		})
		.on("directory", folder)
		.on("error", (error: { status?: number; headers?: Record<string, string> }) => {
			if (response.headersSent) return response.destroy();
			if (error.status === 404 || error.status === 403) return notFound();
			response.removeHeader("etag");
			response.removeHeader("cache-control");
			response.writeHead(error.status ?? 500, { ...error.headers, "content-length": 0 }).end();
		})
		.pipe(response);
}

/** The site's own 404.html, with the status it is about; `missing` where it has none. */
function sendOwnMissingPage(site: StaticSite, request: IncomingMessage, response: ServerResponse, missing: () => void): void {
	if (!(request.headers.accept ?? "").includes("text/html")) {
		missing();
		return;
	}
	for (const name of ["range", "if-none-match", "if-match", "if-modified-since", "if-range"]) delete request.headers[name];
	response.statusCode = 404;
	sendFile(site, request, response, "/404.html", () => {
		response.statusCode = 200;
		missing();
	});
}

/** A page has no file extension and is asked for by a browser; a missing script must stay missing. */
function isPage(request: IncomingMessage, path: string): boolean {
	return extname(path) === "" && /text\/html|\*\/\*/.test(request.headers.accept ?? "*/*");
}

/** Bundlers put a hash of the content into the names in these folders: `assets/index-BxY12abc.js`, `static/css/main.8f3a2b1c.css`. */
function isFingerprinted(file: string): boolean {
	const folders = /[\\/](?:assets|_astro|_app[\\/]immutable|_next[\\/]static|static[\\/](?:js|css|media))[\\/]/;
	return folders.test(file) && /[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+(?:\.map)?$/.test(file);
}

function pathOf(request: IncomingMessage): string {
	const path = (request.url ?? "/").replace(/[?#].*$/, "");
	return path.startsWith("/") ? path : "/";
}
