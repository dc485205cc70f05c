/** What a starter template is filled with: plain data, read from a brief and its follow-ups. */
export interface Spec {
	kind: Kind;
	name: string;
	tagline: string | null;
	/** The people's own sentences about themselves, "" when there are none. */
	about: string;
	language: Language;
	/** `#rrggbb` */
	accent: string;
	header: string | null;
	background: string | null;
	/** Both, as the visitor's system is set, unless one was asked for. */
	theme: "both" | "light" | "dark";
	sections: Section[];
	email: string | null;
	notes: string[];
}

export interface Section {
	key: SectionKey | "other";
	title: string;
	/** What the brief says belongs there. */
	lines: string[];
}

export const kinds = ["landing", "portfolio", "docs", "blog", "dashboard", "todo", "api", "waitlist"] as const;
export type Kind = (typeof kinds)[number];

/** Languages the templates have words of their own in. */
export const languages = ["en", "de", "fr", "es"] as const;
export type Language = (typeof languages)[number];

export const sectionKeys = [
	"features",
	"prices",
	"about",
	"team",
	"testimonials",
	"faq",
	"gallery",
	"hours",
	"location",
	"steps",
	"projects",
	"skills",
	"menu",
	"events",
	"contact",
] as const;
export type SectionKey = (typeof sectionKeys)[number];

/** A name as a part of a path or an id: lower case letters, digits and dashes. */
export function slugOf(text: string, fallback: string): string {
	const slug = text
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.replace(/^-+|-+$/g, "")
		.slice(0, 40)
		.replace(/-+$/, "");
	return slug === "" ? fallback : slug;
}

/** Slugs of several names, each once. */
export function slugsOf(names: readonly string[], fallback: string): string[] {
	const taken = new Set<string>();
	return names.map((name, index) => {
		const slug = slugOf(name, `${fallback}-${index + 1}`);
		const free = taken.has(slug) ? `${slug}-${index + 1}` : slug;
		taken.add(free);
		return free;
	});
}
