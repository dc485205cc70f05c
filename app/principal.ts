import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { isAppError } from "#lib/errors.ts";
import { getServices, type Principal } from "#lib/services.ts";

/** Who asks for this page, or null. Asked once a request. */
export const getPrincipal = cache(
	async (): Promise<Principal | null> => getServices().accounts.authenticate({ method: "GET", headers: await headers() }),
);

/** Who asks for this page; sends everybody else to set-up or login, and from there back to `path`. */
export async function requirePrincipal(path: string): Promise<Principal> {
	const principal = await getPrincipal();
	if (principal) return principal;
	if (await getServices().accounts.needsSetup()) redirect("/setup");
	redirect(path === "/" ? "/login" : `/login?next=${encodeURIComponent(path)}`);
}

/** What a service answers, or the not-found page where it says there is nothing to see. */
export async function orNotFound<T>(answer: Promise<T>): Promise<T> {
	try {
		return await answer;
	} catch (error) {
		if (isAppError(error) && error.code === "not_found") notFound();
		throw error;
	}
}
