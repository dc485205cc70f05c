import type { Evidence } from "../../../lib/protocol/index.ts";
import type { Workspace } from "../../source/workspace.ts";
import { lineOf } from "../provider.ts";
import { parseToml, tableAt } from "../toml.ts";
import { findRequirements, type PythonDependencies } from "./dependencies.ts";

export interface PythonInstall {
	/** What people call it: "pip", "uv". */
	manager: string;
	/** null where there is nothing to install: the app then runs on the machine's Python as it is. */
	command: string[] | null;
	evidence: Evidence[];
	warnings: string[];
}

const venv = "python3 -m venv .venv && . .venv/bin/activate";
const unpinned = "There is no lockfile: each build may get other versions of the dependencies.";
/** A plan's command has room for this many requirements beside its own words. */
const maxListed = 50;

/** Tools that bring a lockfile. They come from the registry into the project's own environment. */
const lockers: { lockfile: string; name: string; command: string }[] = [
	{ lockfile: "uv.lock", name: "uv", command: "pip install uv && uv sync --frozen --no-dev --no-install-project" },
	{ lockfile: "poetry.lock", name: "Poetry", command: "pip install poetry && poetry install --only main --no-root --no-interaction" },
	{ lockfile: "pdm.lock", name: "PDM", command: "pip install pdm && pdm sync --prod --no-self" },
	{ lockfile: "Pipfile.lock", name: "Pipenv", command: "pip install pipenv && pipenv sync" },
];

/**
 * How the dependencies get into `.venv` of the app's folder. `extra` are packages the start command needs and the project does
 * not name. Texts for the shell are ours; what comes from the repository is handed on as arguments.
 */
export async function chooseInstall(
	workspace: Workspace,
	dependencies: PythonDependencies,
	extra: readonly string[],
): Promise<PythonInstall> {
	const more = extra.length === 0 ? "" : ` && pip install ${extra.join(" ")}`;
	for (const { lockfile, name, command } of lockers) {
		if (!(await workspace.isFile(lockfile))) continue;
		const evidence = [{ file: lockfile, line: null, means: `${name}, with exact versions` }];
		return { manager: name, command: shell(`${command}${more}`), evidence, warnings: [] };
	}
	return (
		(await fromRequirements(workspace, dependencies, more)) ??
		(await fromProjectFile(workspace, dependencies, more)) ?? {
			manager: "pip",
			command: extra.length === 0 ? null : shell(`pip install ${extra.join(" ")}`),
			evidence: [],
			warnings: extra.length === 0 ? [] : [unpinned],
		}
	);
}

async function fromRequirements(workspace: Workspace, dependencies: PythonDependencies, more: string): Promise<PythonInstall | null> {
	const file = await findRequirements(workspace);
	if (file === null) return null;
	const count = dependencies.all.length;
	return {
		manager: "pip",
		command: shell(`pip install -r ${file}${more}`),
		evidence: [{ file, line: null, means: `pip, ${count} ${count === 1 ? "requirement" : "requirements"}` }],
		warnings: dependencies.all.every(({ requirement }) => /==|@/.test(requirement))
			? []
			: [`Not every line of ${file} names an exact version: each build may get other versions of the dependencies.`],
	};
}

async function fromProjectFile(workspace: Workspace, dependencies: PythonDependencies, more: string): Promise<PythonInstall | null> {
	const plan = (manager: string, command: string[], file: string, line: number | null): PythonInstall => ({
		manager,
		command,
		evidence: [{ file, line, means: `${manager} installs what ${file} names` }],
		warnings: [unpinned],
	});
	if (await workspace.isFile("Pipfile")) return plan("Pipenv", shell(`pip install pipenv && pipenv install${more}`), "Pipfile", null);
	const text = (await workspace.read("pyproject.toml")) ?? "";
	const parsed = parseToml(text) ?? {};
	const line = lineOf(text, "dependencies");
	if (Object.keys(tableAt(parsed, "tool", "poetry", "dependencies")).length > 0)
		return plan(
			"Poetry",
			shell(`pip install poetry && poetry install --only main --no-root --no-interaction${more}`),
			"pyproject.toml",
			line,
		);
	const listed = dependencies.all.map(({ requirement }) => requirement);
	// Apps are seldom packages that can be built: what they list is installed, not they themselves.
	if (parsed["build-system"] === undefined && listed.length > 0 && listed.length <= maxListed)
		return plan("pip", [...shell(`pip install "$@"${more}`), "pip", ...listed], "pyproject.toml", line);
	if (listed.length > 0) return plan("pip", shell(`pip install .${more}`), "pyproject.toml", line);
	return (await workspace.isFile("setup.py")) ? plan("pip", shell(`pip install .${more}`), "setup.py", null) : null;
}

function shell(text: string): string[] {
	return ["sh", "-c", `${venv} && ${text}`];
}
