import type { SignedIn } from "#lib/services.ts";
import { json } from "../handle.ts";

/** Answers who signed in, with the session's cookie. */
export function signedIn({ user, setCookies }: SignedIn, status: number): Response {
	return withCookies(json({ user }, status), setCookies);
}

export function withCookies(response: Response, setCookies: readonly string[]): Response {
	for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
	return response;
}
