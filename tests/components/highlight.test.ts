import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Language, languageOf, tokensOf } from "#components/plan/highlight.ts";

const kinds = (line: string, language: Language) => tokensOf(line, language).map(({ text, kind }) => [kind, text.trim()]);

describe("code as it is shown", () => {
	it("is read by the file's name", () => {
		const names = ["Dockerfile", "api/Dockerfile", ".dockerignore", "plan.json", "report.txt"];
		expect(names.map(languageOf)).toEqual(["dockerfile", "dockerfile", "ignore", "json", "plain"]);
	});

	it("marks the instructions, options, variables and strings of a Dockerfile", () => {
		expect(kinds("FROM node:24-slim AS build", "dockerfile")[0]).toEqual(["keyword", "FROM"]);
		expect(kinds("FROM node:24-slim AS build", "dockerfile")).toContainEqual(["keyword", "AS"]);
		expect(kinds("COPY --from=build /app ./", "dockerfile")).toContainEqual(["name", "--from"]);
		expect(kinds('CMD ["npm", "start"]', "dockerfile")).toContainEqual(["string", '"npm"']);
		expect(kinds("# syntax", "dockerfile")).toEqual([["comment", "# syntax"]]);
		expect(kinds("RUN copy this", "dockerfile").filter(([kind]) => kind === "keyword")).toEqual([["keyword", "RUN"]]);
	});

	it("tells names from values in JSON", () => {
		expect(kinds('  "port": 3000, "ok": true, "name": "x"', "json")).toEqual([
			["plain", ""],
			["name", '"port"'],
			["plain", ":"],
			["number", "3000"],
			["plain", ","],
			["name", '"ok"'],
			["plain", ":"],
			["keyword", "true"],
			["plain", ","],
			["name", '"name"'],
			["plain", ":"],
			["string", '"x"'],
		]);
	});

	it("tells the words of scripts, styles and pages apart", () => {
		expect(kinds('const a = "b"; // c', "script").filter(([kind]) => kind !== "plain")).toEqual([
			["keyword", "const"],
			["string", '"b"'],
			["comment", "// c"],
		]);
		expect(kinds("  color: #fff;", "style").filter(([kind]) => kind !== "plain")).toEqual([
			["name", "color"],
			["number", "#fff"],
		]);
		expect(kinds('<a href="x">it\'s</a>', "markup").filter(([kind]) => kind !== "plain")).toEqual([
			["keyword", "<a"],
			["name", "href"],
			["string", '"x"'],
			["keyword", ">"],
			["keyword", "</a>"],
		]);
		expect(["app.ts", "style.css", "index.html"].map(languageOf)).toEqual(["script", "style", "markup"]);
	});

	it("loses and adds nothing, whatever the line is", () => {
		const languages = fc.constantFrom<Language>("dockerfile", "ignore", "json", "script", "style", "markup", "diff", "plain");
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 80 }), languages, (line, language) => {
				expect(
					tokensOf(line, language)
						.map(({ text }) => text)
						.join(""),
				).toBe(line);
			}),
		);
	});
});
