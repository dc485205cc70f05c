const maxCandidates = 4;

/** How the names of all cookies of the platform begin; previews never see them and cannot set them. */
export const cookiePrefixes = ["quayside_", "__Host-quayside_"];

/** The session's cookie: host-only, out of reach of scripts, not sent along by other sites' posts. */
export interface SessionCookie {
	/** `set-cookie` header that starts a session in the browser. */
	set(token: string, maxAgeS: number): string;
	/** `set-cookie` headers that end it. */
	clear(): string[];
	/**
	 * Session tokens the browser sent. Usually one; a page on a neighbouring host may have planted others beside it, so a few
	 * are answered and the one that is known counts.
	 */
	read(headers: Headers): string[];
}

/** With https the name starts with `__Host-`, which makes browsers refuse the same cookie from any other host or path. */
export function createSessionCookie({ secure }: { secure: boolean }): SessionCookie {
	const name = secure ? "__Host-quayside_session" : "quayside_session";
	const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
	return {
		set: (token, maxAgeS) => `${name}=${token}; Max-Age=${maxAgeS}; ${attributes}`,
		clear: () => [`${name}=; Max-Age=0; ${attributes}`],
		read: (headers) =>
			(headers.get("cookie") ?? "")
				.split(";")
				.map((pair) => pair.trim())
				.filter((pair) => pair.startsWith(`${name}=`))
				.map((pair) => pair.slice(name.length + 1))
				.filter((token) => /^[\w-]{43}$/.test(token))
				.slice(0, maxCandidates),
	};
}
