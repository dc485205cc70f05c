import type { Kind, SectionKey } from "../spec.ts";

/** The words that the templates bring themselves, in one language. */
export interface Words {
	kinds: Readonly<Record<Kind, string>>;
	skip: string;
	navigation: string;
	/** Said on every page of a product. */
	badge: string;
	/** The headline's companion where the brief says nothing: what a visitor is greeted with. */
	leads: Readonly<Record<Kind, string>>;
	more: string;
	/** Stands where people write their own text. */
	placeholder(title: string): string;
	/** Heading of each section, and what is to be written there. */
	sections: Readonly<Record<SectionKey, { title: string; lines: readonly string[] }>>;
	form: {
		name: string;
		email: string;
		message: string;
		send: string;
		join: string;
		required: string;
		invalid: string;
		short: string;
		/** A checked form that goes nowhere says so. */
		sent: string;
		failed: string;
	};
	docs: { pages: readonly string[]; search: string; next: string; previous: string; nothing: string; open: string };
	blog: { posts: readonly string[]; draft: string; search: string; all: string; nothing: string };
	dashboard: {
		metrics: readonly string[];
		sample: string;
		period: string;
		days(count: number): string;
		change: string;
		day: string;
		failed: string;
	};
	todo: {
		add: string;
		task: string;
		hint: string;
		all: string;
		open: string;
		done: string;
		left: string;
		clear: string;
		remove: string;
		nothing: string;
		kept: string;
	};
	api: { about: string; endpoints: string; try: string; memory: string };
}
