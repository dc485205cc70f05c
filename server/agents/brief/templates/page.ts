import { Html, html } from "../html.ts";
import type { Spec } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";

export interface Page {
	/** In the tab; the product's name follows where it is another. */
	title: string;
	description: string;
	/** Links of the header, with the one that is open marked by `current`. */
	links: readonly { href: string; text: string; current?: boolean }[];
	main: Html;
	/** Where the page lies: "" at the root, "../" one folder below. */
	root?: string;
	/** Name of its script, null for none. */
	script?: string | null;
	/** Where the product's name leads. */
	home?: string;
}

/** A whole page: head, header, main, footer with the badge. Nothing in it is fetched from elsewhere. */
export function renderPage(
	spec: Spec,
	{ title, description, links, main, root = "", script = "script.js", home = "index.html" }: Page,
): string {
	const words = wordsOf(spec.language);
	const whole = title === spec.name ? title : `${title} – ${spec.name}`;
	const page = html`<!doctype html>
<html lang="${spec.language}">
	<head>
		<meta charset="utf-8">
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<title>${whole}</title>
		<meta name="description" content="${description}">
		<meta name="generator" content="Quayside starter template: ${wordsOf("en").kinds[spec.kind]}">
		<link rel="icon" href="data:,">
		<link rel="stylesheet" href="${root}styles.css">${
			script === null
				? ""
				: html`
		<script src="${root}${script}" defer></script>`
		}
	</head>
	<body>
		<a class="skip" href="#content">${words.skip}</a>
		<header class="site-header">
			<div class="wrap">
				<a class="site-name" href="${root}${home}">${spec.name}</a>${
					links.length === 0
						? ""
						: html`
				<nav aria-label="${words.navigation}">
					<ul class="site-nav">${links.map(
						({ href, text, current }) => html`
						<li><a href="${href}"${current ? html` aria-current="page"` : ""}>${text}</a></li>`,
					)}
					</ul>
				</nav>`
				}
			</div>
		</header>
		<main id="content" tabindex="-1">
${main}
		</main>
		<footer class="site-footer">
			<div class="wrap">
				<p>${spec.name}${spec.email === null ? "" : html` · <a href="mailto:${spec.email}">${spec.email}</a>`}</p>
				<p class="template-badge">${words.badge}</p>
			</div>
		</footer>
	</body>
</html>
`;
	return page.text;
}

/** Keeps an indentation of its own out of what a section is. */
export function joined(parts: readonly Html[]): Html {
	return new Html(parts.map(({ text }) => text).join("\n"));
}
