import { type Html, html } from "../html.ts";
import { type Section, type Spec, slugsOf } from "../spec.ts";
import type { Words } from "../words/words.ts";
import { wordsOf } from "../words/words-of.ts";
import { renderForm } from "./form.ts";

/** Ids of the sections, in their order. */
export function sectionIds({ sections }: Pick<Spec, "sections">): string[] {
	const slugs = slugsOf(
		sections.map(({ title }) => title),
		"section",
	);
	return slugs.map((slug) => (fixedIds.has(slug) ? `${slug}-section` : slug));
}

/** Ids that the page has already. */
const fixedIds: ReadonlySet<string> = new Set(["content", "name", "email", "message", "title"]);

export function renderSections(spec: Spec): Html[] {
	const words = wordsOf(spec.language);
	const ids = sectionIds(spec);
	return spec.sections.map((section, index) => {
		const id = ids[index] ?? "";
		return html`			<section id="${id}" aria-labelledby="${id}-title">
				<div class="wrap stack">
					<h2 id="${id}-title">${section.title}</h2>
					${bodyOf(section, spec, words)}
				</div>
			</section>`;
	});
}

/** What is shown where the brief says nothing: what belongs there. */
function linesOf({ key, title, lines }: Section, spec: Spec, words: Words): readonly string[] {
	if (lines.length > 0) return lines;
	if (key === "about" && spec.about !== "") return [spec.about];
	return key === "other" ? [words.placeholder(title)] : words.sections[key].lines;
}

function bodyOf(section: Section, spec: Spec, words: Words): Html {
	const lines = linesOf(section, spec, words);
	switch (section.key) {
		case "contact":
			return renderForm(spec, ["name", "email", "message"], "send");
		case "prices":
		case "menu":
		case "hours":
		case "events":
			return html`<ul class="rows">${lines.map((line) => row(line))}
					</ul>`;
		case "faq":
			return html`<div class="questions">${lines.map((line) => question(line, words))}
					</div>`;
		case "testimonials":
			return html`<ul class="cards">${lines.map(
				(line) => html`
						<li class="card"><blockquote><p>${line}</p></blockquote></li>`,
			)}
					</ul>`;
		case "projects":
		case "gallery":
			return html`<ul class="cards">${lines.map((line) =>
				card(
					line,
					html`<div class="picture" aria-hidden="true"></div>
							`,
				),
			)}
					</ul>`;
		case "steps":
			return html`<ol class="cards numbered">${lines.map((line) => card(line))}
					</ol>`;
		case "about":
		case "location":
			return html`${lines.map(
				(line) => html`<p>${line}</p>
					`,
			)}`;
		case "features":
		case "team":
		case "skills":
			return html`<ul class="cards">${lines.map((line) => card(line))}
					</ul>`;
		case "other":
			return lines.length === 1
				? html`<p>${lines[0] ?? ""}</p>`
				: html`<ul class="cards">${lines.map((line) => card(line))}
					</ul>`;
	}
}

/** "Fresh bread: every morning" is a heading and a text. */
function card(line: string, before: Html | null = null): Html {
	const [, title = line, text = ""] = /^([^:–]{2,60})\s*[:–]\s+(.+)$/u.exec(line) ?? [];
	return html`
						<li class="card">
							${before}<h3>${title}</h3>${
								text === ""
									? ""
									: html`
							<p class="muted">${text}</p>`
							}
						</li>`;
}

const priced =
	/^(.*?\S)[\s:–-]+((?:(?:€|\$|£|EUR|USD|CHF)\s?)?\d[\d.,:]*(?:\s?(?:[–-]|to|bis|à|a)\s?\d[\d.,:]*)?\s?(?:(?:€|\$|£|EUR|USD|CHF|Euro|euros?)(?:\s?(?:\/|per|pro|par|al)\s?\p{L}+)?|am|pm|Uhr|h)?)$/iu;

function row(line: string): Html {
	const [, what, figure] = priced.exec(line) ?? /^([^:]{2,60}):\s+(.+)$/.exec(line) ?? [];
	return what === undefined
		? html`
						<li><span>${line}</span></li>`
		: html`
						<li><span>${what}</span> <b>${figure ?? ""}</b></li>`;
}

function question(line: string, words: Words): Html {
	const [, asked = line, answer = ""] = /^(.+?\?)\s*(.*)$/u.exec(line) ?? [];
	return html`
						<details>
							<summary>${asked}</summary>
							<p>${answer === "" ? words.placeholder(asked) : answer}</p>
						</details>`;
}
