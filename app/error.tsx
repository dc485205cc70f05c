"use client";
import { PageError } from "#components/shell/page-error.tsx";

export default function AppError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
	return (
		<main>
			<PageError error={error} retry={reset} />
		</main>
	);
}
