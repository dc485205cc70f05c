import type { Spec } from "../spec.ts";
import { baseStyles } from "./base-styles.ts";
import { tokens } from "./tokens.ts";

/** Forms that are checked before they go anywhere. */
export const formStyles = `.form {
	display: grid;
	gap: 1.125rem;
	width: 100%;
	max-width: 34rem;
}

#join {
	width: 100%;
}

.form .field {
	display: grid;
	gap: 0.375rem;
}

.form .problem {
	min-height: 1.4em;
	color: var(--danger);
	font-size: 0.9063rem;
	line-height: 1.4;
}

.form [role="status"] {
	min-height: 1.6em;
	font-weight: 600;
}

.form [role="status"][data-good] {
	color: var(--good);
}

.form .button {
	justify-self: start;
}
`;

/** The sections that landing pages, portfolios and waiting lists are made of. */
export const sectionStyles = `.hero {
	padding-block: clamp(3.5rem, 10vw, 8rem);
	background: radial-gradient(60rem 30rem at 85% -10%, var(--soft), transparent 70%);
}

.hero .stack {
	gap: 1.5rem;
}

.hero h1 {
	max-width: 18ch;
}

.hero h1::after {
	content: "";
	display: block;
	width: 3.5rem;
	height: 0.375rem;
	margin-top: 1.25rem;
	border-radius: 999px;
	background: var(--accent);
}

.numbered {
	counter-reset: step;
}

.numbered .card::before {
	counter-increment: step;
	content: counter(step);
	display: grid;
	place-items: center;
	width: 2.25rem;
	height: 2.25rem;
	border-radius: 999px;
	background: var(--accent);
	color: var(--on-accent);
	font-weight: 700;
}

.rows {
	width: 100%;
	max-width: 44rem;
	margin: 0.75rem 0 0;
	padding: 0;
	list-style: none;
}

.rows li {
	display: flex;
	flex-wrap: wrap;
	gap: 0.25rem 1.5rem;
	justify-content: space-between;
	padding-block: 0.75rem;
	border-bottom: 1px solid var(--line);
}

.rows b {
	font-variant-numeric: tabular-nums;
	white-space: nowrap;
}

.picture {
	aspect-ratio: 4 / 3;
	border-radius: 0.625rem;
	background: linear-gradient(135deg, var(--soft), var(--accent));
}

.card:nth-child(3n + 2) .picture {
	background: linear-gradient(215deg, var(--soft), var(--accent));
}

.card:nth-child(3n) .picture {
	background: radial-gradient(circle at 30% 30%, var(--soft), var(--accent));
}

blockquote {
	margin: 0;
	font-size: 1.125rem;
}

.questions {
	display: grid;
	gap: 0.75rem;
	width: 100%;
	max-width: 48rem;
}

details {
	border: 1px solid var(--line);
	border-radius: 0.75rem;
	background: var(--card);
}

summary {
	padding: 1rem 1.25rem;
	font-weight: 600;
	cursor: pointer;
}

details p {
	padding: 0 1.25rem 1.25rem;
	color: var(--muted);
}
`;

/** The stylesheet of a product: its colours, what all have, and what this one adds. */
export function stylesheet(spec: Spec, ...more: readonly string[]): string {
	return [tokens(spec), baseStyles, ...more].join("\n");
}
