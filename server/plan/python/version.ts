import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { lowestVersion } from "../lowest-version.ts";
import { lineOf } from "../provider.ts";
import { parseToml, tableAt } from "../toml.ts";

export interface LanguageVersion {
	/** The lowest version that does; null when the project asks for none. */
	version: string | null;
	/** It asks for this version and not for a range that begins with it. */
	exact?: boolean;
	evidence: Evidence[];
}

/** The Python a project asks for: `.python-version`, `runtime.txt`, `pyproject.toml`, `Pipfile`, in this order. */
export async function choosePythonVersion(workspace: Workspace): Promise<LanguageVersion> {
	for (const read of [versionFile, runtimeFile, pyproject, pipfile]) {
		const found = await read(workspace);
		if (found !== null) return found;
	}
	return { version: null, evidence: [] };
}

async function versionFile(workspace: Workspace): Promise<LanguageVersion | null> {
	const text = await workspace.read(".python-version", 500);
	const asked = /^\s*(?:cpython-|python-)?(3\.\d+)/m.exec(text ?? "")?.[1];
	return asked === undefined ? null : { ...said(asked, ".python-version", 1), exact: true };
}

async function runtimeFile(workspace: Workspace): Promise<LanguageVersion | null> {
	const text = await workspace.read("runtime.txt", 500);
	const asked = /^\s*python-(3\.\d+)/m.exec(text ?? "")?.[1];
	return asked === undefined ? null : { ...said(asked, "runtime.txt", 1), exact: true };
}

async function pyproject(workspace: Workspace): Promise<LanguageVersion | null> {
	const text = await workspace.read("pyproject.toml");
	const parsed = text === null ? null : parseToml(text);
	if (text === null || parsed === null) return null;
	const project = tableAt(parsed, "project")["requires-python"];
	if (typeof project === "string") return ranged(project, "pyproject.toml", lineOf(text, "requires-python"));
	const poetry = tableAt(parsed, "tool", "poetry", "dependencies").python;
	return typeof poetry === "string" ? ranged(poetry, "pyproject.toml", lineOf(text, "python =")) : null;
}

async function pipfile(workspace: Workspace): Promise<LanguageVersion | null> {
	const text = await workspace.read("Pipfile");
	const asked = tableAt(text === null ? null : parseToml(text), "requires").python_version;
	return text !== null && typeof asked === "string" ? ranged(asked, "Pipfile", lineOf(text, "python_version")) : null;
}

function ranged(range: string, file: string, line: number | null): LanguageVersion | null {
	const lowest = lowestVersion(range);
	return lowest === null ? null : said(lowest, file, line);
}

function said(version: string, file: string, line: number | null): LanguageVersion {
	return { version, evidence: [{ file, line, means: `Python ${version} or newer` }] };
}
