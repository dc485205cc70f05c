import type { ProductFile } from "../author.ts";
import { escapeMarkdown } from "../html.ts";
import { type Spec, slugOf } from "../spec.ts";
import { wordsOf } from "../words/words-of.ts";

/** package.json: no dependencies, a test, and a start where it is a program. */
export function manifest({ name, kind }: Spec, scripts: Readonly<Record<string, string>> = {}): ProductFile {
	const content = {
		name: slugOf(name, kind),
		version: "1.0.0",
		private: true,
		description: "Filled from a starter template of Quayside.",
		scripts: { ...scripts, test: "node --test" },
	};
	return { path: "package.json", text: `${JSON.stringify(content, null, "\t")}\n` };
}

/** README.md: what it is, that it is a template, and how it goes on. */
export function readme({ name, kind }: Spec, files: readonly [string, string][], next: readonly string[]): ProductFile {
	const lines = [
		`# ${escapeMarkdown(name)}`,
		"",
		`This is the starter template “${wordsOf("en").kinds[kind]}” of Quayside, filled from a brief. No model and no person wrote it: texts that the brief did not give say what belongs in their place.`,
		"",
		"| file | what it is |",
		"|---|---|",
		...files.map(([path, about]) => `| \`${path}\` | ${about} |`),
		"",
		"## Going on",
		"",
		...next.map((step) => `- ${step}`),
		"- Tests run with `node --test`; nothing has to be installed.",
		"",
	];
	return { path: "README.md", text: lines.join("\n") };
}

/** Tests of what every page has to keep: a language, one heading, names for all controls, links that lead somewhere, nothing from elsewhere. */
export function siteTest(pages: readonly string[], more = ""): ProductFile {
	const text = `const assert = require("node:assert/strict");
const { access, readFile } = require("node:fs/promises");
const { dirname, join } = require("node:path");
const { test } = require("node:test");

const root = join(__dirname, "..");
const read = (path) => readFile(join(root, path), "utf8");
const isThere = (path) => access(join(root, path)).then(() => true, () => false);
const all = (text, pattern) => [...text.matchAll(pattern)].map(([, value]) => value);

for (const page of ${JSON.stringify(pages)}) {
	test(\`\${page} has a language, a title and one main heading\`, async () => {
		const text = await read(page);
		assert.match(text, /<html lang="[a-z-]{2,}"/);
		assert.match(text, /<title>[^<]+<\\/title>/);
		assert.equal(all(text, /<(h1)[ >]/g).length, 1);
	});

	test(\`\${page} names every field\`, async () => {
		const text = await read(page);
		const labelled = new Set(all(text, /<label[^>]* for="([^"]+)"/g));
		for (const control of all(text, /<(?:input|textarea|select)([^>]*)>/g)) {
			const id = /id="([^"]+)"/.exec(control)?.[1];
			assert.ok(control.includes("aria-label=") || labelled.has(id), control);
		}
	});

	test(\`\${page} leads to pages and places that are there, and fetches nothing from elsewhere\`, async () => {
		const text = await read(page);
		const ids = new Set(all(text, / id="([^"]+)"/g));
		for (const place of all(text, / href="#([^"]*)"/g)) assert.ok(ids.has(place), place);
		for (const path of all(text, / (?:src|href)="(?!#|data:|mailto:)([^"]+)"/g)) {
			assert.doesNotMatch(path, /^(?:[a-z]+:|\\/\\/)/i);
			assert.ok(await isThere(join(dirname(page), path.split("#")[0])), path);
		}
	});
}
${more === "" ? "" : `\n${more}`}`;
	return { path: "test/site.test.js", text };
}
