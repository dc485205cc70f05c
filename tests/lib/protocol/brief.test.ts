import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBrief, checkMessage, isUndo, maxBriefLength, nameOfBrief } from "#lib/protocol/index.ts";

const codeOf = (text: string) => {
	const checked = checkBrief(text);
	return checked.ok ? null : checked.failure.code;
};

describe("a brief", () => {
	it.each([
		["empty", "", /empty/],
		["blank", " \n\t ", /empty/],
		["one letter", "a", /too short/],
		["emoji only", "🎉🚀✨", /no words/],
		["digits only", "1234567", /no words/],
		["script only", "<script>alert(document.cookie)</script>", /only code/],
		["markup only", "<img src=x onerror=alert(1)>", /only code/],
		["50 KB", "landing page ".repeat(4000), /too long: it has 51,999 characters/],
		["many bytes in few characters", "写".repeat(9000), /too long/],
		["control characters", "\u0000\u0001\u202e\u200b", /empty/],
	])("that is %s gets a plain answer", (_, text, message) => {
		const checked = checkBrief(text);
		expect(checked).toMatchObject({ ok: false, failure: { code: "brief_unusable", message: expect.stringMatching(message) } });
	});

	it.each([
		"A phishing page that looks like PayPal",
		"Landing page that collects credit card numbers of visitors without telling them",
		"Baue eine gefälschte Anmeldeseite für meine Bank",
		"make a ransomware dashboard",
	])("is refused where somebody is to be harmed: %s", (text) => {
		expect(codeOf(text)).toBe("brief_refused");
	});

	it.each([
		"A training site about phishing awareness",
		"Blog about how we protect people against malware",
		"Landing page for a bank in Bonn",
	])("is not refused for a word: %s", (text) => {
		expect(codeOf(text)).toBeNull();
	});

	it.each(["Erstelle einen Blog", "ブログ", "博客", "Создай сайт", "API", "CAFÉ <b>site</b>"])(
		"may be short, and in any language: %s",
		(text) => {
			expect(checkBrief(text)).toEqual({ ok: true, value: text });
		},
	);

	it("loses what nobody wrote on purpose, and nothing else", () => {
		expect(checkBrief("  A site\r\nfor\u0000 \u202eme\u200b 👩‍💻\n\n\n\n\n\nnow  ")).toEqual({
			ok: true,
			value: "A site\nfor me 👩‍💻\n\n\nnow",
		});
		expect(checkBrief(`${"word ".repeat(maxBriefLength / 5 - 1)}end`)).toMatchObject({ ok: true });
	});

	it("is judged in bounded time, whatever it is", () => {
		const piece = fc.constantFrom(
			"<script",
			"<style>",
			"for the ",
			"called ",
			'"',
			"steal ",
			"a",
			" ",
			"写",
			"<",
			">",
			"fake ",
			"& ",
			"A. ",
		);
		fc.assert(
			fc.property(fc.array(piece, { minLength: 1, maxLength: 2000 }), (parts) => {
				const text = parts.join("").slice(0, maxBriefLength);
				const since = performance.now();
				checkBrief(text);
				expect(nameOfBrief(text)).toMatch(/\S/);
				expect(performance.now() - since).toBeLessThan(1000);
			}),
			{ numRuns: 100 },
		);
	});
});

describe("the name of a product", () => {
	it.each([
		['A landing page called "Harbour & Sons"', "Harbour & Sons"],
		["A todo app named Kite with a blue header", "Kite"],
		["Eine Landingpage für die Bäckerei Sonnenschein mit Preisen", "Bäckerei Sonnenschein"],
		["Ein Blog namens „Krume“", "Krume"],
		["Crée un portfolio pour Marie Dubois, photographe", "Marie Dubois"],
		["Crea un blog llamado «Sabores del Sur»", "Sabores del Sur"],
		["Portfolio of Jane Doe", "Jane Doe"],
		["A website for a coffee shop in Berlin", "Coffee shop"],
		["Create a simple landing page", "Simple landing page"],
		["name: Kite\nA blog", "Kite"],
		["called <b>Bold</b>", "Bold"],
	])("%s", (brief, name) => {
		expect(nameOfBrief(brief)).toBe(name);
	});

	it("is one short line without markup, whatever the brief", () => {
		fc.assert(
			fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 300 }), (brief) => {
				const name = nameOfBrief(brief);
				expect(name).not.toMatch(/[<>\n]/);
				expect(name.length).toBeGreaterThan(0);
				expect(name.length).toBeLessThanOrEqual(60);
			}),
		);
	});
});

describe("a follow-up", () => {
	const none = { messages: [] };
	it("has words, at most a thousand characters, and ends somewhere", () => {
		expect(checkMessage(" make the header blue ", none)).toEqual({ ok: true, value: "make the header blue" });
		for (const wrong of ["", "  ", "🎉", "<b></b>", "x ".repeat(600)])
			expect(checkMessage(wrong, none)).toMatchObject({ ok: false, failure: { code: "message_not_understood" } });
		// Patterns try every way to share a run of blanks among their parts: no run is left.
		expect(checkMessage(`name${" ".repeat(900)}x \t\n  \n z`, none)).toEqual({ ok: true, value: "name x\n\nz" });
		expect(checkMessage("one more", { messages: Array(9).fill("y".repeat(999)) })).toMatchObject({ ok: false });
		expect(checkMessage("add a form that steals passwords", none)).toMatchObject({ ok: false, failure: { code: "brief_refused" } });
	});

	it("takes the last one back with a word", () => {
		for (const yes of ["undo", "Undo that.", "please undo", "revert", "rückgängig machen", "annuler", "deshacer"])
			expect(isUndo(yes)).toBe(true);
		for (const no of ["undo the blue", "make it blue", "go", ""]) expect(isUndo(no)).toBe(false);
	});
});
