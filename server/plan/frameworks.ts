import type { PackageJson } from "./package-json.ts";

/** What is known of a Node framework. Data; `providers/node.ts` turns it into a plan. */
export interface Framework {
	/** Package that gives it away. */
	dependency: string;
	name: string;
	/** `static`: its build is files. `server`: it listens. */
	kind: "static" | "server";
	/** Static: the folder its build writes by default. */
	output?: string;
	/** Static: unknown paths are answered with index.html. */
	spa?: boolean;
	/** Build command where package.json has no build script. */
	build?: string[];
	/** Start command where package.json has no start script. */
	start?: string[];
	warning?: string;
}

/** First match wins: what builds on another framework stands before it. */
export const frameworks: readonly Framework[] = [
	{ dependency: "next", name: "Next.js", kind: "server", build: ["npx", "next", "build"], start: ["npx", "next", "start"] },
	{ dependency: "nuxt", name: "Nuxt", kind: "server", build: ["npx", "nuxt", "build"], start: ["node", ".output/server/index.mjs"] },
	{ dependency: "@react-router/serve", name: "React Router", kind: "server" },
	{ dependency: "@remix-run/serve", name: "Remix", kind: "server" },
	{ dependency: "@sveltejs/adapter-node", name: "SvelteKit", kind: "server", start: ["node", "build/index.js"] },
	{ dependency: "@sveltejs/adapter-static", name: "SvelteKit", kind: "static", output: "build" },
	{ dependency: "@astrojs/node", name: "Astro", kind: "server", start: ["node", "dist/server/entry.mjs"] },
	{ dependency: "astro", name: "Astro", kind: "static", output: "dist", build: ["npx", "astro", "build"] },
	{ dependency: "@nestjs/core", name: "NestJS", kind: "server", start: ["node", "dist/main.js"] },
	{ dependency: "vitepress", name: "VitePress", kind: "static", output: ".vitepress/dist" },
	{ dependency: "@11ty/eleventy", name: "Eleventy", kind: "static", output: "_site", build: ["npx", "eleventy"] },
	{ dependency: "@docusaurus/core", name: "Docusaurus", kind: "static", output: "build" },
	{ dependency: "gatsby", name: "Gatsby", kind: "static", output: "public" },
	{
		dependency: "react-scripts",
		name: "Create React App",
		kind: "static",
		output: "build",
		spa: true,
		build: ["npx", "react-scripts", "build"],
	},
	{ dependency: "vite", name: "Vite", kind: "static", output: "dist", spa: true, build: ["npx", "vite", "build"] },
	{ dependency: "parcel", name: "Parcel", kind: "static", output: "dist", spa: true },
];

/** Packages that listen on a port. */
export const servers: readonly Framework[] = [
	{ dependency: "express", name: "Express", kind: "server" },
	{ dependency: "fastify", name: "Fastify", kind: "server" },
	{ dependency: "koa", name: "Koa", kind: "server" },
	{ dependency: "@hono/node-server", name: "Hono", kind: "server" },
	{ dependency: "hono", name: "Hono", kind: "server" },
	{ dependency: "@hapi/hapi", name: "hapi", kind: "server" },
	{ dependency: "restify", name: "Restify", kind: "server" },
	{ dependency: "polka", name: "Polka", kind: "server" },
	{ dependency: "h3", name: "h3", kind: "server" },
];

const libraries: [string, string][] = [
	["preact", "Preact"],
	["react", "React"],
	["vue", "Vue"],
	["svelte", "Svelte"],
	["solid-js", "Solid"],
	["lit", "Lit"],
];

/** "Vite + React" for a bundler and the library it bundles. */
export function frameworkName(framework: Framework, manifest: PackageJson): string {
	if (framework.dependency !== "vite" && framework.dependency !== "parcel") return framework.name;
	const library = libraries.find(([dependency]) => manifest.has(dependency))?.[1];
	return library === undefined ? framework.name : `${framework.name} + ${library}`;
}
