import type { Evidence } from "../../../lib/protocol/index.ts";
import type { NodeApp } from "./app.ts";
import type { Start } from "./start.ts";

/** What a Node project turns out to be: the parts of its plan that depend on its framework. */
export interface Shape {
	kind: "static" | "process";
	framework: string;
	build: string[] | null;
	start: string[] | null;
	output: string | null;
	spaFallback: boolean;
	healthPath: string;
	port: number | null;
	env: Record<string, string>;
	confidence: number;
	evidence: Evidence[];
	warnings: string[];
}

/** A project of a known kind that cannot run here as it is, and what its owner can do. */
export interface Unable {
	unable: string;
	action: string;
}

/** One framework: how it is noticed, and what follows. Frameworks that build on another one are asked before it. */
export interface Framework {
	dependency: string;
	/** Its program, where that is not called like the package. */
	program?: string;
	/** null: not this one after all. */
	shape(app: NodeApp, start: Start | null): Promise<Shape | Unable | null>;
}

export interface ScriptToBuild {
	/** Names of scripts that may build it, the first that exists counts. */
	scripts?: readonly string[];
	/** Program and arguments where there is no such script; null where there is nothing to build then. */
	program: readonly [string, ...string[]] | null;
	/** Arguments to add to the command. */
	args?: readonly string[];
}

/** The build command of a framework, what its script says, and where. */
export function buildOf(app: NodeApp, { scripts = ["build"], program, args = [] }: ScriptToBuild) {
	const name = scripts.find((script) => (app.manifest.scripts[script] ?? "").trim() !== "");
	if (name === undefined) {
		const command = app.buildWith(program === null ? null : app.manager.exec(...(program as [string, ...string[]]), ...args));
		return { script: "", name: null, command, evidence: [] };
	}
	const script = app.manifest.scripts[name] ?? "";
	const evidence: Evidence = { file: "package.json", line: app.manifest.lineOf("scripts", name), means: `Builds with ${script}` };
	return { script, name, command: app.build(name, ...args), evidence: [evidence] };
}

/** Files that are served. */
export function siteShape(
	parts: Pick<Shape, "framework" | "build" | "output"> &
		Partial<Pick<Shape, "spaFallback" | "env" | "confidence" | "evidence" | "warnings">>,
): Shape {
	return {
		kind: "static",
		start: null,
		spaFallback: false,
		healthPath: "/",
		port: null,
		env: {},
		confidence: 0.95,
		evidence: [],
		warnings: [],
		...parts,
	};
}

/** A program that listens. */
export function serverShape(
	start: Start,
	parts: Pick<Shape, "framework" | "build"> & Partial<Pick<Shape, "env" | "confidence" | "evidence" | "warnings" | "healthPath">>,
): Shape {
	const restarts = /^(?:npx )?(?:nodemon|tsx watch|ts-node-dev)\b|--watch\b/.test(start.text);
	const warnings = restarts ? ["The start command restarts the app when files change; in production nothing changes."] : [];
	return {
		kind: "process",
		start: start.command,
		output: null,
		spaFallback: false,
		healthPath: "/",
		port: null,
		env: {},
		confidence: 0.95,
		...parts,
		evidence: [...(parts.evidence ?? []), start.evidence],
		warnings: [...(parts.warnings ?? []), ...warnings],
	};
}

/** "Uses Astro", at its line of package.json. */
export function dependencyEvidence(app: NodeApp, dependency: string, name: string): Evidence {
	const section = Object.hasOwn(app.manifest.dependencies, dependency) ? "dependencies" : "devDependencies";
	return { file: "package.json", line: app.manifest.lineOf(section, dependency), means: `Uses ${name}` };
}

/** How a framework starts by default, where no script says so. */
export function defaultStart(name: string, command: string[]): Start {
	const text = command.join(" ");
	return { command, text, evidence: { file: "package.json", line: null, means: `${name} starts with ${text}` } };
}
