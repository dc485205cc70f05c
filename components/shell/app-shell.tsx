import Link from "next/link";
import type { ReactNode } from "react";
import { PaletteButton } from "../commands/commands-provider.tsx";
import { MainNav } from "./main-nav.tsx";
import { Mark } from "./mark.tsx";
import { ThemeToggle } from "./theme-toggle.tsx";

interface AppShellProps {
	/** How the page is connected, and the account's menu. */
	status: ReactNode;
	account: ReactNode;
	children: ReactNode;
}

/** The frame of every page behind the login. */
export function AppShell({ status, account, children }: AppShellProps) {
	return (
		<>
			<a
				href="#main"
				className="sr-only z-50 rounded-md bg-primary px-4 py-2 font-medium text-primary-foreground focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
			>
				Skip to the content
			</a>
			<div aria-hidden="true" className="quay-edge" />
			<header className="border-border border-b bg-surface">
				<div className="mx-auto grid max-w-[90rem] grid-cols-[1fr_auto] items-center gap-x-6 px-4 lg:grid-cols-[auto_1fr_auto] lg:px-6 xl:grid-cols-[auto_1fr_auto_auto]">
					<Link href="/" className="flex h-14 items-center gap-2 font-semibold text-lg tracking-tight">
						<Mark className="size-8" />
						Quayside
					</Link>
					<div className="flex h-14 items-center gap-1 lg:order-1 xl:order-last xl:-ml-3">
						<PaletteButton />
						<ThemeToggle />
						{account}
					</div>
					<MainNav className="col-span-2 -mx-2 lg:col-span-1 lg:mx-0" />
					{/* A height of its own, whatever it says: nothing on the page moves with the connection. */}
					<div className="col-span-2 flex h-10 min-w-0 items-center pb-1 lg:order-2 lg:col-span-3 pointer-coarse:h-12 xl:order-none xl:col-span-1 xl:h-14 xl:pb-0">
						{status}
					</div>
				</div>
			</header>
			<main id="main" tabIndex={-1} className="mx-auto max-w-[90rem] px-4 pt-6 pb-16 outline-none lg:px-6">
				{children}
			</main>
		</>
	);
}
