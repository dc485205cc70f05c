import type { z } from "zod";

/** One call of the HTTP contract, as data: handlers parse by it and the OpenAPI document is made from it. */
export interface Operation<Params = unknown, Query = unknown, Body = unknown> {
	method: "GET" | "POST" | "PUT" | "DELETE";
	/** With parameters in braces: `/api/deployments/{id}`. */
	path: string;
	/** What it does, in a few words. */
	summary: string;
	/** `open` needs no login. */
	access: "open" | "login";
	/** One that does not fit is `not_found`: it cannot name anything. */
	params?: z.ZodType<Params>;
	query?: z.ZodType<Query>;
	/** JSON; an empty body counts as `{}`. */
	body?: z.ZodType<Body>;
	/** What is sent instead of JSON; the handler reads it as it comes. */
	file?: { mediaType: string; description: string };
	headers?: Readonly<Record<string, string>>;
	/** What a call that succeeds answers. */
	answer: { status: number; description: string; mediaType?: string };
}

type Access = Operation["access"];

/** Names an operation and keeps the types of its parts. */
export function operation<Params, Query, Body, A extends Access>(
	parts: Operation<Params, Query, Body> & { access: A },
): Operation<Params, Query, Body> & { access: A } {
	return parts;
}
