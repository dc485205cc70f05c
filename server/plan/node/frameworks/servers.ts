import type { NodeApp } from "../app.ts";
import { buildOf, defaultStart, dependencyEvidence, type Framework, type Shape, serverShape } from "../shape.ts";
import type { Start } from "../start.ts";

/** Packages that listen on a port, and how people call them. */
const servers: readonly [string, string][] = [
	["express", "Express"],
	["fastify", "Fastify"],
	["koa", "Koa"],
	["@hono/node-server", "Hono"],
	["hono", "Hono"],
	["@hapi/hapi", "hapi"],
	["restify", "Restify"],
	["polka", "Polka"],
	["h3", "h3"],
	["@trpc/server", "tRPC"],
	["@apollo/server", "Apollo Server"],
	["socket.io", "Socket.IO"],
	["ws", "ws"],
];

/** The package that listens, when one of the known is among the dependencies. */
export function serverPackage(app: NodeApp): { dependency: string; name: string } | null {
	const [dependency, name] = servers.find(([candidate]) => Object.hasOwn(app.manifest.dependencies, candidate)) ?? [];
	return dependency === undefined || name === undefined ? null : { dependency, name };
}

/** A program that listens, built first where there is a build script. */
export function plainServer(app: NodeApp, start: Start): Shape {
	const known = serverPackage(app);
	const build = buildOf(app, { program: null });
	return serverShape(start, {
		framework: known?.name ?? "Node server",
		build: build.command,
		confidence: known === null ? 0.8 : 0.95,
		evidence: [...(known === null ? [] : [dependencyEvidence(app, known.dependency, known.name)]), ...build.evidence],
	});
}

/** Frameworks whose build leaves a server in a known place. */
export const serverFrameworks: readonly Framework[] = [
	builtServer("@nestjs/core", "NestJS", ["nest", "build"], ["node", "dist/main.js"]),
	builtServer("@solidjs/start", "SolidStart", ["vinxi", "build"], ["node", ".output/server/index.mjs"]),
	builtServer("@tanstack/react-start", "TanStack Start", ["vite", "build"], ["node", ".output/server/index.mjs"]),
	builtServer("nitropack", "Nitro", ["nitropack", "build"], ["node", ".output/server/index.mjs"]),
];

function builtServer(dependency: string, name: string, program: [string, ...string[]], start: string[]): Framework {
	return {
		dependency,
		program: program[0],
		async shape(app, own) {
			const build = buildOf(app, { program });
			return serverShape(own ?? defaultStart(name, start), {
				framework: name,
				build: build.command,
				evidence: [dependencyEvidence(app, dependency, name), ...build.evidence],
			});
		},
	};
}
