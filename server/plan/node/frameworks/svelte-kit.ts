import { lineOf } from "../../provider.ts";
import { insidePath, literalOf, readConfig } from "../config-text.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, serverShape, siteShape } from "../shape.ts";

/** SvelteKit: what it becomes depends on its adapter, which is named in svelte.config or, since version 3, in vite.config. */
export const svelteKit: Framework = {
	dependency: "@sveltejs/kit",
	program: "svelte-kit",
	async shape(app, start) {
		const configs = [await readConfig(app.workspace, "svelte.config"), await readConfig(app.workspace, "vite.config")];
		const config = configs.find((candidate) => importedAdapter(candidate?.text) !== null) ?? null;
		const adapter = importedAdapter(config?.text) ?? ["@sveltejs/adapter-node", "@sveltejs/adapter-static"].find(app.manifest.has) ?? null;
		const build = buildOf(app, { program: ["vite", "build"] });
		const evidence = [dependencyEvidence(app, "@sveltejs/kit", "SvelteKit"), ...build.evidence];
		if (config !== null && adapter !== null)
			evidence.push({ file: config.file, line: lineOf(config.text, adapter), means: `Is built with ${adapter}` });
		if (adapter === "@sveltejs/adapter-static") {
			const folder = insidePath(literalOf(config?.text ?? "", "pages") ?? "build") ?? "build";
			const fallback = literalOf(config?.text ?? "", "fallback");
			const warnings =
				fallback === null || fallback === "index.html" || fallback === "404.html"
					? []
					: [`Unknown paths are answered with index.html, not with ${fallback}: name the fallback index.html in ${config?.file}.`];
			return siteShape({
				framework: "SvelteKit",
				build: build.command,
				output: folder,
				spaFallback: fallback === "index.html",
				evidence,
				warnings,
			});
		}
		const folder = insidePath(literalOf(config?.text ?? "", "out") ?? "build") ?? "build";
		// Forms are only accepted from the address the app believes it has.
		const env = { PROTOCOL_HEADER: "x-forwarded-proto", HOST_HEADER: "x-forwarded-host" };
		const parts = { framework: "SvelteKit", build: build.command, evidence, env };
		if (adapter === "@sveltejs/adapter-node") return serverShape(start ?? defaultStart("SvelteKit", ["node", `${folder}/index.js`]), parts);
		if (start !== null) return serverShape(start, parts);
		return {
			unable: `This SvelteKit app is built with ${adapter ?? "no adapter"}, which makes it for other hosting services than this one.`,
			action:
				"Install @sveltejs/adapter-node (for a server) or @sveltejs/adapter-static (for files), name it in the configuration, and retry.",
		};
	},
};

function importedAdapter(text: string | undefined): string | null {
	return /["']((?:@[\w-]+\/|svelte-|sveltekit-)(?:kit-)?adapter-[\w-]+)["']/.exec(text ?? "")?.[1] ?? null;
}
