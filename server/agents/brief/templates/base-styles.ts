/** What every page has in common. */
export const baseStyles = `*,
*::before,
*::after {
	box-sizing: border-box;
}

html {
	-webkit-text-size-adjust: 100%;
	scroll-behavior: smooth;
	scroll-padding-top: 8rem;
}

body {
	margin: 0;
	min-height: 100vh;
	display: flex;
	flex-direction: column;
	background: var(--background);
	color: var(--ink);
	font: 1.0625rem/1.65 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
	overflow-wrap: break-word;
}

main {
	flex: 1;
}

h1,
h2,
h3 {
	margin: 0;
	line-height: 1.15;
	letter-spacing: -0.02em;
	text-wrap: balance;
}

h1 {
	font-size: clamp(2.25rem, 1.4rem + 4vw, 4rem);
	font-weight: 750;
}

h2 {
	font-size: clamp(1.5rem, 1.2rem + 1.4vw, 2.125rem);
	font-weight: 700;
}

h3 {
	font-size: 1.1875rem;
	font-weight: 650;
	letter-spacing: -0.01em;
}

p {
	margin: 0;
	max-width: 68ch;
}

a {
	color: var(--link);
	text-underline-offset: 0.2em;
}

:focus-visible {
	outline: 3px solid var(--link);
	outline-offset: 3px;
	border-radius: 4px;
}

.wrap {
	width: 100%;
	max-width: 70rem;
	margin-inline: auto;
	padding-inline: clamp(1.125rem, 4vw, 2.5rem);
}

.skip {
	position: absolute;
	left: 1rem;
	top: -4rem;
	z-index: 10;
	padding: 0.75rem 1.25rem;
	background: var(--background);
	color: var(--link);
	border-radius: 0 0 0.5rem 0.5rem;
}

.skip:focus {
	top: 0;
}

.site-header {
	background: var(--header);
	color: var(--on-header);
	border-bottom: 1px solid var(--line);
}

.site-header .wrap {
	display: flex;
	flex-wrap: wrap;
	align-items: center;
	justify-content: space-between;
	gap: 0.25rem 2rem;
	min-height: 4rem;
	padding-block: 0.5rem;
}

.site-header :focus-visible {
	outline-color: var(--on-header);
}

.site-name {
	color: inherit;
	font-weight: 700;
	font-size: 1.125rem;
	letter-spacing: -0.01em;
	text-decoration: none;
	padding-block: 0.5rem;
}

.site-nav {
	display: flex;
	flex-wrap: wrap;
	gap: 0 1.25rem;
	margin: 0;
	padding: 0;
	list-style: none;
}

.site-nav a {
	display: inline-block;
	padding-block: 0.5rem;
	color: inherit;
	text-decoration-color: transparent;
	font-size: 0.9688rem;
}

.site-nav a:hover,
.site-nav a[aria-current] {
	text-decoration-color: currentcolor;
}

.muted {
	color: var(--muted);
}

.lead {
	font-size: clamp(1.125rem, 1rem + 0.7vw, 1.375rem);
	line-height: 1.5;
	color: var(--muted);
}

.eyebrow {
	font-size: 0.875rem;
	font-weight: 650;
	letter-spacing: 0.04em;
	color: var(--link);
}

.button {
	display: inline-flex;
	align-items: center;
	justify-content: center;
	min-height: 3rem;
	padding: 0.625rem 1.5rem;
	border: 1px solid transparent;
	border-radius: 0.625rem;
	background: var(--accent);
	color: var(--on-accent);
	font: inherit;
	font-weight: 600;
	text-decoration: none;
	cursor: pointer;
}

.button:hover {
	filter: brightness(1.08);
}

.button.quiet {
	background: transparent;
	border-color: var(--field);
	color: var(--ink);
}

section {
	padding-block: clamp(2.5rem, 6vw, 5rem);
}

section + section {
	border-top: 1px solid var(--line);
}

.stack {
	display: grid;
	gap: 1.25rem;
	justify-items: start;
}

.cards {
	display: grid;
	grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr));
	gap: 1.125rem;
	width: 100%;
	margin: 0.75rem 0 0;
	padding: 0;
	list-style: none;
}

.card {
	display: grid;
	align-content: start;
	gap: 0.5rem;
	padding: 1.5rem;
	border: 1px solid var(--line);
	border-radius: 0.875rem;
	background: var(--card);
}

.site-footer {
	border-top: 1px solid var(--line);
	color: var(--muted);
	font-size: 0.9375rem;
}

.site-footer .wrap {
	display: flex;
	flex-wrap: wrap;
	gap: 0.75rem 2rem;
	align-items: center;
	justify-content: space-between;
	padding-block: 1.5rem;
}

.template-badge {
	padding: 0.25rem 0.75rem;
	border: 1px dashed var(--field);
	border-radius: 999px;
	font-size: 0.8438rem;
}

.visually-hidden {
	position: absolute;
	width: 1px;
	height: 1px;
	overflow: hidden;
	clip-path: inset(50%);
	white-space: nowrap;
}

label {
	font-weight: 600;
	font-size: 0.9375rem;
}

input,
textarea,
select {
	width: 100%;
	min-height: 3rem;
	padding: 0.625rem 0.875rem;
	border: 1px solid var(--field);
	border-radius: 0.625rem;
	background: var(--background);
	color: var(--ink);
	font: inherit;
}

::placeholder {
	color: var(--muted);
	opacity: 1;
}

[aria-invalid="true"] {
	border-color: var(--danger);
	box-shadow: inset 0 0 0 1px var(--danger);
}

@media (min-width: 48rem) {
	.site-header {
		position: sticky;
		top: 0;
		z-index: 5;
	}
}

@media (prefers-reduced-motion: reduce) {
	html {
		scroll-behavior: auto;
	}
}
`;
