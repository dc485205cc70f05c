import type { Cause } from "../cause.ts";
import { quote } from "../cause.ts";
import { declarationOf, manifestOf } from "../project.ts";
import { skipped } from "./modules.ts";

/** Packages whose program is called otherwise. */
const packageOfProgram: Readonly<Record<string, string>> = {
	tsc: "typescript",
	ng: "@angular/cli",
	nest: "@nestjs/cli",
	"react-scripts": "react-scripts",
	"vue-cli-service": "@vue/cli-service",
	remix: "@remix-run/dev",
	"react-router": "@react-router/dev",
	eleventy: "@11ty/eleventy",
	docusaurus: "@docusaurus/core",
	nuxi: "nuxt",
	"run-p": "npm-run-all",
	"run-s": "npm-run-all",
};

const notFound: readonly RegExp[] = [
	/(?:sh|bash|dash|env|\/bin\/sh)(?:: line \d+|: \d+)?: '?(?<program>[\w@./+-]{1,80})'?: (?:not found|command not found|No such file or directory)/,
	/(?<![\w@./+-])(?<program>[\w@./+-]{1,80}): command not found/,
	/'(?<program>[\w@./+-]{1,80})' is not recognized as an internal or external command/,
	/exec: "(?<program>[\w@./+-]{1,80})": executable file not found/,
	/spawn (?<program>[\w@./+-]{1,80}) ENOENT/,
	/ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL[^\n]{0,20}Command "(?<program>[^"]{1,80})" not found/,
	/error: Cannot find package|npm error could not determine executable to run/,
];

/** Scripts of package.json, and the programs they start. */
export const scriptCauses: readonly Cause[] = [
	{
		id: "script_missing",
		name: "A script is not in package.json",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/Missing script: "?(?<script>[^"\n]{1,80})"?/,
			/ERR_PNPM_NO_SCRIPT[^\n]{0,10}Missing script: (?<script>\S{1,80})/,
			/error Command "(?<script>[^"\n]{1,80})" not found/,
			/(?:error: )?Script not found "(?<script>[^"\n]{1,80})"/i,
			/Couldn't find a script named "(?<script>[^"\n]{1,80})"/,
		],
		async explain({ groups, circumstances: { command, files } }) {
			const scripts = Object.keys((await manifestOf(files))?.scripts ?? {});
			const there = scripts.length === 0 ? "" : ` It has: ${scripts.slice(0, 8).map(quote).join(", ")}.`;
			return {
				message: `${command} asks for the script ${quote(groups.script ?? "")}, which package.json does not have.${there}`,
				action: "Add the script to package.json, or name the right command in the project's settings, and retry.",
			};
		},
	},
	{
		id: "windows_line_endings",
		name: "A script has Windows line endings",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/\$'[^'\n]{0,80}\\r'|: '?\w{1,20}\\r'?: No such file|\^M: bad interpreter|env: use -\[v\]S to pass options in shebang lines|'\\r': command not found|bad interpreter: No such file/,
			/: (?<file>(?:\.\/)?[\w./-]{1,200}): not found/,
		],
		async explain({ groups, circumstances: { files } }) {
			// The shell says that the script is not there; it is the program of its first line that is not.
			if (groups.file && !/^#![^\n]*\r\n/.test((await files?.read(groups.file, 1000)) ?? "")) return null;
			return {
				message: `${groups.file ? quote(groups.file) : "A script"} was saved with Windows line endings (CR LF), so that Linux does not find the program its first line names.`,
				action: "Save it with LF, add “*.sh text eol=lf” to .gitattributes, commit, push and deploy again.",
			};
		},
	},
	{
		id: "permission_denied",
		name: "A script is not executable",
		steps: ["install", "build", "test", "start"],
		patterns: [
			/(?:sh|bash|dash)(?:: line \d+|: \d+)?: (?<file>[\w@./+-]{1,200}): Permission denied/,
			/(?<![\w@./+-])(?<file>[\w@./+-]{1,200}): cannot be started \(EACCES\)/,
			/spawn (?<file>[\w@./+-]{1,200}) EACCES/,
		],
		explain: ({ groups }) => ({
			message: `${quote(groups.file ?? "")} may not be executed: it was committed without the permission to.`,
			action: `Run git update-index --chmod=+x ${(groups.file ?? "").replace(/^\.\//, "")}, commit, push and deploy again.`,
		}),
	},
	{
		id: "git_history_needed",
		name: "A script asks git for the history",
		steps: ["install", "build", "test"],
		patterns: [/fatal: not a git repository/, /\.git can't be found/],
		explain: ({ circumstances: { command } }) => ({
			message: `${command} asks git for the commit or installs git hooks, and there is no git history where projects are built.`,
			action: "Let the script go on without it (for example “git rev-parse HEAD || true”, or “husky || true” in prepare), and retry.",
		}),
	},
	{
		id: "prepare_tool_missing",
		name: "An install script needs a program that is not installed",
		steps: ["install"],
		patterns: [
			/(?:sh|bash|dash)(?:: line \d+|: \d+)?: (?<program>husky|lefthook|simple-git-hooks|patch-package|lerna|only-allow|is-ci|ts-patch|nuxt|nuxi|svelte-kit|tsc|prisma)(?:: not found|: command not found)/,
		],
		explain: ({ groups }) => ({
			message: `A script that runs after the install (prepare or postinstall) starts ${quote(groups.program ?? "")}, which is not installed: it is missing from the dependencies, or development packages are left out.`,
			action: `Add ${quote(groups.program ?? "")} to the dependencies, or let the script go on without it (“${groups.program} || true”), and retry.`,
		}),
	},
	{
		id: "dev_dependencies_skipped",
		name: "Development packages were not installed",
		steps: ["build", "test"],
		patterns: notFound,
		async explain({ groups, circumstances: { files } }) {
			const name = nameOf(groups.program ?? "");
			return (await declarationOf(name, files)) === "development" ? skipped(name) : null;
		},
	},
	{
		id: "command_not_found",
		name: "A program is not there",
		steps: ["install", "build", "test", "start"],
		patterns: notFound,
		async explain({ groups, circumstances: { command, files, step } }) {
			const program = groups.program ?? "";
			if (program.includes("/"))
				return {
					message: `${command} starts ${quote(program)}, and there is no such file${step === "start" ? " after the build" : ""}.`,
					action: "Commit the file, let the build make it, or correct the script, push and deploy again.",
				};
			const name = nameOf(program);
			const declared = await declarationOf(name, files);
			if (declared === "development" && step === "start")
				return {
					message: `The app starts ${quote(program)}, which is listed under devDependencies: these are not kept for the running app.`,
					action: `Move ${quote(name)} to dependencies in package.json, commit the lockfile, push and deploy again.`,
				};
			if (declared === "unknown")
				return {
					message: `${command} needs the program ${quote(program || "it names")}, which is not on this machine.`,
					action: `Add it to the project's dependencies, or let an administrator install ${quote(program || "it")}, and retry.`,
				};
			return {
				message: `${command} needs the program ${quote(program || "it names")}, ${declared === "dependency" ? "whose package is listed but was not installed" : "and no package that brings it is among the dependencies"}.`,
				action: `Run npm install --save-dev ${name} where you develop (or the same with your package manager), commit package.json and the lockfile, push and deploy again.`,
			};
		},
	},
];

const nameOf = (program: string): string => packageOfProgram[program] ?? program;
