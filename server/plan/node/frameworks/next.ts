import { lineOf } from "../../provider.ts";
import type { NodeApp } from "../app.ts";
import { type ConfigText, insidePath, literalOf, readConfig } from "../config-text.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, serverShape, siteShape } from "../shape.ts";
import type { Start } from "../start.ts";

/** Next.js: a server, or files where its configuration says `output: "export"`. */
export const next: Framework = {
	dependency: "next",
	async shape(app, start) {
		const config = await readConfig(app.workspace, "next.config");
		const output = config === null ? null : literalOf(config.text, "output");
		const build = buildOf(app, { program: ["next", "build"] });
		const evidence = [dependencyEvidence(app, "next", "Next.js"), ...build.evidence];
		if (config !== null && output !== null)
			evidence.push({ file: config.file, line: lineOf(config.text, output), means: `Builds for ${output}` });
		const warnings = basePathWarnings(config);
		if (output === "export") {
			const folder = insidePath(literalOf(config?.text ?? "", "distDir") ?? "out") ?? "out";
			return siteShape({ framework: "Next.js", build: build.command, output: folder === ".next" ? "out" : folder, evidence, warnings });
		}
		const own = start !== null && !/\bnext start\b/.test(start.text) ? start : null;
		const usual = start ?? defaultStart("Next.js", app.manager.exec("next", "start"));
		// `next start` refuses what was built to stand alone.
		const standalone = output === "standalone" && (own === null || /standalone\/server\.js/.test(own.text));
		const alone = standalone ? await standsAlone(app, build.command, config) : null;
		const basePath = literalOf(config?.text ?? "", "basePath");
		return {
			...serverShape(alone?.start ?? usual, { framework: "Next.js", build: alone?.build ?? build.command, evidence, warnings }),
			healthPath: basePath?.startsWith("/") ? basePath : "/",
		};
	},
};

/** The server that Next puts together for itself, with the files it leaves for somebody else to copy; null in a monorepo, where its place is not known. */
async function standsAlone(
	app: NodeApp,
	build: string[] | null,
	config: ConfigText | null,
): Promise<{ start: Start; build: string[] } | null> {
	if (build === null || app.monorepo !== null || literalOf(config?.text ?? "", "distDir") !== null) return null;
	const copyPublic = (await app.workspace.isDirectory("public")) ? " && cp -R public .next/standalone/" : "";
	const copies = `cp -R .next/static .next/standalone/.next/${copyPublic}`;
	return {
		start: defaultStart("Next.js", ["node", ".next/standalone/server.js"]),
		// The words after the program's text are handed on as they are.
		build: ["sh", "-c", `"$@" && ${copies}`, "build", ...build],
	};
}

function basePathWarnings(config: ConfigText | null): string[] {
	const basePath = literalOf(config?.text ?? "", "basePath");
	return basePath?.startsWith("/")
		? [`${config?.file} sets the path ${basePath}: the app answers there, and not at the root of its preview.`]
		: [];
}
