/** Answers whether the platform may be addressed by this `Host` header. */
export type HostCheck = (host: string | undefined) => boolean;

/**
 * Exact allow-list of host and port, taken from the addresses of the platform. It keeps a site whose name was pointed at this
 * machine (DNS rebinding) from speaking to it as if it were its own.
 */
export function createHostCheck(origins: readonly string[]): HostCheck {
	const allowed = new Set(origins.flatMap(hostsOf));
	return (host) => host !== undefined && allowed.has(host.toLowerCase());
}

/** Clients leave out the port that belongs to the scheme, or name it. */
function hostsOf(origin: string): string[] {
	const { host, hostname, port, protocol } = new URL(origin);
	return port === "" ? [host, `${hostname}:${protocol === "https:" ? 443 : 80}`] : [host];
}
