import type { NodeApp } from "./app.ts";
import { angular } from "./frameworks/angular.ts";
import { astro } from "./frameworks/astro.ts";
import { next } from "./frameworks/next.ts";
import { nuxt } from "./frameworks/nuxt.ts";
import { reactRouter, remix } from "./frameworks/react-router.ts";
import { plainServer, serverFrameworks, serverPackage } from "./frameworks/servers.ts";
import { occasionalGenerators, siteGenerators, vitePress, vuePress } from "./frameworks/site-generators.ts";
import { svelteKit } from "./frameworks/svelte-kit.ts";
import { vite } from "./frameworks/vite.ts";
import { readServerFacts } from "./server-source.ts";
import { buildOf, type Framework, type Shape, siteShape, type Unable } from "./shape.ts";
import { findStart, type Start } from "./start.ts";

/** They decide themselves whether a start command makes them a server. */
const deciding: readonly Framework[] = [next, nuxt, reactRouter, remix, svelteKit, astro, angular, ...serverFrameworks];
/** They build files: a start command of the project's own comes first. */
const sites: readonly Framework[] = [vitePress, vuePress, ...siteGenerators, vite, ...occasionalGenerators];

/** What a Node project is: what its framework makes of it, a program that listens, or a site. null: none of these. */
export async function detectShape(app: NodeApp): Promise<Shape | Unable | null> {
	const start = await findStart(app, serverPackage(app) !== null);
	const shape = (await firstShape(app, deciding, start)) ?? (start !== null ? plainServer(app, start) : await firstShape(app, sites, null));
	if (shape === null) return unknownBuild(app);
	return "unable" in shape || shape.kind === "static" ? shape : withServerFacts(app, shape, start);
}

async function firstShape(app: NodeApp, frameworks: readonly Framework[], start: Start | null): Promise<Shape | Unable | null> {
	for (const framework of frameworks) {
		const shape = app.uses(framework.dependency, framework.program) ? await framework.shape(app, start) : null;
		if (shape !== null) return shape;
	}
	return null;
}

async function withServerFacts(app: NodeApp, shape: Shape, start: Start | null): Promise<Shape> {
	const { port, healthPath, evidence } =
		start === null ? { port: null, healthPath: null, evidence: [] } : await readServerFacts(app, start);
	return { ...shape, port, healthPath: healthPath ?? shape.healthPath, evidence: [...shape.evidence, ...evidence] };
}

/** A build script of an unknown tool: its output is looked for in the usual place. */
async function unknownBuild(app: NodeApp): Promise<Shape | null> {
	const { script, command, evidence } = buildOf(app, { program: null });
	if (command === null || /^(?:turbo|nx|lerna)\b|^pnpm (?:-r|--recursive)\b/.test(script)) return null;
	const pages = ["index.html", "src/index.html", "public/index.html"];
	const found = await Promise.all(pages.map((page) => app.workspace.isFile(page)));
	if (!found.includes(true)) return null;
	return siteShape({
		framework: "Built site",
		build: command,
		output: "dist",
		confidence: 0.4,
		evidence,
		warnings: ["The build tool is not known; its output is expected in dist."],
	});
}
