"use client";
import { PageError } from "#components/shell/page-error.tsx";
import "./globals.css";

/** Stands in for the root layout when that itself fails. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
	return (
		<html lang="en">
			<body className="font-sans antialiased">
				<main>
					<PageError error={error} retry={reset} />
				</main>
			</body>
		</html>
	);
}
