import { posix } from "node:path";
import { lineOf } from "../../provider.ts";
import { type ConfigText, insidePath, literalOf, readConfig } from "../config-text.ts";
import { buildOf, dependencyEvidence, type Framework, type Shape, siteShape } from "../shape.ts";
import { basePathOf, builtForRoot } from "./base-path.ts";
import { libraryName } from "./libraries.ts";

/** A site that Vite bundles: React, Vue, Svelte, Solid, Preact, Lit, or none of them. */
export const vite: Framework = {
	dependency: "vite",
	async shape(app) {
		const config = await readConfig(app.workspace, "vite.config");
		const page = await hasPage(app.workspace, config);
		const script = buildOf(app, { program: ["vite", "build"] }).script;
		// Vite also builds libraries, and serves those who only test with it.
		if (!page && (/\blib\s*:\s*\{/.test(config?.text ?? "") || !/\bvite\b/.test(script))) return null;
		const base = builtForRoot(basePathOf(config), "vite build", script, config);
		const build = buildOf(app, { program: ["vite", "build"], args: base.args });
		const output = outputOf(config, script);
		const library = libraryName(app);
		return siteShape({
			framework: library === null ? "Vite" : `Vite + ${library}`,
			build: build.command,
			output: output.folder,
			spaFallback: true,
			evidence: [dependencyEvidence(app, "vite", "Vite"), ...build.evidence, ...output.evidence, ...base.evidence],
			warnings: [...output.warnings, ...base.warnings],
		});
	},
};

async function hasPage(workspace: Parameters<typeof readConfig>[0], config: ConfigText | null): Promise<boolean> {
	const root = insidePath(literalOf(config?.text ?? "", "root") ?? ".") ?? ".";
	return workspace.isFile(posix.join(root, "index.html"));
}

function outputOf(config: ConfigText | null, script: string): { folder: string } & Pick<Shape, "evidence" | "warnings"> {
	const found = { evidence: [] as Shape["evidence"], warnings: [] as string[] };
	const flag = /--outDir[= ]["']?([\w./-]+)/.exec(script)?.[1];
	if (flag !== undefined) return { ...found, folder: insidePath(flag) ?? "dist" };
	if (config === null) return { ...found, folder: "dist" };
	const { file, text } = config;
	found.evidence.push({ file, line: null, means: "A Vite configuration" });
	const outDir = literalOf(text, "outDir");
	const joined = posix.isAbsolute(outDir ?? "") ? null : insidePath(posix.join(literalOf(text, "root") ?? ".", outDir ?? "dist"));
	const folder = joined === "." ? null : joined;
	if (outDir !== null && folder !== null)
		found.evidence.push({ file, line: lineOf(text, "outDir"), means: `The build writes to ${folder}` });
	if (folder === null || (outDir === null && /\boutDir\b/.test(text)))
		found.warnings.push(`The output folder in ${file} is not written out; ${folder ?? "dist"} is assumed.`);
	return { ...found, folder: folder ?? "dist" };
}
