import { posix } from "node:path";
import { lineOf } from "../../provider.ts";
import type { NodeApp } from "../app.ts";
import { insidePath, literalOf, readConfig } from "../config-text.ts";
import { buildOf, dependencyEvidence, type Framework, type Shape, siteShape } from "../shape.ts";
import { basePathOf, builtForRoot } from "./base-path.ts";
import { libraryName } from "./libraries.ts";

/** A tool that turns sources into files, as data. */
interface Generator {
	dependency: string;
	name: string;
	/** Program and arguments where no script builds. */
	program: readonly [string, ...string[]];
	scripts?: readonly string[];
	/** Folder it writes by default. */
	output: string;
	/** Option of the build script that names another folder. */
	flag?: RegExp;
	/** Configuration files, without extension, and the key in them that names the folder. */
	config?: { names: readonly string[]; key: string | RegExp };
	/** Unknown paths are answered with index.html. */
	spa?: boolean;
	/** Bundlers are named with what they bundle. */
	bundler?: boolean;
	/** Only where a script of this kind exists: the tool is also used for other things. */
	onlyWithScript?: RegExp;
}

const generators: readonly Generator[] = [
	{
		dependency: "@11ty/eleventy",
		name: "Eleventy",
		program: ["eleventy"],
		output: "_site",
		flag: /--output[= ]["']?([\w./-]+)/,
		config: { names: [".eleventy", "eleventy.config"], key: "output" },
	},
	{
		dependency: "@docusaurus/core",
		name: "Docusaurus",
		program: ["docusaurus", "build"],
		output: "build",
		flag: /--out-dir[= ]["']?([\w./-]+)/,
	},
	{ dependency: "gatsby", name: "Gatsby", program: ["gatsby", "build"], output: "public" },
	{ dependency: "hexo", name: "Hexo", program: ["hexo", "generate"], output: "public" },
	{ dependency: "react-scripts", name: "Create React App", program: ["react-scripts", "build"], output: "build", spa: true },
	{
		dependency: "@vue/cli-service",
		name: "Vue CLI",
		program: ["vue-cli-service", "build"],
		output: "dist",
		flag: /--dest[= ]["']?([\w./-]+)/,
		config: { names: ["vue.config"], key: "outputDir" },
		spa: true,
	},
	{
		dependency: "@rsbuild/core",
		name: "Rsbuild",
		program: ["rsbuild", "build"],
		output: "dist",
		flag: /--dist-path[= ]["']?([\w./-]+)/,
		config: { names: ["rsbuild.config"], key: /distPath\s*:\s*(?:\{[^}]{0,500}root\s*:\s*)?["']([\w./-]+)["']/ },
		spa: true,
		bundler: true,
	},
	{
		dependency: "parcel",
		name: "Parcel",
		program: ["parcel", "build"],
		output: "dist",
		flag: /--dist-dir[= ]["']?([\w./-]+)/,
		spa: true,
		bundler: true,
	},
	{
		dependency: "webpack",
		name: "Webpack",
		program: ["webpack", "--mode=production"],
		output: "dist",
		flag: /--output-path[= ]["']?([\w./-]+)/,
		config: {
			names: ["webpack.config", "webpack.prod", "webpack.production", "webpack.common", "config/webpack.prod"],
			key: /\bpath\s*:\s*(?:path\.(?:resolve|join)\(\s*__dirname\s*,\s*)?["']([\w./-]+)["']/,
		},
		spa: true,
		bundler: true,
		onlyWithScript: /\bwebpack\b/,
	},
	{
		dependency: "storybook",
		name: "Storybook",
		program: ["storybook", "build"],
		scripts: ["build-storybook", "storybook:build", "build:storybook"],
		output: "storybook-static",
		flag: /(?:-o|--output-dir)[= ]["']?([\w./-]+)/,
		onlyWithScript: /\bstorybook\b/,
	},
];

/** Generators of sites and bundlers, in the order in which they are asked. */
export const siteGenerators: readonly Framework[] = generators.filter(({ onlyWithScript }) => !onlyWithScript).map(frameworkOf);

/** Tools that many projects have for other things than their site: asked last. */
export const occasionalGenerators: readonly Framework[] = generators.filter(({ onlyWithScript }) => onlyWithScript).map(frameworkOf);

function frameworkOf(generator: Generator): Framework {
	return { dependency: generator.dependency, program: generator.program[0], shape: (app) => shapeOf(app, generator) };
}

async function shapeOf(app: NodeApp, generator: Generator): Promise<Shape | null> {
	const { dependency, name, scripts = ["build", "docs:build", "build:docs"], program, onlyWithScript } = generator;
	const build = buildOf(app, { scripts, program });
	if (onlyWithScript && !onlyWithScript.test(build.script)) return null;
	const output = await outputOf(app, generator, build.script);
	const library = generator.bundler ? libraryName(app) : null;
	const warnings = dependency === "react-scripts" ? ["Create React App stops at warnings on a build machine; here it does not."] : [];
	return siteShape({
		framework: library === null ? name : `${name} + ${library}`,
		build: dependency === "react-scripts" && build.command !== null ? ["env", "CI=false", ...build.command] : build.command,
		output: output.folder,
		spaFallback: generator.spa ?? false,
		env: dependency === "react-scripts" && /^https?:\/\/[^/]+\/.+|^\/.+/.test(app.manifest.homepage ?? "") ? { PUBLIC_URL: "/" } : {},
		confidence: dependency === "storybook" ? 0.6 : 0.95,
		evidence: [dependencyEvidence(app, dependency, name), ...build.evidence, ...output.evidence],
		warnings,
	});
}

async function outputOf(
	app: NodeApp,
	{ output, flag, config }: Generator,
	script: string,
): Promise<{ folder: string; evidence: Shape["evidence"] }> {
	const told = flag?.exec(script)?.[1];
	if (told !== undefined) return { folder: insidePath(told) ?? output, evidence: [] };
	const found = config === undefined ? null : await readConfig(app.workspace, ...config.names);
	if (found === null || config === undefined) return { folder: output, evidence: [] };
	const literal = typeof config.key === "string" ? literalOf(found.text, config.key) : (config.key.exec(found.text)?.[1] ?? null);
	const folder = literal === null ? null : insidePath(literal);
	if (folder === null || literal === null) return { folder: output, evidence: [] };
	return { folder, evidence: [{ file: found.file, line: lineOf(found.text, literal), means: `The build writes to ${folder}` }] };
}

/** Documentation generators that write beside their sources: the folder is an argument of the build script. */
export const vitePress: Framework = documentation("vitepress", "VitePress", ".vitepress");
export const vuePress: Framework = documentation("vuepress", "VuePress", ".vuepress");

function documentation(dependency: string, name: string, folderName: string): Framework {
	return {
		dependency,
		async shape(app) {
			const scripts = ["docs:build", "build", "build:docs"].filter((script) => app.manifest.scripts[script]?.includes(dependency));
			const script = app.manifest.scripts[scripts[0] ?? ""] ?? "";
			const argument = new RegExp(`\\b${dependency} build (?!-)([\\w./-]+)`).exec(script)?.[1];
			const sources = insidePath(argument ?? ((await app.workspace.isDirectory(`docs/${folderName}`)) ? "docs" : ".")) ?? ".";
			const config = await readConfig(app.workspace, posix.join(sources, folderName, "config"));
			const base = builtForRoot(basePathOf(config), `${dependency} build`, script, config);
			const build = buildOf(app, { scripts, program: [dependency, "build", sources], args: base.args });
			const outDir = literalOf(config?.text ?? "", "outDir");
			const folder = insidePath(posix.join(sources, outDir ?? `${folderName}/dist`)) ?? posix.join(sources, `${folderName}/dist`);
			const evidence = [dependencyEvidence(app, dependency, name), ...build.evidence, ...base.evidence];
			if (config !== null)
				evidence.push({
					file: config.file,
					line: outDir === null ? null : lineOf(config.text, "outDir"),
					means: `The build writes to ${folder}`,
				});
			return siteShape({ framework: name, build: build.command, output: folder, evidence, warnings: base.warnings });
		},
	};
}
