import { html } from "../html.ts";
import { type Spec, slugsOf } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { manifest, readme, siteTest } from "./common-files.ts";
import { renderPage } from "./page.ts";
import { stylesheet } from "./styles.ts";
import type { Template } from "./template.ts";

/** Pages with a menu, a search over all of them, and a way from each to the next. */
export const docs: Template = {
	tasks(spec) {
		const pages = pagesOf(spec);
		return [
			{
				name: "HTML pages",
				acceptance: [`A first page and ${pages.length} more, each with the menu and a way to the next.`, "It says that it is a template."],
				files: [
					{ path: "index.html", text: renderStart(spec, pages) },
					...pages.map((page, index) => ({ path: page.path, text: renderDocs(spec, pages, index) })),
					{
						path: "search.json",
						text: `${JSON.stringify(
							pages.map(({ title, path, paragraphs }) => ({ title, path, text: paragraphs.join(" ") })),
							null,
							"\t",
						)}\n`,
					},
					readme(
						spec,
						[
							["index.html", "the first page"],
							["*.html", "one page each"],
							["search.json", "what the search looks through: a title, a path and a text for each page"],
							["script.js", "the search"],
						],
						["A new page is a copy of another one, a line in the menu of each, and an entry in `search.json`."],
					),
					manifest(spec),
				],
			},
			{
				name: "CSS styles",
				acceptance: ["Light and dark.", "The menu stands beside the text, and above it on a narrow screen."],
				files: [{ path: "styles.css", text: stylesheet(spec, docsStyles) }],
			},
			{
				name: "Search",
				acceptance: ["The search finds pages by all of their words.", "The tests pass with node --test."],
				files: [{ path: "script.js", text: searchScript }, siteTest(["index.html", ...pages.map(({ path }) => path)], searchTest)],
			},
		];
	},
};

interface DocsPage {
	title: string;
	path: string;
	paragraphs: string[];
}

function pagesOf({ sections, language }: Spec): DocsPage[] {
	const words = wordsOf(language);
	const slugs = slugsOf(
		sections.map(({ title }) => title),
		"page",
	);
	return sections.map(({ title, lines, key }, index) => {
		const slug = slugs[index] ?? "page";
		const given = lines.length > 0 ? lines : key === "other" ? [] : words.sections[key].lines;
		return {
			title,
			path: slug === "index" ? "index-page.html" : `${slug}.html`,
			paragraphs: given.length > 0 ? [...given] : [words.placeholder(title)],
		};
	});
}

function sidebar({ language }: Spec, pages: readonly DocsPage[], current: number) {
	const { docs: words, navigation } = wordsOf(language);
	return html`				<div class="side">
					<div class="search" role="search">
						<label for="search">${words.search}</label>
						<input id="search" type="search" autocomplete="off" data-nothing="${words.nothing}">
						<ul id="results" aria-live="polite"></ul>
					</div>
					<nav aria-label="${navigation}">
						<ul>${pages.map(
							({ title, path }, index) => html`
							<li><a href="${path}"${index === current ? html` aria-current="page"` : ""}>${title}</a></li>`,
						)}
						</ul>
					</nav>
				</div>`;
}

function renderStart(spec: Spec, pages: readonly DocsPage[]): string {
	const words = wordsOf(spec.language);
	const lead = spec.tagline ?? words.leads.docs;
	const main = html`			<div class="wrap docs">
${sidebar(spec, pages, -1)}
				<article class="stack">
					<h1>${spec.name}</h1>
					<p class="lead">${lead}</p>${
						spec.about === ""
							? ""
							: html`
					<p>${spec.about}</p>`
					}
					<a class="button" href="${pages[0]?.path ?? "index.html"}">${words.docs.open}</a>
					<ul class="cards">${pages.map(
						({ title, path, paragraphs }) => html`
						<li class="card"><h2><a href="${path}">${title}</a></h2><p class="muted">${paragraphs[0] ?? ""}</p></li>`,
					)}
					</ul>
				</article>
			</div>`;
	return renderPage(spec, { title: spec.name, description: lead, links: [], main });
}

