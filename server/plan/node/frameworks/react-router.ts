import { lineOf } from "../../provider.ts";
import { booleanOf, insidePath, literalOf, readConfig } from "../config-text.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, serverShape, siteShape } from "../shape.ts";

/** React Router as a framework: a server, or files where its configuration says `ssr: false`. */
export const reactRouter: Framework = {
	dependency: "@react-router/dev",
	program: "react-router",
	async shape(app, start) {
		const config = await readConfig(app.workspace, "react-router.config");
		const folder = insidePath(literalOf(config?.text ?? "", "buildDirectory") ?? "build") ?? "build";
		const build = buildOf(app, { program: ["react-router", "build"] });
		const evidence = [dependencyEvidence(app, "@react-router/dev", "React Router"), ...build.evidence];
		if (config !== null && booleanOf(config.text, "ssr") === false) {
			evidence.push({ file: config.file, line: lineOf(config.text, "ssr"), means: "Is built without a server" });
			return siteShape({ framework: "React Router", build: build.command, output: `${folder}/client`, spaFallback: true, evidence });
		}
		if (start !== null) return serverShape(start, { framework: "React Router", build: build.command, evidence });
		if (!app.uses("@react-router/serve", "react-router-serve"))
			return {
				unable: "This React Router app has no start script, and @react-router/serve is not among its dependencies.",
				action: "Add a start script to package.json, as “react-router-serve ./build/server/index.js”, and retry.",
			};
		const serve = app.manager.exec("react-router-serve", `./${folder}/server/index.js`);
		return serverShape(defaultStart("React Router", serve), { framework: "React Router", build: build.command, evidence });
	},
};

/** Remix, built by Vite or by its own compiler. */
export const remix: Framework = {
	dependency: "@remix-run/dev",
	program: "remix",
	async shape(app, start) {
		const config = await readConfig(app.workspace, "vite.config");
		const withVite = /\bremix\s*\(|vitePlugin/.test(config?.text ?? "");
		const build = buildOf(app, { program: ["remix", withVite ? "vite:build" : "build"] });
		const evidence = [dependencyEvidence(app, "@remix-run/dev", "Remix"), ...build.evidence];
		if (withVite && config !== null && booleanOf(config.text, "ssr") === false) {
			evidence.push({ file: config.file, line: lineOf(config.text, "ssr"), means: "Is built without a server" });
			return siteShape({ framework: "Remix", build: build.command, output: "build/client", spaFallback: true, evidence });
		}
		const serve = app.manager.exec("remix-serve", withVite ? "./build/server/index.js" : "./build/index.js");
		return serverShape(start ?? defaultStart("Remix", serve), { framework: "Remix", build: build.command, evidence });
	},
};
