import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Brief } from "#lib/protocol/index.ts";
import type { Work } from "#server/agents/agent.ts";
import type { ProductPlan } from "#server/agents/brief/author.ts";
import { templateAuthor } from "#server/agents/brief/templates.ts";

/** A brief for each template. */
export const briefs: Readonly<Record<string, string>> = {
	landing:
		"A landing page for my bakery Sunrise in orange, with prices (Loaf 6.50 €, Croissant 2.20 €), opening hours, FAQ, how it works, gallery and a contact form.",
	portfolio: "A portfolio for Jane Doe, photographer, with a gallery, skills, testimonials and a contact form",
	docs: "documentation for my library Zephyr with pages: Install, Configure and Troubleshooting, in blue",
	blog: "A blog about sourdough called Crumb with sections: Starters, Flour and Baking",
	dashboard: "Build a dashboard showing sales, visitors and returns for Acme Corp",
	todo: "todo app called Harbour in dark green",
	api: "A REST API for books and authors, called Shelf",
	waitlist: "A waiting list for Foxglove, a note-taking app. Tagline: Notes that find you.",
};

/** Templates need nothing of an attempt. */
const noWork = {} as Work;

export interface Product {
	plan: ProductPlan;
	files: Map<string, string>;
}

export async function makeProduct(text: string, ...messages: string[]): Promise<Product> {
	const brief: Brief = { text, messages };
	const understood = await templateAuthor.understand(brief, noWork);
	if (!understood.ok) throw new Error(understood.failure.message);
	const request = { brief, understanding: understood.value };
	const planned = await templateAuthor.plan(request, noWork);
	if (!planned.ok) throw new Error(planned.failure.message);
	const files = new Map<string, string>();
	for (const task of planned.value.tasks) {
		const written = await templateAuthor.write({ id: "", ...task }, { ...request, written: files }, noWork);
		if (!written.ok) throw new Error(written.failure.message);
		for (const file of written.value) files.set(file.path, file.text);
	}
	return { plan: planned.value, files };
}

export async function writeProduct({ files }: Product, folder: string): Promise<void> {
	for (const [path, text] of files) {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), text);
	}
}
