"use client";
import { useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { ErrorBoundary } from "react-error-boundary";
import { Button } from "../ui/button.tsx";
import { useErrorReport } from "./use-error-report.ts";

/** A part of a page that may fail, or whose script may not arrive, without taking the rest of the page with it. */
export function PanelBoundary({ what, children }: { what: string; children: ReactNode }) {
	const queries = useQueryClient();
	return (
		<ErrorBoundary
			// What it was given may be what it failed on; nothing that is still shown is asked for again.
			onReset={() => void queries.resetQueries({ type: "inactive" })}
			fallbackRender={({ error, resetErrorBoundary }) => <Broken what={what} error={error} onRetry={resetErrorBoundary} />}
		>
			{children}
		</ErrorBoundary>
	);
}

function Broken({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
	const reference = useErrorReport(error, what);
	// A script that did not arrive is asked for again only by a new page.
	const retry = isOfScript(error) ? () => window.location.reload() : onRetry;
	return (
		<div
			role="alert"
			data-broken={what}
			className="flex flex-wrap items-center gap-3 rounded-lg border border-danger bg-surface p-4 text-sm"
		>
			<CircleAlert aria-hidden="true" className="size-4 text-danger" />
			<p className="min-w-48 flex-1">
				The {what} cannot be shown. Everything else on this page goes on.
				{reference && <span className="block text-muted-foreground text-xs">Reference: {reference}</span>}
			</p>
			<Button variant="outline" size="sm" onClick={retry}>
				{isOfScript(error) ? "Reload the page" : "Try again"}
			</Button>
		</div>
	);
}

const isOfScript = (error: unknown): boolean => error instanceof Error && error.name === "ChunkLoadError";
