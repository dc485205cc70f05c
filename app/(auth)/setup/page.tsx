import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SetupForm } from "#components/auth/setup-form.tsx";
import { getServices } from "#lib/services.ts";

export const metadata: Metadata = { title: "Set up" };

export default async function SetupPage() {
	if (!(await getServices().accounts.needsSetup())) redirect("/login");
	return <SetupForm />;
}
