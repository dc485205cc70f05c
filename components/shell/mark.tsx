/**
 * The mark: the signal flag Q, plain yellow, flown from the quay. It means "my vessel is healthy and asks to be let in".
 */
export function Mark({ className }: { className?: string }) {
	return (
		<svg viewBox="0 0 32 32" fill="none" aria-hidden="true" className={className}>
			<path d="M9 3.5v21" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
			<path d="M10.5 4.5h15.5v11.5H10.5z" fill="var(--primary)" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
			<path d="M2.5 24.5h19v3.5" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
			<path d="M24 28.5c1.2 0 1.2-1 2.4-1s1.2 1 2.4 1" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" opacity=".7" />
		</svg>
	);
}
