import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { lineOf } from "../provider.ts";
import { parseToml, stringsOf, tableAt } from "../toml.ts";

export interface Dependency {
	/** In the spelling of the registry: lower case, with hyphens. */
	name: string;
	/** As it is written, for pip: "flask[async]>=3". */
	requirement: string;
	file: string;
	line: number | null;
}

export interface PythonDependencies {
	has(name: string): boolean;
	/** Where a dependency is named. */
	evidence(name: string, means: string): Evidence;
	all: readonly Dependency[];
}

const requirementsFiles = ["requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt"];

/** What a project depends on, by whichever of the usual files says it. Nothing is run and nothing is resolved. */
export async function readDependencies(workspace: Workspace): Promise<PythonDependencies> {
	const all: Dependency[] = [];
	for (const file of requirementsFiles) all.push(...(await requirementsOf(workspace, file, 0)));
	all.push(...(await pyprojectDependencies(workspace)), ...(await pipfileDependencies(workspace)));
	return {
		all,
		has: (name) => all.some((dependency) => dependency.name === name),
		evidence(name, means) {
			const found = all.find((dependency) => dependency.name === name);
			return { file: found?.file ?? "requirements.txt", line: found?.line ?? null, means };
		},
	};
}

/** The requirements file that is installed from; null without one. */
export async function findRequirements(workspace: Workspace): Promise<string | null> {
	for (const file of requirementsFiles) if (await workspace.isFile(file)) return file;
	return null;
}

const maxDepth = 3;
const maxRequirements = 500;

async function requirementsOf(workspace: Workspace, file: string, depth: number): Promise<Dependency[]> {
	const text = await workspace.read(file);
	if (text === null || depth > maxDepth) return [];
	const found: Dependency[] = [];
	for (const [index, raw] of text.split("\n").entries()) {
		if (found.length >= maxRequirements) break;
		const line = raw.trim();
		const other = /^(?:-r|--requirement)[ =]+(\S+)/.exec(line)?.[1];
		if (other !== undefined) {
			const folder = file.includes("/") ? file.replace(/[^/]+$/, "") : "";
			found.push(...(await requirementsOf(workspace, `${folder}${other}`, depth + 1)));
		} else found.push(...dependency(line.replace(/\s+#.*$/, ""), file, index + 1));
	}
	return found;
}

async function pyprojectDependencies(workspace: Workspace): Promise<Dependency[]> {
	const file = "pyproject.toml";
	const text = await workspace.read(file);
	const parsed = text === null ? null : parseToml(text);
	if (text === null || parsed === null) return [];
	const listed = stringsOf(tableAt(parsed, "project").dependencies).flatMap((entry) => dependency(entry, file, lineOf(text, entry)));
	const poetry = namesOf(tableAt(parsed, "tool", "poetry", "dependencies"), file, text);
	return [...listed, ...poetry];
}

async function pipfileDependencies(workspace: Workspace): Promise<Dependency[]> {
	const file = "Pipfile";
	const text = await workspace.read(file);
	const parsed = text === null ? null : parseToml(text);
	return text === null || parsed === null ? [] : namesOf(tableAt(parsed, "packages"), file, text);
}

function namesOf(table: Readonly<Record<string, unknown>>, file: string, text: string): Dependency[] {
	return Object.keys(table)
		.filter((name) => name.toLowerCase() !== "python")
		.flatMap((name) => dependency(name, file, lineOf(text, `\n${name}`) === null ? null : (lineOf(text, `\n${name}`) ?? 0) + 1));
}

function dependency(requirement: string, file: string, line: number | null): Dependency[] {
	const name = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(?:$|[<>=!~;@(])/.exec(requirement.trim())?.[1];
	return name === undefined ? [] : [{ name: name.toLowerCase().replace(/[._]+/g, "-"), requirement: requirement.trim(), file, line }];
}
