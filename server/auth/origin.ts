const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** True for a method that may change something. */
export function changesSomething(method: string): boolean {
	return !safeMethods.has(method.toUpperCase());
}

/** Answers whether a request comes from a page of ours. */
export type OriginCheck = (headers: Headers) => boolean;

/**
 * Exact allow-list of origins. A browser that sends no `Origin` must say `Sec-Fetch-Site: same-origin`; a request that says
 * neither is not from a page of ours.
 */
export function createOriginCheck(allowedOrigins: readonly string[]): OriginCheck {
	const allowed = new Set(allowedOrigins.map((origin) => new URL(origin).origin));
	return (headers) => {
		const origin = headers.get("origin");
		if (origin !== null) return allowed.has(origin);
		return headers.get("sec-fetch-site") === "same-origin";
	};
}
