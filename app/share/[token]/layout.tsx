import type { ReactNode } from "react";
import { Mark } from "#components/shell/mark.tsx";
import { ThemeToggle } from "#components/shell/theme-toggle.tsx";

/** The frame of a page that somebody without a login was given. It leads nowhere. */
export default function ShareLayout({ children }: { children: ReactNode }) {
	return (
		<>
			<div aria-hidden="true" className="quay-edge" />
			<header className="border-border border-b bg-surface">
				<div className="mx-auto flex h-14 max-w-[90rem] items-center justify-between px-4 lg:px-6">
					<span className="flex items-center gap-2 font-semibold text-lg tracking-tight">
						<Mark className="size-8" />
						Quayside
						<span className="font-normal text-muted-foreground text-sm">shared, read only</span>
					</span>
					<ThemeToggle />
				</div>
			</header>
			<main id="main" className="mx-auto max-w-[90rem] px-4 pt-6 pb-16 lg:px-6">
				{children}
			</main>
		</>
	);
}
