import { describe, expect, it } from "vitest";
import { readSpec } from "#server/agents/brief/read/read-spec.ts";
import type { Spec } from "#server/agents/brief/spec.ts";

function read(text: string, ...messages: string[]): Spec {
	const spec = readSpec({ text, messages });
	if (!spec.ok) throw new Error(spec.failure.message);
	return spec.value;
}
const titles = ({ sections }: Spec) => sections.map(({ title }) => title);
function refusal(text: string, ...messages: string[]) {
	const spec = readSpec({ text, messages });
	return spec.ok ? null : spec.failure;
}

describe("a brief is read", () => {
	it.each([
		["Create a simple landing page", "landing"],
		["a website for my cat", "landing"],
		["A portfolio for Jane Doe", "portfolio"],
		["documentation for my REST API", "docs"],
		["a blog about APIs", "blog"],
		["a dashboard with sales", "dashboard"],
		["a shopping list", "todo"],
		["REST API for a todo app", "api"],
		["coming soon page", "waitlist"],
		["Erstelle eine Aufgabenliste", "todo"],
		["Un tableau de bord des ventes", "dashboard"],
		["Una lista de espera", "waitlist"],
		["パン屋のランディングページ", "landing"],
	])("%s is a %s", (text, kind) => {
		expect(read(text).kind).toBe(kind);
	});

	it("finds name, sections with what belongs there, colours, language and people's own sentences", () => {
		const spec = read(
			"Erstelle eine Landingpage für die Bäckerei Sonnenschein mit Preisen: Brot 4,20 €, Brötchen 0,45 €, Öffnungszeiten und Kontaktformular in Rot. Wir backen seit 1950.",
		);
		expect(spec).toMatchObject({ name: "Bäckerei Sonnenschein", language: "de", accent: "#dc2626", about: "Wir backen seit 1950." });
		expect(titles(spec)).toEqual(["Preise", "Öffnungszeiten", "Kontakt"]);
		expect(spec.sections[0]?.lines).toEqual(["Brot 4,20 €", "Brötchen 0,45 €"]);
		expect(read("A dashboard showing sales, visitors and returns for Acme Corp").sections.map(({ title }) => title)).toEqual([
			"Sales",
			"Visitors",
			"Returns",
		]);
		expect(titles(read("REST API for books and authors"))).toEqual(["books", "authors"]);
		expect(titles(read("docs for Zephyr with pages: Install, Configure and Troubleshooting, in blue"))).toEqual([
			"Install",
			"Configure",
			"Troubleshooting",
		]);
		expect(read("Portfolio of Jane Doe with blue header, dark theme, mail jane@doe.example")).toMatchObject({
			header: "#2563eb",
			theme: "dark",
			email: "jane@doe.example",
		});
	});

	it("says what it could not do, instead of leaving it out silently", () => {
		expect(read("a website with login and payments").notes).toEqual([
			"It has no payment: a template brings none.",
			"It has no accounts: a template brings none.",
		]);
		expect(read("a landing page without a contact form but with a contact form").notes).toEqual([
			"The brief wants “Contact” in one place and not in another; it is in.",
		]);
		expect(read("a landing page and a blog").notes[0]).toMatch(/also speaks of a blog/);
		expect(read("a landing page in dark mode with a light theme")).toMatchObject({
			theme: "both",
			notes: [expect.stringContaining("light and dark")],
		});
		expect(read("Создай сайт").notes[0]).toMatch(/own words are in English/);
		expect(titles(read("landing page without contact form"))).not.toContain("Contact");
	});

	it.each([
		["an iPhone app", /mobile app/],
		["make a 3d game", /a game/],
		["build a time machine", /nobody can make/],
		["make it good", /does not say what is to be made/],
		["voglio qualcosa di bello per la mia famiglia", /in Italian/],
	])("cannot be made: %s", (text, message) => {
		expect(refusal(text)).toMatchObject({
			code: "brief_unusable",
			message: expect.stringMatching(message),
			action: expect.stringContaining("a landing page"),
		});
	});
});

describe("a follow-up", () => {
	const base = "A landing page for my bakery Sunrise with prices and a contact form";
	it.each<[string, Partial<Spec>]>([
		["make the header blue", { header: "#2563eb" }],
		["mach die Kopfzeile blau", { header: "#2563eb" }],
		["mets l'en-tête en bleu", { header: "#2563eb" }],
		["pon el encabezado azul", { header: "#2563eb" }],
		["make the buttons #f80", { accent: "#ff8800" }],
		["make the background black", { background: "#111418" }],
		["make it dark", { theme: "dark" }],
		["call it Foo", { name: "Foo" }],
		["Change the name to Kite & Co", { name: "Kite & Co" }],
		["change the tagline to Bread every day", { tagline: "Bread every day" }],
		["use the email hello@sunrise.example for contact", { email: "hello@sunrise.example" }],
		["translate it to German", { language: "de" }],
		["Make the header dark blue and call it Harbour", { header: "#1e3a8a", name: "Harbour" }],
	])("%s", (message, changed) => {
		expect(read(base, message)).toEqual({ ...read(base), ...changed, ...(changed.language && { sections: expect.anything() }) });
	});

	it("adds, renames and removes sections", () => {
		const before = ["What you get", "Prices", "Contact"];
		expect(titles(read(base))).toEqual(before);
		expect(titles(read(base, "add a section about our team"))).toEqual(["What you get", "Prices", "Team", "Contact"]);
		expect(titles(read(base, "add a section about blue whales"))).toEqual(["What you get", "Prices", "Blue whales", "Contact"]);
		expect(read(base, "Add FAQ: Do you ship? Yes, Open on Sunday? No").sections[2]?.lines).toEqual([
			"Do you ship? Yes",
			"Open on Sunday? No",
		]);
		expect(titles(read(base, "remove the prices"))).toEqual(["What you get", "Contact"]);
		expect(titles(read(base, "rename prices to Rates"))).toEqual(["What you get", "Rates", "Contact"]);
		expect(titles(read(base, "in deutsch bitte"))).toEqual(["Was Sie bekommen", "Preise", "Kontakt"]);
		expect(titles(read("REST API for books", "add authors"))).toEqual(["books", "authors"]);
	});

	it.each([
		["make it pop", /“make it pop” was not understood/],
		["make the logo bigger", /was not understood/],
		["paint the whale blue", /“whale” is no part of the page/],
		["make it red or blue", /Two colours/],
		["remove the gallery", /there are: “What you get”, “Prices”, “Contact”/],
		["add a section about prices", /already/],
		["make the header blue and make it pop", /“make it pop”/],
	])("is not half carried out: %s", (message, why) => {
		expect(refusal(base, message)).toMatchObject({ code: "message_not_understood", message: expect.stringMatching(why) });
	});
});
