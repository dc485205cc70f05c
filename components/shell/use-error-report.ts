"use client";
import { useEffect, useState } from "react";

const maxMessageLength = 500;
const maxStackLength = 4000;

/**
 * Tells the server's log of an error in this page, once, and answers the reference under which it is found there; null until then, or
 * when nothing could be told: nothing depends on it. `part` is what could not be shown.
 */
export function useErrorReport(error: unknown, part?: string): string | null {
	const [reference, setReference] = useState<string | null>(null);
	useEffect(() => {
		let wanted = true;
		report(error, part).then(
			(told) => wanted && setReference(told),
			() => undefined,
		);
		return () => {
			wanted = false;
		};
	}, [error, part]);
	return reference;
}

/** The client is loaded only now: what shows errors comes with every page and must stay small. */
async function report(error: unknown, part: string | undefined): Promise<string> {
	// With a digest it failed on the server, which knows it already.
	if (error instanceof Error && "digest" in error && typeof error.digest === "string") return error.digest;
	const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
	const { client } = await import("../client.ts");
	return client.system.reportError({
		message: message.slice(0, maxMessageLength) || "unknown",
		stack: stack?.slice(0, maxStackLength),
		part,
		...placeOf(window.location.pathname),
	});
}

/** The token of a shared deployment proves who reports; it does not belong among the paths of the log. */
function placeOf(path: string): { page: string; share?: string } {
	const token = /^\/share\/([^/]+)/.exec(path)?.[1];
	return token === undefined ? { page: path } : { page: "/share", share: token };
}
