import { type Evidence, splitCommandLine } from "../../../lib/protocol/index.ts";
import { readProcfile } from "../procfile.ts";
import { lineOf } from "../provider.ts";
import type { NodeApp } from "./app.ts";
import { booleanOf, insidePath, literalOf, withoutComments } from "./config-text.ts";

export interface Start {
	command: string[];
	/** How the command reads in a sentence. */
	text: string;
	evidence: Evidence;
}

/** A Procfile, then a script that starts a server, then a program that listens; null where nothing of the kind is there. */
export async function findStart(app: NodeApp, hasServer: boolean): Promise<Start | null> {
	return (await readProcfile(app.workspace)) ?? scriptStart(app) ?? (await programStart(app, hasServer));
}

/** Serves files for development or from another tool, or drives other packages; not how an app is put online. */
const developmentServer =
	/^(?:(?:npx|pnpm|yarn|bunx|npm exec|pnpm exec|yarn run|bun run|bun x) )?(?:vite|react-scripts|astro|parcel|webpack|webpack-dev-server|rsbuild|rspack|ng|vue-cli-service|gatsby|docusaurus|eleventy|@11ty\/eleventy|vitepress|vuepress|hexo|storybook|start-storybook|serve|http-server|live-server|browser-sync|next dev|nuxt|nuxi|remix dev|remix vite:dev|react-router dev|svelte-kit|nest start|turbo|nx|lerna|expo|electron|electron-forge)(?:\s|$)|^pnpm (?:-r|--recursive|--parallel)\b/;

const productionScripts = ["start:prod", "start:production", "serve:prod", "start"];

function scriptStart({ manifest, manager }: NodeApp): Start | null {
	for (const name of productionScripts) {
		const script = manifest.scripts[name]?.trim() ?? "";
		if (script === "" || developmentServer.test(script)) continue;
		const hooks = manifest.scripts[`pre${name}`] !== undefined || manifest.scripts[`post${name}`] !== undefined;
		// Without a package manager in between the app gets its signals directly, and starts sooner.
		const direct = hooks ? null : directCommand(script);
		return {
			command: direct ?? manager.run(name),
			text: script,
			evidence: { file: "package.json", line: manifest.lineOf("scripts", name), means: `Starts with ${script}` },
		};
	}
	return null;
}

/** `node file flags` as arguments; null when it needs a shell, or a program of the dependencies. */
function directCommand(script: string): string[] | null {
	const words = splitCommandLine(script);
	return words !== null && words[0] === "node" && words.length > 1 ? words : null;
}

const names = ["server", "index", "app", "main"];
const candidates = ["", "src/", "server/", "api/", "backend/"].flatMap((folder) =>
	names.flatMap((name) => ["js", "mjs", "cjs", "ts", "mts"].map((extension) => `${folder}${name}.${extension}`)),
);

/** The program that listens, where no script starts it. */
async function programStart(app: NodeApp, hasServer: boolean): Promise<Start | null> {
	const main = app.manifest.main === undefined ? null : insidePath(app.manifest.main);
	const sources = main === null ? [] : [main, ...sourcesOf(main)];
	for (const file of [...sources, ...candidates]) {
		if (!(await app.workspace.isFile(file))) continue;
		const text = withoutComments((await app.workspace.read(file)) ?? "");
		if (!/\.listen\s*\(|\bserve\s*\(/.test(text)) continue;
		if (!hasServer && !/node:http|require\(["']https?["']\)|from ["']https?["']/.test(text)) continue;
		const command = await commandFor(app, file);
		return {
			command,
			text: command.join(" "),
			evidence: { file, line: lineOf(text, "listen(") ?? lineOf(text, "serve("), means: "A program that listens" },
		};
	}
	return null;
}

/** How a program is started: as it is, from what the build makes of it, or by whatever runs TypeScript here. */
async function commandFor(app: NodeApp, file: string): Promise<string[]> {
	if (!/\.m?ts$/.test(file)) return ["node", file];
	const compiled = app.manifest.scripts.build === undefined ? null : await compiledFile(app, file);
	if (compiled !== null) return ["node", compiled];
	if (app.uses("tsx")) return app.manager.exec("tsx", file);
	if (app.uses("ts-node")) return app.manager.exec("ts-node", file);
	return ["node", file];
}

/** Where the TypeScript compiler puts this file, as far as tsconfig.json says. */
async function compiledFile({ workspace }: NodeApp, file: string): Promise<string | null> {
	const config = withoutComments((await workspace.read("tsconfig.json")) ?? "");
	if (/"noEmit"\s*:\s*true/.test(config) || booleanOf(config, "noEmit") === true) return null;
	const out = insidePath(literalOf(config, "outDir") ?? "dist") ?? "dist";
	const root =
		literalOf(config, "rootDir") === null ? (file.startsWith("src/") ? "src" : ".") : insidePath(literalOf(config, "rootDir") ?? ".");
	const inner = root !== null && root !== "." && file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file;
	return `${out}/${inner.replace(/ts$/, "js")}`;
}

/** Source files that a built file may come from: dist/app.js from src/app.ts. */
export function sourcesOf(file: string): string[] {
	const plain = file.replace(/^\.\//, "");
	const inner = plain.replace(/^(?:dist|build|out|lib|output|\.output)\/(?:src\/)?/, "");
	const stems = [plain, `src/${inner}`, inner].map((path) => path.replace(/\.[cm]?js$/, ""));
	return [...new Set(stems.flatMap((stem) => ["ts", "mts", "js", "mjs", "cjs"].map((extension) => `${stem}.${extension}`)))];
}
