import { envNameProblem } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";

const files = [".env.example", ".env.sample", ".env.template", ".env.dist", ".env.local.example", "env.example", ".env.defaults"];
const maxNames = 100;
/** Set for every app, or for people's own machines alone. */
const given = new Set(["NODE_ENV", "CI", "TZ", "DEBUG"]);

/** Names of the variables a repository says it needs, from its example of an environment file; at most 100. */
export async function readExpectedVariables(workspace: Workspace): Promise<string[]> {
	return [...(await readExampleVariables(workspace)).keys()];
}

/** The same variables with what the example says for each, without its quotes. */
export async function readExampleVariables(workspace: Workspace): Promise<ReadonlyMap<string, string>> {
	for (const file of files) {
		const text = await workspace.read(file, 64 * 1024);
		if (text === null) continue;
		const variables = new Map<string, string>();
		for (const line of text.split(/\r?\n/)) {
			const [, name = "", value = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=(.*)$/.exec(line) ?? [];
			const counts = name !== "" && !variables.has(name) && !given.has(name) && envNameProblem(name) === null;
			if (counts && variables.size < maxNames) variables.set(name, plainValue(value));
		}
		return variables;
	}
	return new Map();
}

function plainValue(value: string): string {
	const text = value.trim();
	return /^(?<quote>["'])(?<inner>.*)\k<quote>(?:\s+#.*)?$/.exec(text)?.groups?.inner ?? text.replace(/(?:^|\s+)#.*$/, "");
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
