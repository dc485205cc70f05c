import type { Server } from "node:http";
import { AppError } from "../../lib/errors.ts";
import { parseGitUrl } from "../../lib/protocol/index.ts";
import { type Config, ConfigError } from "../env.ts";

/** `host:port`: what else listens on the registry's machine, perhaps this platform, is not for builds. */
export function placeOf(address: string): string {
	const { hostname, port, protocol } = new URL(address);
	return `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
}

/** What no git server can be reached by is refused before anything is recorded. */
export function refuseBadSource(url: string): void {
	const parsed = parseGitUrl(url);
	if (!parsed.ok) throw new AppError(parsed.failure.code, parsed.failure);
}

/** Where an app is seen. */
export function previewUrlOf({ publicUrl, previewDomain }: Config, slug: string): string {
	const url = new URL(publicUrl);
	url.hostname = `${slug}.${previewDomain}`;
	return url.origin;
}

/** Throws `ConfigError` when the port is taken. */
export async function listen(server: Server, { port, host }: Config): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	server.once("error", reject);
	server.listen(port, host, resolve);
	try {
		await promise;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
		throw new ConfigError(`PORT: ${port} is already in use. End what uses it, or set another: PORT=${port + 1}`);
	}
}
