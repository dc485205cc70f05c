/**
 * The mark: the signal flag Q, plain yellow, flown from the quay. It means "my vessel is healthy and asks to be let in".
 */
export function Mark({ className }: { className?: string }) {
	return (
		<svg viewBox="0 0 32 32" fill="none" aria-hidden="true" className={className}>
			<path d="M9 3.5v21" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
			<path d="M10.5 4.5h15.5v11.5H10.5z" fill="var(--primary)" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
			<path d="M3 25h26" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
			<path
				d="M5 29.2c2.2 0 2.2-1.4 4.4-1.4s2.2 1.4 4.4 1.4 2.2-1.4 4.4-1.4 2.2 1.4 4.4 1.4 2.2-1.4 4.4-1.4"
				stroke="currentColor"
				strokeWidth="1.4"
				strokeLinecap="round"
				opacity=".55"
			/>
		</svg>
	);
}
