import type { IncomingHttpHeaders } from "node:http";

const hopByHop = ["keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "expect"];

/** Headers a client may not have removed by naming them in `Connection`: without them a body would be read as another request. */
const framing = new Set(["upgrade", "host", "content-length", "transfer-encoding"]);

/** Removes what concerns one connection only (RFC 9110, section 7.6.1), and what the `Connection` header names. */
export function dropHopByHop(headers: IncomingHttpHeaders): void {
	const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
	for (const name of named) if (name && !framing.has(name)) delete headers[name];
	for (const name of hopByHop) delete headers[name];
}

/** Says who the visitor is. What the visitor claims about that is replaced: only this side saw the connection. */
export function setForwarded(headers: IncomingHttpHeaders, seen: { address: string | undefined; protocol: string; host: string }): void {
	for (const name of Object.keys(headers))
		if (name === "forwarded" || name.startsWith("x-forwarded-") || name === "x-real-ip") delete headers[name];
	headers["x-forwarded-for"] = seen.address ?? "unknown";
	headers["x-forwarded-proto"] = seen.protocol;
	headers["x-forwarded-host"] = seen.host;
	headers["x-forwarded-port"] = /:(\d+)$/.exec(seen.host)?.[1] ?? (seen.protocol === "https" ? "443" : "80");
}

/** Takes the platform's own cookies out of a request to an app. */
export function hidePlatformCookies(headers: IncomingHttpHeaders, prefixes: readonly string[]): void {
	if (headers.cookie === undefined) return;
	const kept = headers.cookie.split(";").filter((pair) => !isPlatformCookie(pair.split("=")[0] ?? "", prefixes));
	const text = kept.join(";").trim();
	if (text) headers.cookie = text;
	else delete headers.cookie;
}

/**
 * Keeps an app's answer within its own host: no cookie with a name of the platform's, none for a parent domain, and no
 * clearing of data that belongs to the whole site.
 */
export function confineResponse(headers: IncomingHttpHeaders, prefixes: readonly string[]): void {
	delete headers["clear-site-data"];
	const cookies = headers["set-cookie"];
	if (!cookies) return;
	const kept = cookies.filter((cookie) => !isPlatformCookie(cookie.split(/[=;]/)[0] ?? "", prefixes)).map(withoutDomain);
	if (kept.length > 0) headers["set-cookie"] = kept;
	else delete headers["set-cookie"];
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
