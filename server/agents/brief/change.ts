import type { Language, Section, Spec } from "./spec.ts";
import { wordsOf } from "./words/words-of.ts";

/** One thing that a follow-up changes. */
export type Change =
	| { type: "colour"; part: "accent" | "header" | "background"; hex: string }
	| { type: "theme"; theme: Spec["theme"] }
	| { type: "name"; name: string }
	| { type: "tagline"; text: string }
	| { type: "email"; email: string }
	| { type: "language"; language: Language }
	| { type: "add"; section: Section }
	| { type: "remove"; title: string }
	| { type: "rename"; from: string; to: string };

/** The product after one change. */
export function applyChange(spec: Spec, change: Change): Spec {
	switch (change.type) {
		case "colour":
			return { ...spec, [change.part]: change.hex };
		case "theme":
			return { ...spec, theme: change.theme };
		case "name":
			return { ...spec, name: change.name };
		case "tagline":
			return { ...spec, tagline: change.text };
		case "email":
			return { ...spec, email: change.email };
		case "language":
			return {
				...spec,
				language: change.language,
				sections: spec.sections.map((section) => inLanguage(section, spec.language, change.language)),
			};
		case "add":
			return { ...spec, sections: withAdded(spec.sections, change.section) };
		case "remove":
			return { ...spec, sections: spec.sections.filter(({ title }) => title !== change.title) };
		case "rename":
			return {
				...spec,
				sections: spec.sections.map((section) => (section.title === change.from ? { ...section, title: change.to } : section)),
			};
	}
}

/** Headings of the template's own follow its language; those that people gave stay. */
function inLanguage(section: Section, from: Language, to: Language): Section {
	if (section.key === "other" || section.title !== wordsOf(from).sections[section.key].title) return section;
	return { ...section, title: wordsOf(to).sections[section.key].title };
}

/** The contact form stays the last one. */
function withAdded(sections: readonly Section[], added: Section): Section[] {
	const last = sections.at(-1);
	return last?.key === "contact" && added.key !== "contact" ? [...sections.slice(0, -1), added, last] : [...sections, added];
}
