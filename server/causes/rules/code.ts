import type { Cause, Found } from "../cause.ts";
import { quote } from "../cause.ts";
import { pathInApp } from "../project.ts";

/** "src/cart.ts, line 3" out of the groups of a pattern. */
function place({ groups, circumstances }: Found): string {
	if (!groups.file) return "A file";
	const path = pathInApp(groups.file, circumstances).replace(/^\.\//, "");
	return groups.row ? `${quote(path)}, line ${groups.row},` : quote(path);
}

/** Looked for at the beginning of a path alone: text without any is then passed over in one go. */
const file = String.raw`(?<![\w./@+[\]()-])(?<file>[\w./@+\[\]()-]{1,200}\.\w{1,6})`;

/** The code itself has a mistake. */
export const codeCauses: readonly Cause[] = [
	{
		id: "types_missing",
		name: "Type definitions are missing",
		steps: ["build", "test"],
		patterns: [
			/error TS2688[^\n]{0,20}Cannot find type definition file for '(?<types>[^'\n]{1,120})'/,
			/Could not find a declaration file for module '(?<types>[^'\n]{1,120})'/,
			/error TS2580[^\n]{0,60}'(?<name>\w+)'/,
		],
		explain: ({ groups }) => {
			const name = groups.types || "node";
			const types = name.startsWith("@types/") ? name : `@types/${name.replace(/^@/, "").replace("/", "__")}`;
			return {
				message: `TypeScript does not find the type definitions of ${quote(name)}.`,
				action: `Run npm install --save-dev ${types} (or the same with your package manager) where you develop, commit package.json and the lockfile, push and deploy again.`,
			};
		},
	},
	{
		id: "typescript_error",
		name: "TypeScript finds an error",
		steps: ["install", "build", "test", "start"],
		patterns: [
			new RegExp(String.raw`${file}\((?<row>\d+),\d+\): error (?<code>TS\d{1,5}): (?<what>[^\n]{1,300})`),
			new RegExp(String.raw`${file}:(?<row>\d+):\d+ - error (?<code>TS\d{1,5}): (?<what>[^\n]{1,300})`),
			new RegExp(String.raw`${file}:(?<row>\d+):\d+\nType error: (?<what>[^\n]{1,300})`),
			/error (?<code>TS\d{1,5}): (?<what>[^\n]{1,300})/,
		],
		explain: (found) => ({
			message: `${found.groups.file ? place(found) : "The code"} has an error, says TypeScript: ${quote((found.groups.what ?? "").replace(/\.$/, ""))}.`,
			action: "Correct it (the same command shows it where you develop), commit, push and deploy again.",
		}),
	},
	{
		id: "eslint_errors",
		name: "The linter finds errors",
		steps: ["build", "test"],
		patterns: [
			/✖ \d+ problems? \((?<count>[1-9]\d*) errors?, \d+ warnings?\)/,
			/ESLint: (?<what>[^\n]{1,200})|Failed to compile\.[\s\S]{0,400}?Error: (?<next>[^\n]{1,200}) {2}[\w@/-]+\n/,
		],
		explain: ({ groups, circumstances: { command } }) => ({
			message: `${command} runs the linter, which found ${groups.count ? `${groups.count} ${groups.count === "1" ? "error" : "errors"}` : "errors"}, and an error ends the build.`,
			action: "Correct them (they are in the lines below), or take the linter out of the build script, and retry.",
		}),
	},
	{
		id: "syntax_error",
		name: "A file cannot be read as code",
		steps: ["install", "build", "test", "start"],
		patterns: [
			new RegExp(
				String.raw`File "${file}", line (?<row>\d+)\n(?:[^\n]*\n){1,3}?(?:SyntaxError|IndentationError|TabError): (?<what>[^\n]{1,200})`,
			),
			new RegExp(String.raw`(?:Parse|syntax) error: (?<what>[^\n]{1,200}) in ${file} on line (?<row>\d+)`, "i"),
			new RegExp(String.raw`(?:^|\n)${file}:(?<row>\d+)\n(?:[^\n]*\n){0,6}?(?:SyntaxError): (?<what>[^\n]{1,200})`),
			new RegExp(String.raw`${file}:(?<row>\d+)(?::\d+)?: (?:syntax error|SyntaxError)[,:]? ?(?<what>[^\n]{1,200})`),
			new RegExp(String.raw`${file} \((?<row>\d+):\d+\): (?<what>(?:Expected|Unexpected|Unterminated|Failed to parse)[^\n]{1,200})`),
			new RegExp(String.raw`(?:ERROR: |error: )(?<what>(?:Expected|Unexpected|Unterminated)[^\n]{1,200})\n+\s*${file}:(?<row>\d+)`),
			new RegExp(String.raw`${file}:(?<row>\d+):\d+: ERROR: (?<what>[^\n]{1,200})`),
			/SyntaxError: (?<what>[^\n]{1,200})/,
		],
		explain: (found) => ({
			message: `${place(found)} cannot be read as code: ${quote(found.groups.what ?? "")}.`,
			action: "Correct the place (a bracket or quote is often missing just before it), commit, push and deploy again.",
		}),
	},
	{
		id: "compile_error",
		name: "The code does not compile",
		steps: ["install", "build", "test"],
		patterns: [
			new RegExp(String.raw`error(?:\[(?<code>E\d{4})\])?: (?<what>[^\n]{1,200})\n\s*--> ${file}:(?<row>\d+)`),
			new RegExp(String.raw`\[ERROR\] ${file}:\[(?<row>\d+),\d+\] (?<what>[^\n]{1,200})`),
			new RegExp(String.raw`${file}:(?<row>\d+): error: (?<what>[^\n]{1,200})`),
			new RegExp(String.raw`${file}:(?<row>\d+):\d+: (?:error: )?(?<what>[^\n]{1,200})`),
			/✘ \[ERROR\] (?<what>[^\n]{1,200})/,
		],
		explain: (found) => {
			// A place in the lines of a stack is no compiler's word.
			if (/^\s*at |node_modules/.test(found.line)) return null;
			return {
				message: `${place(found)} does not compile: ${quote(found.groups.what ?? "")}.`,
				action: "Correct it (the same command shows it where you develop), commit, push and deploy again.",
			};
		},
	},
];
