import { failed, type Outcome, succeeded } from "./work.ts";

/** A repository address that git may be given. */
export interface GitAddress {
	/** `example` is a project that comes with Quayside and needs no network. */
	transport: "https" | "http" | "ssh" | "git" | "example";
	/** Lower case, without brackets. */
	host: string;
	/** null for the transport's own port. */
	port: number | null;
	/** Normalised: this string, and nothing a person typed, is what git receives. */
	url: string;
}

const maxUrlLength = 2000;

/**
 * Parses a repository address: https, http, ssh and git URLs, `user@host:path`, and `host/owner/name` as typed from memory.
 * Everything else git would accept (local paths, `file:`, `ext::`, options) fails with `invalid_url`.
 */
export function parseGitUrl(text: string): Outcome<GitAddress> {
	const typed = text.trim();
	if (typed === "") return invalid("The repository address is empty.");
	if (typed.length > maxUrlLength) return invalid(`The repository address is longer than ${maxUrlLength} characters.`);
	if (/[\s\p{Cc}\\]|%(?:[01][0-9a-f]|7f)/iu.test(typed))
		return invalid("The repository address has a space, a backslash or a control character in it.");
	if (typed.startsWith("-")) return invalid("A repository address cannot start with a dash.");
	if (/^example:[a-z][a-z0-9-]{0,39}$/.test(typed))
		return succeeded({ transport: "example", host: "this machine", port: null, url: typed });
	if (/^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) return parseUrl(typed);
	if (/^[^/]*@[^/]*:/.test(typed)) return parseScp(typed);
	if (/^[a-z0-9][a-z0-9.-]*\.[a-z]{2,}\/[^/]/i.test(typed)) return parseUrl(`https://${typed}`);
	return invalid();
}

/** True when both addresses lead to the same server over the same transport, so that what one may be told the other may, too. */
export function isSameGitServer(one: string, other: string): boolean {
	const [a, b] = [parseGitUrl(one), parseGitUrl(other)];
	return a.ok && b.ok && a.value.transport === b.value.transport && a.value.host === b.value.host && a.value.port === b.value.port;
}

/** Name for a project made from this address: the last part of its path, without `.git`. */
export function projectNameOf(url: string): string {
	const last = url.replace(/[/]+$/, "").split(/[/:]/).at(-1) ?? "";
	return last.replace(/\.git$/i, "") || "project";
}

function parseUrl(typed: string): Outcome<GitAddress> {
	const parsed = URL.parse(typed);
	const transport = parsed?.protocol.slice(0, -1);
	if (!parsed || !isTransport(transport)) return invalid();
	const namedUser = transport === "ssh" && parsed.username !== "" && parsed.password === "";
	if (parsed.password !== "" || (parsed.username !== "" && !namedUser)) {
		return invalid(
			"The repository address contains a user name or a password.",
			"Remove it from the address and use the access token field instead.",
		);
	}
	if (parsed.search !== "" || parsed.hash !== "") return invalid("The repository address has a “?” or “#” in it.");
	if (namedUser && !isUser(parsed.username)) return invalid();
	const host = parsed.hostname.replace(/^\[|\]$/g, "").toLowerCase();
	if (!isHost(host)) return invalid();
	if (parsed.pathname.replace(/\//g, "") === "") return invalid("The address names a server, but no repository on it.");
	const port = parsed.port === "" ? null : Number(parsed.port);
	return succeeded({ transport, host, port, url: parsed.href });
}

/** `user@host:path`, the form people copy from their git host. */
function parseScp(typed: string): Outcome<GitAddress> {
	const parts = /^(?<user>[^@]+)@(?<host>[^:]+):(?<path>.+)$/.exec(typed)?.groups as
		| { user: string; host: string; path: string }
		| undefined;
	if (!parts || !isUser(parts.user) || parts.host.includes("[") || !isHost(parts.host.toLowerCase())) return invalid();
	if (/^[-:]|::/.test(parts.path)) return invalid();
	const host = parts.host.toLowerCase();
	return succeeded({ transport: "ssh", host, port: null, url: `${parts.user}@${host}:${parts.path}` });
}

function isTransport(name: string | undefined): name is Exclude<GitAddress["transport"], "example"> {
	return name === "https" || name === "http" || name === "ssh" || name === "git";
}

const isUser = (name: string) => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(name);
/** A host name or an address; one that starts with a dash would be an option to ssh. */
const isHost = (name: string) => /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_.])?$/.test(name) || /^[0-9a-f:.]{2,45}$/.test(name);

function invalid(message?: string, action?: string): Outcome<never> {
	return failed({ code: "invalid_url", ...(message && { message }), ...(action && { action }) });
}
