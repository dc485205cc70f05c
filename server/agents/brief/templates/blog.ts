import { html } from "../html.ts";
import { type Spec, slugsOf } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { manifest, readme, siteTest } from "./common-files.ts";
import { searchScript, searchTest } from "./docs.ts";
import { renderPage } from "./page.ts";
import { stylesheet } from "./styles.ts";
import type { Template } from "./template.ts";

/** A list of posts, a page for each, and a search. */
export const blog: Template = {
	tasks(spec) {
		const posts = postsOf(spec);
		return [
			{
				name: "List and posts",
				acceptance: [
					`${posts.length === 1 ? "One post" : `${posts.length} posts`}, each with a page of its own and marked as a draft.`,
					"It says that it is a template.",
				],
				files: [
					{ path: "index.html", text: renderList(spec, posts) },
					...posts.map((post, index) => ({ path: post.path, text: renderPost(spec, posts, index) })),
					{
						path: "search.json",
						text: `${JSON.stringify(
							posts.map(({ title, path, paragraphs }) => ({ title, path, text: paragraphs.join(" ") })),
							null,
							"\t",
						)}\n`,
					},
					readme(
						spec,
						[
							["index.html", "the list of posts"],
							["posts/", "one page each"],
							["search.json", "what the search looks through"],
						],
						["A new post is a copy of another one, an entry in the list of `index.html`, and one in `search.json`."],
					),
					manifest(spec),
				],
			},
			{
				name: "CSS styles",
				acceptance: ["Light and dark.", "Lines of a length that can be read well."],
				files: [{ path: "styles.css", text: stylesheet(spec, blogStyles) }],
			},
			{
				name: "Search",
				acceptance: ["The search finds posts by all of their words.", "The tests pass with node --test."],
				files: [{ path: "script.js", text: searchScript }, siteTest(["index.html", ...posts.map(({ path }) => path)], searchTest)],
			},
		];
	},
};

interface Post {
	title: string;
	path: string;
	paragraphs: string[];
}

function postsOf({ sections, language }: Spec): Post[] {
	const words = wordsOf(language);
	const slugs = slugsOf(
		sections.map(({ title }) => title),
		"post",
	);
	return sections.map(({ title, lines }, index) => ({
		title,
		path: `posts/${slugs[index] ?? "post"}.html`,
		paragraphs: lines.length > 0 ? [...lines] : [words.placeholder(title)],
	}));
}

function renderList(spec: Spec, posts: readonly Post[]): string {
	const words = wordsOf(spec.language);
	const lead = spec.tagline ?? words.leads.blog;
	const main = html`			<div class="wrap narrow stack">
				<h1>${spec.name}</h1>
				<p class="lead">${lead}</p>${
					spec.about === ""
						? ""
						: html`
				<p>${spec.about}</p>`
				}
				<div class="search" role="search">
					<label for="search">${words.blog.search}</label>
					<input id="search" type="search" autocomplete="off" data-nothing="${words.blog.nothing}">
					<ul id="results" aria-live="polite"></ul>
				</div>
				<ul class="posts">${posts.map(
					({ title, path, paragraphs }) => html`
					<li>
						<article>
							<p class="eyebrow">${words.blog.draft}</p>
							<h2><a href="${path}">${title}</a></h2>
							<p class="muted">${paragraphs[0] ?? ""}</p>
						</article>
					</li>`,
				)}
				</ul>
			</div>`;
	return renderPage(spec, { title: spec.name, description: lead, links: [], main });
}

function renderPost(spec: Spec, posts: readonly Post[], index: number): string {
	const words = wordsOf(spec.language);
	const { title, paragraphs } = posts[index] ?? { title: spec.name, paragraphs: [] };
	const main = html`			<article class="wrap narrow stack">
				<p class="eyebrow">${words.blog.draft}</p>
				<h1>${title}</h1>${paragraphs.map(
					(text) => html`
				<p>${text}</p>`,
				)}
				<p><a href="../index.html">${words.blog.all}</a></p>
			</article>`;
	return renderPage(spec, {
		title,
		description: paragraphs[0] ?? title,
		links: [{ href: "../index.html", text: words.blog.all }],
		main,
		root: "../",
		script: null,
	});
}

const blogStyles = `.narrow {
	max-width: 46rem;
	padding-block: clamp(2.5rem, 7vw, 5rem);
}

article.narrow p {
	font-size: 1.125rem;
	line-height: 1.75;
}

.posts {
	display: grid;
	gap: 0;
	width: 100%;
	margin: 1rem 0 0;
	padding: 0;
	list-style: none;
}

.posts li {
	padding-block: 1.75rem;
	border-top: 1px solid var(--line);
}

.posts article {
	display: grid;
	gap: 0.375rem;
}

.posts h2 a {
	color: inherit;
	text-decoration-color: transparent;
}

.posts h2 a:hover {
	text-decoration-color: var(--accent);
}

.search {
	display: grid;
	gap: 0.375rem;
	width: 100%;
	max-width: 24rem;
}

#results {
	margin: 0;
	padding: 0;
	list-style: none;
}
`;