function renderDocs(spec: Spec, pages: readonly DocsPage[], index: number): string {
	const words = wordsOf(spec.language);
	const { title, paragraphs } = pages[index] ?? { title: spec.name, paragraphs: [] };
	const [before, after] = [pages[index - 1], pages[index + 1]];
	const main = html`			<div class="wrap docs">
${sidebar(spec, pages, index)}
				<article class="stack">
					<h1>${title}</h1>${
						paragraphs.length === 1
							? html`
					<p>${paragraphs[0] ?? ""}</p>`
							: html`
					<ul>${paragraphs.map(
						(text) => html`
						<li>${text}</li>`,
					)}
					</ul>`
					}
					<p class="pager">${before ? html`<a href="${before.path}" rel="prev"><span>${words.docs.previous}</span> ${before.title}</a>` : html`<span></span>`}
						${after ? html`<a href="${after.path}" rel="next"><span>${words.docs.next}</span> ${after.title}</a>` : ""}</p>
				</article>
			</div>`;
	return renderPage(spec, { title, description: paragraphs[0] ?? title, links: [], main });
}

const docsStyles = `.docs {
	display: grid;
	grid-template-columns: minmax(0, 1fr);
	gap: 2rem 3.5rem;
	padding-block: clamp(1.5rem, 4vw, 3rem);
}

@media (min-width: 52rem) {
	.docs {
		grid-template-columns: 16rem minmax(0, 1fr);
	}

	.side {
		position: sticky;
		top: 5.5rem;
		align-self: start;
		max-height: calc(100vh - 7rem);
		overflow: auto;
		padding: 0.25rem;
	}
}

.docs h1 {
	font-size: clamp(2rem, 1.4rem + 2.4vw, 3rem);
}

.docs .card h2 {
	font-size: 1.1875rem;
}

.side {
	display: grid;
	gap: 1.5rem;
	align-content: start;
}

.side ul {
	margin: 0;
	padding: 0;
	list-style: none;
}

.side nav a {
	display: block;
	padding: 0.4375rem 0.875rem;
	border-left: 3px solid var(--line);
	color: var(--ink);
	text-decoration: none;
}

.side nav a:hover {
	border-color: var(--field);
}

.side nav a[aria-current] {
	border-color: var(--accent);
	color: var(--link);
	font-weight: 650;
}

.search {
	display: grid;
	gap: 0.375rem;
}

#results li {
	padding: 0.375rem 0;
}

.pager {
	display: flex;
	flex-wrap: wrap;
	justify-content: space-between;
	gap: 1rem;
	width: 100%;
	max-width: none;
	margin-top: 1.5rem;
	padding-top: 1.5rem;
	border-top: 1px solid var(--line);
}

.pager a span {
	display: block;
	color: var(--muted);
	font-size: 0.875rem;
}
`;

/** Also the search of a blog. */
export const searchScript = `"use strict";

/** The entries in which every word of the query is found, in their order. */
function find(entries, query) {
	const words = query.toLowerCase().split(/\\s+/).filter(Boolean);
	if (words.length === 0) return [];
	return entries.filter(({ title, text }) => {
		const all = (title + " " + text).toLowerCase();
		return words.every((word) => all.includes(word));
	});
}

function show(list, found, nothing) {
	list.replaceChildren(
		...found.map(({ title, path }) => {
			const link = document.createElement("a");
			link.href = path;
			link.textContent = title;
			const item = document.createElement("li");
			item.append(link);
			return item;
		}),
	);
	if (found.length === 0 && nothing) {
		const item = document.createElement("li");
		item.textContent = nothing;
		list.append(item);
	}
}

function setUp(field) {
	const list = document.getElementById("results");
	let entries = null;
	field.addEventListener("input", async () => {
		entries ??= fetch("search.json").then((answer) => answer.json());
		const query = field.value.trim();
		const found = find(await entries.catch(() => []), query);
		// A slow answer must not stand under a newer question.
		if (field.value.trim() === query) show(list, found, query === "" ? "" : field.dataset.nothing);
	});
}

if (typeof document !== "undefined") {
	const field = document.getElementById("search");
	if (field) setUp(field);
}
if (typeof module !== "undefined") module.exports = { find };
`;

export const searchTest = `const { find } = require("../script.js");

test("the search finds what has all the words", () => {
	const entries = [
		{ title: "Install", text: "With one command" },
		{ title: "Use", text: "One page at a time" },
	];
	assert.deepEqual(find(entries, "ONE"), entries);
	assert.deepEqual(find(entries, "page one"), [entries[1]]);
	assert.deepEqual(find(entries, "page command"), []);
	assert.deepEqual(find(entries, "  "), []);
});

test("every entry of the search leads to a page", async () => {
	const entries = JSON.parse(await read("search.json"));
	assert.ok(entries.length > 0);
	for (const { path } of entries) assert.ok(await isThere(path), path);
});
`;
