import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { sourceFiles } from "../../scripts/source-files.mjs";

/** What `docs/design.md` asks of every page, looked for in the code of the pages. */

const files: string[] = (await sourceFiles()).filter(
	(path: string) => /^(app|components)\/.*\.tsx?$/.test(path) && !path.startsWith("app/dev/"),
);
const texts = new Map(await Promise.all(files.map(async (path) => [path, await readFile(path, "utf8")] as const)));
const css = await readFile("app/globals.css", "utf8");

/** `path:line  what` of everything that matches, comments aside. */
function found(pattern: RegExp, except: readonly string[] = []): string[] {
	return [...texts].flatMap(([path, text]) =>
		except.includes(path)
			? []
			: text.split("\n").flatMap((line, index) => {
					const hit = /^\s*(\/\/|\*|\/\*)/.test(line) ? null : pattern.exec(line);
					return hit ? [`${path}:${index + 1}  ${hit[0]}`] : [];
				}),
	);
}

describe("colours come from tokens (R233)", () => {
	it("no colour is written out", () => {
		// A browser's own surface and an icon that is a picture of its own know no tokens.
		const except = ["app/layout.tsx", "components/deployments/page-title.ts"];
		expect(found(/["'[(\s]#[0-9a-fA-F]{3,8}\b(?!;)|\b(?:rgba?|hsla?|oklch|oklab|lab|lch)\(/, except)).toEqual([]);
	});

	it("no colour of Tailwind's palette is used", () => {
		// A preview without a ground of its own is white in every browser.
		const except = ["components/deployments/preview-panel.tsx"];
		const names =
			"white|black|gray|slate|zinc|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|blue|indigo|violet|purple|pink|rose";
		expect(
			found(
				new RegExp(`(?<![\\w-])(?:text|bg|border|ring|fill|stroke|from|to|via|accent|outline|decoration)-(?:${names})(?:-\\d+)?\\b`),
				except,
			),
		).toEqual([]);
	});
});

describe("motion costs no layout and no new picture (R231)", () => {
	it("only opacity and transform move", () => {
		expect(found(/(?<![\w-])transition(?!-(?:opacity|transform)\b)(?:-[\w[\]-]+)?(?=[\s"'`])(?=.*className|.*duration)/)).toEqual([]);
		const moved = [...css.matchAll(/@keyframes [\w-]+ \{([\s\S]*?)\n\t\}/g)].flatMap(([, body = ""]) =>
			[...body.matchAll(/([a-z-]+):/g)].map(([, name]) => name),
		);
		expect([...new Set(moved)].sort()).toEqual(["opacity", "transform"]);
	});

	it("nothing that goes on moves for people who want it still", () => {
		expect(found(/(?<![\w:-])animate-\w/)).toEqual([]);
		expect(css).toContain("transition: none !important");
	});
});

describe("what is disabled says why (R232)", () => {
	/** While something is under way the label or the place itself says so. */
	const momentary = /^!?[\w.?]*(?:busy|isPending|isFetching|reading|retrying|submitting|disabled|refreshing === "busy")$/i;

	it("every control that is, for longer than a moment", () => {
		const silent = [...texts].flatMap(([path, text]) =>
			[
				...text.matchAll(
					/<([A-Z]\w*|button|input|select|textarea)\b((?:[^<>]|=>|<(?=[=\s\d]))*?)\bdisabled=\{([^}]+)\}((?:[^<>]|=>|<(?=[=\s\d]))*?)>/g,
				),
			].flatMap(([, tag, before = "", condition = "", after = ""]) => {
				const parts = condition.split("||").map((part) => part.trim());
				const explained = /\b(?:title|aria-describedby|placeholder)=/.test(before + after);
				return explained || parts.every((part) => momentary.test(part)) ? [] : [`${path}  <${tag} disabled={${condition}}>`];
			}),
		);
		expect(silent).toEqual([]);
	});
});
