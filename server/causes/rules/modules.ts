import { builtinModules } from "node:module";
import type { Workspace } from "../../source/workspace.ts";
import type { Cause, Circumstances, Explanation, Found } from "../cause.ts";
import { quote } from "../cause.ts";
import { declarationOf, packageOf, pathInApp } from "../project.ts";

/** An import that cannot be resolved, as the tools of JavaScript say it: what is imported, and by which file. */
const patterns: readonly RegExp[] = [
	/Cannot find (?:module|package) '(?<module>[^'\n]{1,300})' imported from ['"]?(?<from>[^'"\n]{1,300})/,
	/failed to resolve import "(?<module>[^"\n]{1,300})" from "(?<from>[^"\n]{1,300})"/i,
	/Could not resolve (?:import )?["'](?<module>[^"'\n]{1,300})["'] (?:from|in) ["']?(?<from>[^"'\n]{1,300})/,
	/\[UNRESOLVED_IMPORT\][^\n]{0,60}["'](?<module>[^"'\n]{1,300})["'] in (?<from>[^\s]{1,300})/,
	/(?:^|\n|ERROR in )(?<from>\.\/[\w./@[\]()-]{1,200})(?::\d+:\d+| \d+:\d+(?:-\d+)?)?\n[^\n]{0,20}Module not found: (?:Error: )?Can't resolve '(?<module>[^'\n]{1,300})'/,
	/Module not found: (?:Error: )?Can't resolve '(?<module>[^'\n]{1,300})' in '(?<folder>[^'\n]{1,300})'/,
	/Module not found: (?:Error: )?Can't resolve '(?<module>[^'\n]{1,300})'/,
	/(?<![\w./@[\]()-])(?<from>[\w./@[\]()-]{1,200})[(:]\d+[,:]\d+\)?:? (?:- )?error TS(?:2307|2792)[^\n]{0,20}Cannot find module '(?<module>[^'\n]{1,300})'/,
	/error TS2307[^\n]{0,20}Cannot find module '(?<module>[^'\n]{1,300})'/,
	/Could not resolve "(?<module>[^"\n]{1,300})"\s*\n+\s*(?<from>[\w./@[\]()-]{1,200}):\d+:\d+/,
	/Could not resolve:? "?(?<module>[^"\n]{1,300}?)"?(?:\n|$|\. Maybe)/,
	/Cannot find module '(?<module>[^'\n]{1,300})'\n(?:Require stack:\n- (?<from>[^\n]{1,300}))?/,
	/Cannot find (?:module|package) '(?<module>[^'\n]{1,300})'/,
	/Rollup failed to resolve import "(?<module>[^"\n]{1,300})" from "(?<from>[^"\n]{1,300})"/,
	/Error: Can't resolve '(?<module>[^'\n]{1,300})' in '(?<folder>[^'\n]{1,300})'/,
];

const isRelative = (module: string): boolean => /^\.{1,2}(?:\/|$)/.test(module) || module.startsWith("/");
const isAlias = (module: string): boolean => /^(?:@|~|#|\$lib|\$app|\$env)(?:\/|$)|^(?:src|components|lib|app)\/|^[~#]\w/.test(module);
const isBuiltIn = (module: string): boolean => module.startsWith("node:") || builtinModules.includes(module);

function rule(
	id: string,
	name: string,
	steps: Cause["steps"],
	explain: (module: string, found: Found) => Promise<Explanation | null>,
): Cause {
	return { id, name, steps, patterns, explain: (found) => explain(found.groups.module ?? "", found) };
}

/** An import that leads nowhere: why depends on what the repository holds. */
export const moduleCauses: readonly Cause[] = [
	rule(
		"file_name_case",
		"Upper and lower case of a file name differ",
		["build", "test", "start"],
		async (module, { groups, circumstances }) => {
			const { files } = circumstances;
			if (!isRelative(module) || !files) return null;
			const wanted = placeOf(module, groups, circumstances);
			const real = wanted && (await otherCase(wanted, files));
			if (!real) return null;
			return {
				message: `${by(groups, circumstances)} imports ${quote(module)}, but the file is called ${quote(real)}: upper and lower case differ, which counts on Linux.`,
				action: `Write the import exactly as the file is called, or rename the file with git mv, and retry.`,
				seen: { module, real, from: groups.from ? pathInApp(groups.from, circumstances).replace(/^\.\//, "") : "" },
			};
		},
	),
	rule("file_missing", "A file is not in the repository", ["build", "test", "start"], async (module, { groups, circumstances }) => {
		if (!isRelative(module)) return null;
		const place = placeOf(module, groups, circumstances) ?? module;
		const entry = circumstances.step === "start" && !groups.from;
		return {
			message: entry
				? `${circumstances.command} starts ${quote(place)}, and there is no such file after the build.`
				: `${by(groups, circumstances)} imports ${quote(module)}, and there is no such file in the repository.`,
			action: entry
				? "Correct the start command (in package.json, or in the plan), or let the build make that file, and retry."
				: "Commit the file (look into .gitignore), make it in the build script, or correct the import. Then retry.",
		};
	}),
	rule("path_alias_unresolved", "A short path is not resolved", ["build", "test", "start"], async (module, { groups, circumstances }) => {
		if (!isAlias(module) || (await declarationOf(packageOf(module), circumstances.files)) === "dependency") return null;
		const start = module.split("/", 1)[0] ?? module;
		return {
			message: `${by(groups, circumstances)} imports ${quote(module)}: ${quote(`${start}/`)} is a short name for a folder, and ${circumstances.step === "start" ? "Node" : "the bundler"} does not know it.`,
			action:
				circumstances.step === "start"
					? "Let the build replace it (a bundler, tsc-alias), or use “imports” in package.json, and retry."
					: "Set it where the bundler looks: resolve.alias in vite.config or webpack.config, or the tsconfig paths plugin. Then retry.",
		};
	}),
	rule("dependency_dev_only", "A package is there for development only", ["start"], async (module, { circumstances }) => {
		const name = packageOf(module);
		if ((await declarationOf(name, circumstances.files)) !== "development") return null;
		return {
			message: `The app needs ${quote(name)} when it runs, and it is listed under devDependencies, which are not kept for the running app.`,
			action: `Move ${quote(name)} to dependencies in package.json, commit the lockfile, push and deploy again.`,
		};
	}),
	rule("dev_dependencies_skipped", "Development packages were not installed", ["build", "test"], async (module, { circumstances }) => {
		const name = packageOf(module);
		if ((await declarationOf(name, circumstances.files)) !== "development") return null;
		return skipped(name);
	}),
	rule("package_subpath_missing", "A package has no such part", ["build", "test", "start"], async (module, { circumstances }) => {
		const name = packageOf(module);
		if (isBuiltIn(module) || module === name || !(await isDeclared(name, circumstances))) return null;
		return {
			message: `${quote(name)} is installed, but it has no part ${quote(module)}: another version of it is expected.`,
			action: `Correct the import, or install the version of ${quote(name)} that has it, commit the lockfile, push and deploy again.`,
		};
	}),
	rule(
		"dependency_not_installed",
		"A dependency is listed but not installed",
		["build", "test", "start"],
		async (module, { groups, circumstances }) => {
			const name = packageOf(module);
			if (isBuiltIn(module) || !(await isDeclared(name, circumstances))) return null;
			return {
				message: `${by(groups, circumstances)} imports ${quote(name)}, which is in package.json but was not installed.`,
				action: "Install again where you develop, commit the changed lockfile, push and deploy again.",
			};
		},
	),
	rule(
		"dependency_undeclared",
		"A package is not among the dependencies",
		["build", "test", "start"],
		async (module, { groups, circumstances }) => {
			if (isRelative(module) || isBuiltIn(module) || !/^(?:@[\w.-]+\/)?[\w.-]+(?:\/|$)/.test(module)) return null;
			const name = packageOf(module);
			return {
				message: `${by(groups, circumstances)} imports ${quote(name)}, which is not among the dependencies in package.json.`,
				action: `Run ${circumstances.plan.packageManager ?? "npm"} ${circumstances.plan.packageManager === "npm" || !circumstances.plan.packageManager ? "install" : "add"} ${name} where you develop, commit package.json and the lockfile, push and deploy again.`,
			};
		},
	),
	{
		id: "package_subpath_missing",
		name: "A package has no such part",
		steps: ["build", "test", "start"],
		patterns: [/Package subpath '(?<part>[^'\n]{1,200})' is not defined by "exports" in (?<path>[^\s]{1,300})/],
		explain({ groups }) {
			const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json/.exec(groups.path ?? "")?.[1] ?? "The package";
			return {
				message: `${quote(name)} is installed, but it has no part ${quote((groups.part ?? "").replace(/^\.\//, ""))}: another version of it is expected.`,
				action: `Correct the import, or install the version of ${quote(name)} that has it, commit the lockfile, push and deploy again.`,
			};
		},
	},
	{
		id: "esm_in_commonjs",
		name: "import and require are mixed",
		steps: ["build", "test", "start"],
		patterns: [
			/Failed to load the ES module: (?<file>\S{1,300})\.\s/,
			/Cannot use import statement outside a module/,
			/require\(\) of ES Module (?<file>\S{1,300})/,
			/ERR_REQUIRE_ESM|Must use import to load ES Module: (?<file>\S{1,300})/,
			/ReferenceError: (?<name>require|module|exports|__dirname|__filename) is not defined(?: in ES module scope)?/,
			/SyntaxError: (?:Unexpected token 'export'|The requested module '(?<module>[^']{1,200})' is a CommonJS module)/,
			/ERR_REQUIRE_ASYNC_MODULE/,
		],
		explain({ groups, circumstances }) {
			const file = groups.file ? quote(pathInApp(groups.file, circumstances)) : "A file";
			if (groups.name)
				return {
					message: `The code uses ${quote(groups.name)}, which does not exist in ES modules, and package.json says “type”: “module”.`,
					action: groups.name.startsWith("__")
						? "Use import.meta.dirname or import.meta.filename in its place, and retry."
						: "Use import and export in this file, or name it .cjs, and retry.",
				};
			return {
				message: `${file} mixes the two kinds of modules: import is used where Node expects require, or the other way round.`,
				action:
					"Set “type”: “module” in package.json if the code uses import, name single files .mjs or .cjs, or let the compiler emit one kind. Then retry.",
			};
		},
	},
];

/** Installed and listed, as far as the repository tells. */
async function isDeclared(name: string, { files }: Circumstances): Promise<boolean> {
	const declared = await declarationOf(name, files);
	return declared === "dependency" || declared === "development";
}

/** What is told where a package for development was needed and not there. */
export function skipped(name: string): Explanation {
	return {
		message: `${quote(name)} is listed under devDependencies, and these were not installed: NODE_ENV is “production” for the build, or the install leaves them out.`,
		action: `Take NODE_ENV off the project's Environment page, or move ${quote(name)} to dependencies, and retry.`,
	};
}

/** Which file imports it, as the beginning of a sentence. */
function by(groups: Found["groups"], circumstances: Circumstances): string {
	const file = groups.from ? pathInApp(groups.from, circumstances).replace(/^\.\//, "") : "";
	return file && !file.includes("node_modules") ? quote(file) : "The code";
}

/** Path of a relative import from the app's folder; null where it is not known from where it is imported. */
function placeOf(module: string, groups: Found["groups"], circumstances: Circumstances): string | null {
	if (module.startsWith("/")) return pathInApp(module, circumstances);
	const folder = groups.from
		? pathInApp(groups.from, circumstances).split("/").slice(0, -1)
		: groups.folder
			? pathInApp(`${groups.folder}/`, circumstances).split("/").filter(Boolean)
			: null;
	if (folder === null) return null;
	for (const part of module.split("/")) {
		if (part === "..") {
			if (folder.pop() === undefined) return null;
		} else if (part !== "." && part !== "") folder.push(part);
	}
	return folder.filter((part) => part !== ".").join("/");
}

/** A path that differs from `wanted` in nothing but upper and lower case, and in an extension that may be left out. */
async function otherCase(wanted: string, files: Workspace): Promise<string | null> {
	const found: string[] = [];
	for (const part of wanted.split("/")) {
		const entries = await files.list(found.join("/"));
		const same = (name: string) => name === part || withoutExtension(name) === part;
		const similar = (name: string) => [name, withoutExtension(name)].some((one) => one.toLowerCase() === part.toLowerCase());
		const entry = entries.find(({ name }) => same(name)) ?? entries.find(({ name }) => similar(name));
		if (!entry) return null;
		found.push(entry.name);
	}
	const real = found.join("/");
	return real.toLowerCase().startsWith(wanted.toLowerCase()) && !real.startsWith(wanted) ? real : null;
}

const withoutExtension = (name: string): string => name.replace(/\.(?:[cm]?[jt]sx?|vue|svelte|json|css)$/, "");
