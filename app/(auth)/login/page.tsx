import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getPrincipal } from "#app/principal.ts";
import { LoginForm } from "#components/auth/login-form.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Log in" };

export default async function LoginPage({ searchParams }: { searchParams: Promise<{ next?: string | string[] }> }) {
	const next = ownPath((await searchParams).next);
	if (await getPrincipal()) redirect(next);
	if (await getServices().accounts.needsSetup()) redirect("/setup");
	return <LoginForm next={next} />;
}

/** A path of this site; anything that could lead elsewhere becomes the first page. */
function ownPath(next: string | string[] | undefined): string {
	return typeof next === "string" && /^\/(?![/\\])[\w\-./?=&%]*$/.test(next) ? next : "/";
}
