"use client";
import { Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { Button } from "../ui/button.tsx";

/** Day or night. Both icons are rendered and CSS shows one, so that the server needs not know the theme. */
export function ThemeToggle() {
	const { resolvedTheme, setTheme } = useTheme();
	return (
		<Button
			variant="ghost"
			size="icon"
			title="Switch between light and dark"
			onClick={() => setTheme(resolvedTheme === "dark" ? "light" : "dark")}
		>
			<Moon aria-hidden="true" className="dark:hidden" />
			<Sun aria-hidden="true" className="hidden dark:block" />
			<span className="sr-only">Switch between light and dark</span>
		</Button>
	);
}
