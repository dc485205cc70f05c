import { clientAddressHeader } from "#lib/protocol/index.ts";

/** Who asks, for the rate limit; the server has put it there itself. */
export function clientAddressOf({ headers }: Pick<Request, "headers">): string {
	return headers.get(clientAddressHeader) ?? "unknown";
}
