import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { GitAddress } from "../../lib/protocol/index.ts";
import type { Secret } from "../secrets/secret.ts";
import { fingerprintOf } from "../secrets/ssh-key.ts";

/** The key of a git server, as a line of known_hosts names it. */
export interface HostKey {
	/** Host, or `[host]:port`, as ssh writes it. */
	host: string;
	/** Kind and key. */
	key: string;
	/** "SHA256:…" */
	fingerprint: string;
}

/** How git shows a server reached by ssh who it is, and what it expects of the server. */
export interface SshAccess {
	/** null where the project has no key. */
	key: { publicKey: string; privateKey: Secret } | null;
	/** Host keys that are expected from now on. */
	knownHosts: readonly HostKey[];
	/** Told of the keys of servers that were met for the first time. */
	pin(hosts: readonly HostKey[]): Promise<void>;
}

const maxFileBytes = 64 * 1024;
const keyLine = /^(?<host>[\w.:[\]-]{1,270}) (?<key>(?:ssh|ecdsa|sk)-[\w.@-]{1,60} [A-Za-z0-9+/]{16,4000}={0,2})$/;

/** The host of an address as ssh names it in known_hosts. */
export function knownHostOf({ host, port }: Pick<GitAddress, "host" | "port">): string {
	return port === null || port === 22 ? host : `[${host}]:${port}`;
}

/** The text of a known_hosts file. */
export function knownHostsText(hosts: readonly HostKey[]): string {
	return hosts.map(({ host, key }) => `${host} ${key}\n`).join("");
}

/** Keys in a known_hosts file that ssh has written, without those that were in it before. Nothing else in the file counts. */
export async function readNewHosts(file: string, before: readonly HostKey[]): Promise<HostKey[]> {
	const known = new Set(before.map(({ host }) => host));
	return (await readBounded(file)).split("\n").flatMap((line) => {
		const { host = "", key = "" } = keyLine.exec(line.trim())?.groups ?? {};
		return host === "" || known.has(host) ? [] : [{ host, key, fingerprint: fingerprintOf(key) }];
	});
}

/** The file lies where git works, so a link or a pipe in its place is not followed. */
async function readBounded(file: string): Promise<string> {
	const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => null);
	if (handle === null) return "";
	try {
		if (!(await handle.stat()).isFile()) return "";
		const buffer = Buffer.alloc(maxFileBytes);
		const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
		return buffer.toString("utf8", 0, bytesRead);
	} finally {
		await handle.close();
	}
}
