import { closeCodes } from "../protocol/index.ts";
import { endOfResponse, type TransportOptions } from "./transports/transport.ts";

/** Asks whether the person is still logged in; null when the server did not say. */
export async function checkSession(options: Pick<TransportOptions, "origin" | "fetch">, withinMs: number): Promise<boolean | null> {
	try {
		const response = await options.fetch(`${options.origin}/api/auth/me`, { cache: "no-store", signal: AbortSignal.timeout(withinMs) });
		if (!response.ok) return (await endOfResponse(response)).code === closeCodes.unauthenticated ? false : null;
		await response.body?.cancel();
		return true;
	} catch {
		return null;
	}
}
