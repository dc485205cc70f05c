import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { pythonImage } from "../dockerfiles/python.ts";
import { rubyImage } from "../dockerfiles/ruby.ts";
import { generatorImage } from "../dockerfiles/site-generators.ts";
import { languageProvider } from "../language-plan.ts";
import { lineOf } from "../provider.ts";
import { readDependencies } from "../python/dependencies.ts";
import { chooseInstall } from "../python/install.ts";
import { choosePythonVersion } from "../python/version.ts";
import { readRuby } from "../ruby.ts";

const site = { kind: "static" as const, spaFallback: false };

/** Hugo sites. The address a site is configured for is replaced: a preview is at the root of its own host. */
export const hugoProvider = languageProvider({
	name: "hugo",
	called: "Hugo",
	signs: [],
	image: generatorImage,
	async detect(workspace) {
		const config = await firstFile(workspace, [
			"hugo.toml",
			"hugo.yaml",
			"hugo.json",
			"config/_default/hugo.toml",
			"config/_default/config.toml",
		]);
		const older = config ?? (await hugoConfig(workspace));
		if (older === null) return null;
		const modules = await workspace.isFile("go.mod");
		const evidence: Evidence[] = [{ file: older.file, line: null, means: "A Hugo site" }];
		const theme = /^\s*theme\s*[:=]\s*["']?([\w./-]+)/m.exec(older.text)?.[1];
		const warnings: string[] = [];
		if (theme !== undefined && !modules && !(await workspace.isDirectory(`themes/${theme.split("/").at(-1)}`)))
			warnings.push(`The theme ${theme} is not in the folder themes: if it is a submodule, it must be cloned too.`);
		if (theme !== undefined) evidence.push({ file: older.file, line: lineOf(older.text, theme), means: `Theme ${theme}` });
		const output = /^\s*publishDir\s*[:=]\s*["']?([\w./-]+)/im.exec(older.text)?.[1] ?? "public";
		return {
			...site,
			language: "HTML",
			framework: "Hugo",
			summary: `Detected a Hugo site, output ${output}`,
			build: ["hugo", "--minify", "--baseURL", "/"],
			output,
			tools: [{ name: "hugo", version: null }, ...(modules ? [{ name: "go" as const, version: null }] : [])],
			confidence: 0.96,
			evidence,
			warnings,
		};
	},
});

/** Zola sites. */
export const zolaProvider = languageProvider({
	name: "zola",
	called: "Zola",
	signs: [],
	image: generatorImage,
	async detect(workspace) {
		const file = await firstFile(workspace, ["zola.toml", "config.toml"]);
		if (file === null || !/^\s*base_url\s*=/m.test(file.text) || !(await workspace.isDirectory("content"))) return null;
		const output = /^\s*output_dir\s*=\s*["']([\w./-]+)["']/m.exec(file.text)?.[1] ?? "public";
		return {
			...site,
			language: "HTML",
			framework: "Zola",
			summary: `Detected a Zola site, output ${output}`,
			build: ["zola", "build", "--base-url", "/"],
			output,
			tools: [{ name: "zola", version: null }],
			confidence: 0.96,
			evidence: [{ file: file.file, line: lineOf(file.text, "base_url"), means: "A Zola site" }],
			warnings: [],
		};
	},
});

/** MkDocs sites, with what the project asks of Python. */
export const mkdocsProvider = languageProvider({
	name: "mkdocs",
	called: "MkDocs",
	signs: [],
	image: pythonImage,
	async detect(workspace) {
		const config = await firstFile(workspace, ["mkdocs.yml", "mkdocs.yaml"]);
		if (config === null) return null;
		const dependencies = await readDependencies(workspace);
		const material = /^\s*(?:theme:\s*material|name:\s*material)\b/m.test(config.text);
		const wanted = ["mkdocs", ...(material ? ["mkdocs-material"] : [])].filter((name) => !dependencies.has(name));
		const extra = dependencies.has("mkdocs-material") ? [] : wanted;
		const install = await chooseInstall(workspace, dependencies, extra);
		const python = await choosePythonVersion(workspace);
		const output = /^site_dir:\s*["']?([\w./-]+)/m.exec(config.text)?.[1] ?? "site";
		return {
			...site,
			language: "Python",
			framework: material ? "Material for MkDocs" : "MkDocs",
			summary: `Detected a ${material ? "Material for MkDocs" : "MkDocs"} site, ${install.manager}, output ${output}`,
			install: install.command,
			build: ["mkdocs", "build"],
			output,
			tools: [
				{ name: "python", version: python.version },
				{ name: "pip", version: null },
			],
			confidence: 0.96,
			evidence: [
				{ file: config.file, line: lineOf(config.text, "site_name"), means: "A MkDocs site" },
				...(material ? [{ file: config.file, line: lineOf(config.text, "material"), means: "The theme Material" }] : []),
				...install.evidence,
				...python.evidence,
			],
			warnings: install.warnings,
		};
	},
});

/** Jekyll sites: by their Gemfile, else by the machine's own Jekyll. */
export const jekyllProvider = languageProvider({
	name: "jekyll",
	called: "Jekyll",
	signs: [],
	image: rubyImage,
	async detect(workspace) {
		const config = await firstFile(workspace, ["_config.yml", "_config.yaml"]);
		if (config === null) return null;
		const project = await readRuby(workspace);
		const named = project.has("jekyll") || project.has("github-pages");
		const pages =
			(await workspace.isDirectory("_posts")) ||
			(await workspace.isDirectory("_layouts")) ||
			/^(?:theme|remote_theme|plugins):/m.test(config.text);
		if (!named && !pages) return null;
		const output = /^destination:\s*["']?(?:\.\/)?([\w./-]+)/m.exec(config.text)?.[1] ?? "_site";
		return {
			...site,
			language: "Ruby",
			framework: "Jekyll",
			summary: `Detected a Jekyll site${project.install === null ? "" : ", Bundler"}, output ${output}`,
			install: project.install,
			build: [...project.run("jekyll", "build"), "--baseurl", ""],
			output,
			tools: [...project.tools, ...(project.gemfile === null ? [{ name: "jekyll" as const, version: null }] : [])],
			env: { ...project.env, JEKYLL_ENV: "production" },
			confidence: 0.96,
			evidence: [
				{ file: config.file, line: null, means: "A Jekyll site" },
				...(named ? [project.evidence(project.has("jekyll") ? "jekyll" : "github-pages", "Uses Jekyll")] : []),
				...project.seen,
			],
			warnings: project.warnings,
		};
	},
});

interface FoundFile {
	file: string;
	text: string;
}

async function firstFile(workspace: Workspace, files: readonly string[]): Promise<FoundFile | null> {
	for (const file of files) {
		const text = await workspace.read(file);
		if (text !== null) return { file, text };
	}
	return null;
}

/** Older Hugo sites call their configuration config.toml, as others do too: folders tell. */
async function hugoConfig(workspace: Workspace): Promise<FoundFile | null> {
	const config = await firstFile(workspace, ["config.toml", "config.yaml", "config.yml"]);
	if (config === null || !/^\s*(?:baseURL|baseurl|languageCode|title)\s*[:=]/m.test(config.text)) return null;
	const hugo =
		(await workspace.isDirectory("archetypes")) || (await workspace.isDirectory("layouts")) || (await workspace.isDirectory("themes"));
	return hugo && (await workspace.isDirectory("content")) ? config : null;
}
