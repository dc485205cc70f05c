import type { IncomingHttpHeaders } from "node:http";

/** What the edge knows of a visitor. */
export interface Seen {
	address: string;
	protocol: "http" | "https";
	host: string;
}

/** What concerns one connection only (RFC 9110, section 7.6.1). The framing of a body is made anew on each connection. */
const hopByHop = new Set([
	"connection",
	"keep-alive",
	"proxy-authenticate",
	"proxy-authorization",
	"proxy-connection",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"expect",
]);
/** What a visitor claims about where they come from: only this side saw the connection. */
const claimed = new Set(["forwarded", "x-real-ip"]);
/** Headers a client may not have removed by naming them in `Connection`: without them a body would be read as another request. */
const framing = new Set(["host", "content-length"]);

/** The headers of a request as an app gets them: without those of the connection and the platform's cookies, with who asks. */
export function headersForApp(headers: IncomingHttpHeaders, seen: Seen, cookiePrefixes: readonly string[]): IncomingHttpHeaders {
	const named = namedByConnection(headers.connection);
	const passed: IncomingHttpHeaders = {};
	for (const name in headers) {
		if (hopByHop.has(name) || named?.has(name) || claimed.has(name)) continue;
		if (name === "cookie" || name.startsWith("x-forwarded-")) continue;
		passed[name] = headers[name];
	}
	if (headers.cookie !== undefined) {
		const cookie = withoutPlatformCookies(headers.cookie, cookiePrefixes);
		if (cookie !== "") passed.cookie = cookie;
	}
	passed["x-forwarded-for"] = seen.address;
	passed["x-forwarded-proto"] = seen.protocol;
	passed["x-forwarded-host"] = seen.host;
	passed["x-forwarded-port"] = portOf(seen);
	return passed;
}

/**
 * The headers of an app's answer as its visitor gets them, kept within the app's own host: no cookie with a name of the platform's,
 * none for a parent domain, and no clearing of data that belongs to the whole site.
 */
export function headersForVisitor(headers: IncomingHttpHeaders, cookiePrefixes: readonly string[]): IncomingHttpHeaders {
	const named = namedByConnection(headers.connection);
	const passed: IncomingHttpHeaders = {};
	for (const name in headers) {
		if (hopByHop.has(name) || named?.has(name) || name === "clear-site-data" || name === "set-cookie") continue;
		passed[name] = headers[name];
	}
	const cookies = headers["set-cookie"];
	if (cookies === undefined) return passed;
	const own = [cookies].flat().filter((cookie) => !isPlatformCookie(cookie.split(/[=;]/)[0] ?? "", cookiePrefixes));
	if (own.length > 0) passed["set-cookie"] = own.map(withoutDomain);
	return passed;
}

/** Names of headers that `Connection` says are for this connection only; null for the usual values, which name none. */
function namedByConnection(connection: string | undefined): ReadonlySet<string> | null {
	if (connection === undefined || connection === "keep-alive" || connection === "close") return null;
	const names = connection.split(",").map((name) => name.trim().toLowerCase());
	return new Set(names.filter((name) => !framing.has(name)));
}

function portOf({ host, protocol }: Seen): string {
	return /:(\d+)$/.exec(host)?.[1] ?? (protocol === "https" ? "443" : "80");
}

function withoutPlatformCookies(cookie: string, prefixes: readonly string[]): string {
	const kept = cookie.split(";").filter((pair) => !isPlatformCookie(pair.split("=")[0] ?? "", prefixes));
	return kept.join(";").trim();
}

function withoutDomain(cookie: string): string {
	const [pair, ...attributes] = cookie.split(";");
	return [pair, ...attributes.filter((attribute) => !/^\s*domain\s*(=|$)/i.test(attribute))].join(";");
}

function isPlatformCookie(name: string, prefixes: readonly string[]): boolean {
	const bare = name
		.trim()
		.toLowerCase()
		.replace(/^__(secure|host)-/, "");
	return prefixes.some((prefix) => bare.startsWith(prefix.toLowerCase()));
}
