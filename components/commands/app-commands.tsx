"use client";
import { useRouter } from "next/navigation";
import { useTheme } from "next-themes";
import { composerField } from "../composer/composer-field.ts";
import { leave } from "../shell/account-menu.tsx";
import { places } from "../shell/places.ts";
import { useCommands } from "./use-commands.ts";

/** What can be done on every page. */
export function AppCommands(): null {
	const router = useRouter();
	const { resolvedTheme, setTheme } = useTheme();
	useCommands([
		{
			id: "new",
			title: "New deployment",
			group: "Go to",
			keys: "n",
			also: "deploy submit repository create",
			run: () => toComposer(router),
		},
		...places.map(({ href, name, key }) => ({
			id: `go ${href}`,
			title: name,
			group: "Go to" as const,
			keys: `g ${key}`,
			run: () => router.push(href),
		})),
		{
			id: "go doctor",
			title: "Connection doctor",
			group: "Go to",
			also: "websocket proxy network",
			run: () => router.push("/system/connection"),
		},
		{ id: "go system", title: "System: who is connected", group: "Go to", also: "clients connections", run: () => router.push("/system") },
		{
			id: "theme",
			title: resolvedTheme === "dark" ? "Use the light theme" : "Use the dark theme",
			group: "Quayside",
			also: "theme colours mode",
			run: () => setTheme(resolvedTheme === "dark" ? "light" : "dark"),
		},
		{ id: "logout", title: "Log out", group: "Quayside", also: "sign out leave", run: () => void leave() },
	]);
	return null;
}

function toComposer(router: ReturnType<typeof useRouter>): void {
	const field = document.getElementById(composerField);
	if (!field) router.push(`/#${composerField}`);
	field?.scrollIntoView({ block: "center" });
	field?.focus();
}
