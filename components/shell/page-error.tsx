"use client";
import { useEffect } from "react";
import { Button } from "../ui/button.tsx";
import { Notice } from "./notice.tsx";

interface PageErrorProps {
	error: Error & { digest?: string };
	retry: () => void;
}

/** A page that could not be shown. Says what to do; the reference finds the entry in the server's log. */
export function PageError({ error, retry }: PageErrorProps) {
	// With a digest it failed on the server, which knows it already.
	useEffect(() => {
		if (!error.digest) reportPageError(error);
	}, [error]);
	return (
		<div role="alert">
			<Notice title="This page could not be shown" action={<Button onClick={retry}>Try again</Button>}>
				<p>Something went wrong inside Quayside. Your deployments are not affected by this.</p>
				{error.digest && (
					<details className="mt-4 text-sm">
						<summary className="py-1">Technical details</summary>
						<p className="mt-1 font-mono text-xs">reference: {error.digest}</p>
					</details>
				)}
			</Notice>
		</div>
	);
}

const maxStackLength = 4000;

/**
 * Tells the server's log of an error in this page. Nothing depends on its arrival. The client is loaded only now: error pages come
 * with every page and must stay small.
 */
export function reportPageError(error: unknown): void {
	const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
	const report = { message: message.slice(0, 500) || "unknown", stack: stack?.slice(0, maxStackLength), page: window.location.pathname };
	void import("../client.ts").then(({ client }) => client.system.reportError(report)).catch(() => undefined);
}
