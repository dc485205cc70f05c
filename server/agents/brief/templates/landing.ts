import { type Html, html } from "../html.ts";
import type { Spec } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";
import { manifest, readme, siteTest } from "./common-files.ts";
import { formScript, formTest, renderForm } from "./form.ts";
import { joined, renderPage } from "./page.ts";
import { renderSections, sectionIds } from "./sections.ts";
import { formStyles, sectionStyles, stylesheet } from "./styles.ts";
import type { Template } from "./template.ts";

/** One page with a headline, sections and a form that is checked: landing page, portfolio and waiting list. */
export const landing: Template = onePage();
export const portfolio: Template = onePage();
export const waitlist: Template = onePage((spec) => html`<div id="join">${renderForm(spec, ["email"], "join")}</div>`);

function onePage(inHero: (spec: Spec) => Html | null = () => null): Template {
	return {
		tasks(spec) {
			const hasForm = inHero(spec) !== null || spec.sections.some(({ key }) => key === "contact");
			return [
				{
					name: "HTML structure",
					acceptance: [
						`The page has the headline “${spec.name}” and ${spec.sections.length === 1 ? "one section" : `${spec.sections.length} sections`}.`,
						"Every field has a name, and every link leads somewhere.",
						"It says that it is a template.",
					],
					files: [
						{ path: "index.html", text: render(spec, inHero(spec)) },
						readme(
							spec,
							[
								["index.html", "the page"],
								["styles.css", "its look; the colours are at the top"],
								["script.js", hasForm ? "checks the form" : "checks forms, should you add one"],
								["test/site.test.js", "what has to stay true"],
							],
							hasForm
								? [
										"The form is checked and sends nothing yet: put the address that takes it into `data-endpoint` in `index.html`. It is sent as form data by POST.",
									]
								: ["Texts stand in `index.html`."],
						),
						manifest(spec),
					],
				},
				{
					name: "CSS styles",
					acceptance: ["Light and dark.", "Readable from 320 pixels on.", "Text has a contrast of 4.5 to 1 or more."],
					files: [{ path: "styles.css", text: stylesheet(spec, sectionStyles, formStyles) }],
				},
				{
					name: "Form validation",
					acceptance: ["An empty or wrong field is named under it and gets the focus.", "The tests pass with node --test."],
					files: [{ path: "script.js", text: formScript }, siteTest(["index.html"], formTest)],
				},
			];
		},
	};
}

function render(spec: Spec, inHero: Html | null): string {
	const words = wordsOf(spec.language);
	const lead = spec.tagline ?? words.leads[spec.kind];
	const ids = sectionIds(spec);
	const links = spec.sections.map(({ title }, index) => ({ href: `#${ids[index]}`, text: title }));
	const contact = ids[spec.sections.findIndex(({ key }) => key === "contact")];
	const about =
		spec.about !== "" && !spec.sections.some(({ key }) => key === "about")
			? html`
					<p>${spec.about}</p>`
			: "";
	const hero = html`			<div class="hero">
				<div class="wrap stack">
					<h1>${spec.name}</h1>
					<p class="lead">${lead}</p>${about}
					${inHero ?? (contact === undefined ? "" : html`<a class="button" href="#${contact}">${words.more}</a>`)}
				</div>
			</div>`;
	return renderPage(spec, { title: spec.name, description: lead, links, main: joined([hero, ...renderSections(spec)]) });
}
