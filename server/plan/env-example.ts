import { envNameProblem } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";

const files = [".env.example", ".env.sample", ".env.template", ".env.dist", ".env.local.example", "env.example", ".env.defaults"];
const maxNames = 100;
/** Set for every app, or for people's own machines alone. */
const given = new Set(["NODE_ENV", "CI", "TZ", "DEBUG"]);

/** Names of the variables a repository says it needs, from its example of an environment file; at most 100. */
export async function readExpectedVariables(workspace: Workspace): Promise<string[]> {
	for (const file of files) {
		const text = await workspace.read(file, 64 * 1024);
		if (text === null) continue;
		const names = text.split(/\r?\n/).flatMap((line) => /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1] ?? []);
		return [...new Set(names)].filter((name) => !given.has(name) && envNameProblem(name) === null).slice(0, maxNames);
	}
	return [];
}

/** A warning that names the expected variables nobody has set; null when all are. */
export function missingVariables(expects: readonly string[], set: Iterable<string>): string | null {
	const known = new Set(set);
	const missing = expects.filter((name) => !known.has(name));
	if (missing.length === 0) return null;
	const named = missing.slice(0, 8).join(", ");
	const more = missing.length > 8 ? ` and ${missing.length - 8} more` : "";
	return `The repository says it needs ${named}${more}, which ${missing.length === 1 ? "is" : "are"} not set. Set ${missing.length === 1 ? "it" : "them"} on the project's Environment page if the app misses ${missing.length === 1 ? "it" : "them"}.`;
}
