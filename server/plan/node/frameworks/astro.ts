import { lineOf } from "../../provider.ts";
import { insidePath, literalOf, readConfig } from "../config-text.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, serverShape, siteShape } from "../shape.ts";
import { basePathOf, builtForRoot } from "./base-path.ts";

/** Astro: files, or a server where it is built with the adapter for Node. */
export const astro: Framework = {
	dependency: "astro",
	async shape(app, start) {
		const config = await readConfig(app.workspace, "astro.config");
		const text = config?.text ?? "";
		const script = buildOf(app, { program: ["astro", "build"] }).script;
		const base = builtForRoot(basePathOf(config), "astro build", script, config);
		const build = buildOf(app, { program: ["astro", "build"], args: base.args });
		const adapter = /["'](@astrojs\/(?:node|vercel|netlify|cloudflare|deno)[\w/]*)["']/.exec(text)?.[1] ?? null;
		const evidence = [dependencyEvidence(app, "astro", "Astro"), ...build.evidence, ...base.evidence];
		if (config !== null && adapter !== null)
			evidence.push({ file: config.file, line: lineOf(config.text, adapter), means: `Is built with ${adapter}` });
		const folder = insidePath(literalOf(text, "outDir") ?? "dist") ?? "dist";
		const parts = { framework: "Astro", build: build.command, evidence, warnings: base.warnings };
		if (adapter === "@astrojs/node") {
			if (start !== null) return serverShape(start, parts);
			if (literalOf(text, "mode") === "middleware")
				return {
					unable: "This Astro app is built as middleware for a server of its own, and no start script says which.",
					action: 'Set mode: "standalone" in astro.config, or add a start script to package.json, and retry.',
				};
			return serverShape(defaultStart("Astro", ["node", `./${folder}/server/entry.mjs`]), parts);
		}
		if (adapter !== null && /\boutput\s*:\s*["'](?:server|hybrid)["']/.test(text))
			return {
				unable: `This Astro app is built with ${adapter}, which makes it for another hosting service.`,
				action: "Install @astrojs/node, use it as the adapter in astro.config, and retry.",
			};
		return start !== null && app.manifest.has("express") ? null : siteShape({ ...parts, output: folder });
	},
};
