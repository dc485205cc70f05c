import type { ReactNode } from "react";
import { Contours } from "#components/composer/contours.tsx";
import { Mark } from "#components/shell/mark.tsx";
import { ThemeToggle } from "#components/shell/theme-toggle.tsx";

export default function AuthLayout({ children }: { children: ReactNode }) {
	return (
		<>
			<div aria-hidden="true" className="quay-edge" />
			<main className="relative grid min-h-[calc(100dvh-3px)] place-items-center overflow-hidden px-4 py-10">
				<Contours />
				<div className="absolute top-3 right-3">
					<ThemeToggle />
				</div>
				<div className="relative w-full max-w-sm rounded-lg border border-border bg-surface p-6 sm:p-8">
					<p className="mb-6 flex items-center gap-2 font-semibold text-lg tracking-tight">
						<Mark className="size-8" />
						Quayside
					</p>
					{children}
				</div>
			</main>
		</>
	);
}
