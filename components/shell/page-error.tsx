"use client";
import { buttonVariants } from "../ui/button-variants.ts";
import { Notice } from "./notice.tsx";
import { useErrorReport } from "./use-error-report.ts";

interface PageErrorProps {
	error: Error & { digest?: string };
	retry: () => void;
}

/** A page that could not be shown. Says what to do; the reference finds the entry in the server's log. */
export function PageError({ error, retry }: PageErrorProps) {
	const reference = useErrorReport(error);
	// Error pages come with every page and must stay small.
	const again = (
		<button type="button" className={buttonVariants()} onClick={retry}>
			Try again
		</button>
	);
	return (
		<div role="alert">
			<Notice title="This page could not be shown" action={again}>
				<p>Something went wrong inside Quayside. Your deployments are not affected by this.</p>
				{reference && (
					<details className="mt-4 text-sm">
						<summary className="py-1">Technical details</summary>
						<p className="mt-1 font-mono text-xs">reference: {reference}</p>
					</details>
				)}
			</Notice>
		</div>
	);
}
