import Link from "next/link";
import type { ReactNode } from "react";
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
				<div className="mx-auto grid max-w-[90rem] grid-cols-[1fr_auto] items-center gap-x-6 px-4 md:grid-cols-[auto_1fr_auto_auto] lg:px-6">
					<Link href="/" className="flex h-14 items-center gap-2 font-semibold text-lg tracking-tight">
						<Mark className="size-8" />
						Quayside
					</Link>
					<div className="flex h-14 items-center gap-1 md:order-last md:-ml-5">
						<ThemeToggle />
						{account}
					</div>
					<MainNav className="col-span-2 -mx-2 md:col-span-1" />
					<div className="col-span-2 flex min-h-8 items-center pb-1 md:col-span-1 md:min-h-14 md:pb-0">{status}</div>
				</div>
			</header>
			<main id="main" tabIndex={-1} className="mx-auto max-w-[90rem] px-4 pt-6 pb-16 outline-none lg:px-6">
				{children}
			</main>
		</>
	);
}
