"use client";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ErrorBoundary } from "react-error-boundary";
import { Button } from "../ui/button.tsx";
import { reportPageError } from "./page-error.tsx";

/** A part of a page that may fail, or whose script may not arrive, without taking the rest of the page with it. */
export function PanelBoundary({ what, children }: { what: string; children: ReactNode }) {
	return (
		<ErrorBoundary
			onError={reportPageError}
			fallback={
				<div role="alert" className="flex flex-wrap items-center gap-3 rounded-lg border border-danger p-4 text-sm">
					<CircleAlert aria-hidden="true" className="size-4 text-danger" />
					<p className="flex-1">The {what} cannot be shown. Everything else on this page goes on.</p>
					<Button variant="outline" size="sm" onClick={() => window.location.reload()}>
						Reload the page
					</Button>
				</div>
			}
		>
			{children}
		</ErrorBoundary>
	);
}
