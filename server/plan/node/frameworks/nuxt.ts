import { lineOf } from "../../provider.ts";
import { literalOf, readConfig } from "../config-text.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, serverShape, siteShape } from "../shape.ts";

const staticPresets = new Set(["static", "github-pages", "github_pages"]);

/** Nuxt: a server, or files where it is generated. */
export const nuxt: Framework = {
	dependency: "nuxt",
	async shape(app, start) {
		const config = await readConfig(app.workspace, "nuxt.config");
		const preset = config === null ? null : literalOf(config.text, "preset");
		const scripts = app.manifest.scripts.build === undefined && app.manifest.scripts.generate !== undefined ? ["generate"] : ["build"];
		const build = buildOf(app, { scripts, program: ["nuxt", "build"] });
		const evidence = [dependencyEvidence(app, "nuxt", "Nuxt"), ...build.evidence];
		if (config !== null && preset !== null)
			evidence.push({ file: config.file, line: lineOf(config.text, preset), means: `Builds for ${preset}` });
		if (/\b(?:nuxt|nuxi) generate\b|--prerender\b/.test(build.script) || staticPresets.has(preset ?? ""))
			return siteShape({ framework: "Nuxt", build: build.command, output: ".output/public", evidence });
		const server = defaultStart("Nuxt", ["node", ".output/server/index.mjs"]);
		const warnings =
			preset === null || /^node/.test(preset) ? [] : [`The configuration builds for ${preset}; a server of Node may not come out of that.`];
		return serverShape(start ?? server, { framework: "Nuxt", build: build.command, evidence, warnings });
	},
};
