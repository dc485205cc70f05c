import { type LookupAddress, lookup } from "node:dns";
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { closedAddress } from "./address.ts";
import type { EgressPolicy } from "./sandbox.ts";

export type Resolve = (host: string) => Promise<LookupAddress[]>;

export interface Destination {
	/** Lower case, without brackets. */
	host: string;
	port: number;
}

/** Why a destination is not dialled, for the answer of the proxy. */
export class Refused extends Error {
	readonly status: 400 | 403 | 502 | 504;
	/** True when the address itself is forbidden, false when it merely could not be reached. */
	readonly forbidden: boolean;

	constructor(status: 400 | 403 | 502 | 504, message: string) {
		super(message);
		this.status = status;
		this.forbidden = status === 403;
	}
}

/** Mail servers: a build has no letters to send, and a spammer has. */
const closedPorts = new Set([25]);
/** Where clouds hand out credentials: no permission for private addresses means these. */
const neverOpen = "link-local";
const resolveTimeoutMs = 10_000;

/**
 * Resolves a destination once and answers the addresses that may be dialled, in order. A name with one closed address among
 * its public ones is refused whole: that is how rebinding looks. Throws `Refused`.
 */
export async function allowedAddresses(to: Destination, policy: EgressPolicy, resolve: Resolve = resolveName): Promise<string[]> {
	if (closedPorts.has(to.port)) throw new Refused(403, `connections to port ${to.port} are not allowed`);
	const found = isIP(to.host.split("%", 1)[0] ?? "") ? [to.host] : (await resolved(to.host, resolve)).map(({ address }) => address);
	if (found.length === 0) throw new Refused(502, `${to.host} has no address`);
	if (policy.allowPrivateHosts.some((allowed) => allowed === to.host || allowed === written(to))) return found;
	const own = ownAddresses();
	for (const address of found) {
		const reason = closedAddress(address) ?? (own.has(address) ? "this machine" : null);
		if (reason && !(policy.allowPrivate && !reason.startsWith(neverOpen)))
			throw new Refused(403, `${to.host} leads to a private address (${reason}), which is not allowed`);
	}
	return found;
}

/** Reads `host:port` or `[v6]:port` as written in a CONNECT request; null when it is neither. */
export function parseAuthority(text: string): Destination | null {
	const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(text);
	if (!match) return null;
	const port = Number(match[3]);
	const host = (match[1] ?? match[2] ?? "").toLowerCase().replace(/\.$/, "");
	return host !== "" && port > 0 && port < 65_536 ? { host, port } : null;
}

/** `host:port` for people. */
export function written({ host, port }: Destination): string {
	return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function resolved(host: string, resolve: Resolve): Promise<LookupAddress[]> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Refused(504, `looking up ${host} took too long`)), resolveTimeoutMs);
	});
	try {
		return await Promise.race([resolve(host), late]);
	} catch (error) {
		throw error instanceof Refused ? error : new Refused(502, `${host} was not found`);
	} finally {
		clearTimeout(timer);
	}
}

function resolveName(host: string): Promise<LookupAddress[]> {
	return new Promise((resolve, reject) => {
		lookup(host, { all: true, verbatim: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
	});
}

/** Every address of this machine, public ones too: what listens here is not for builds. */
function ownAddresses(): Set<string> {
	return new Set(
		Object.values(networkInterfaces())
			.flat()
			.map((entry) => entry?.address ?? ""),
	);
}
