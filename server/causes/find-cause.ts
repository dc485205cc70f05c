import type { Cause, Circumstances, Explanation } from "./cause.ts";
import { appCauses } from "./rules/app.ts";
import { codeCauses } from "./rules/code.ts";
import { databaseCauses } from "./rules/connections.ts";
import { environmentCauses } from "./rules/environment.ts";
import { frameworkCauses } from "./rules/frameworks.ts";
import { languageCauses } from "./rules/languages.ts";
import { limitCauses } from "./rules/limits.ts";
import { lockfileCauses } from "./rules/lockfiles.ts";
import { moduleCauses } from "./rules/modules.ts";
import { nativeCauses } from "./rules/native.ts";
import { nodeVersionCauses } from "./rules/node-versions.ts";
import { packageCauses } from "./rules/packages.ts";
import { pythonCauses } from "./rules/python.ts";
import { registryCauses } from "./rules/registry.ts";
import { scriptCauses } from "./rules/scripts.ts";
import { testCauses } from "./rules/tests.ts";

/** All known causes, the more specific ones first. */
export const causes: readonly Cause[] = [
	...limitCauses,
	...lockfileCauses,
	...nativeCauses,
	...packageCauses,
	...registryCauses,
	...environmentCauses,
	...nodeVersionCauses,
	...frameworkCauses,
	...moduleCauses,
	...pythonCauses,
	...languageCauses,
	...databaseCauses,
	...scriptCauses,
	...codeCauses,
	...testCauses,
	...appCauses,
];

/** An explained failure: which rule, what people are told, and the line that gave it away (null when none did). */
export interface KnownCause extends Explanation {
	id: string;
	line: string | null;
}

/** Finds the known cause of a failure; null when no rule fits. Works without a network. */
export async function findCause(circumstances: Circumstances): Promise<KnownCause | null> {
	const text = circumstances.lines.join("\n");
	for (const cause of causes) {
		if (!cause.steps.includes(circumstances.step) || !(cause.ends ?? ["exited"]).includes(circumstances.end)) continue;
		for (const pattern of cause.patterns) {
			const match = pattern.exec(text);
			if (!match) continue;
			const line = lineAt(text, match);
			const groups = Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? ""]));
			const explanation = await cause.explain({ groups, line: line ?? "", near: around(text, match.index), circumstances });
			if (explanation) return { id: cause.id, line, seen: groups, ...explanation };
		}
	}
	return null;
}

const linesBefore = 2;
const linesAfter = 10;

function around(text: string, index: number): string {
	const before = text
		.slice(0, index)
		.split("\n")
		.slice(-linesBefore - 1);
	return (
		before.join("\n") +
		text
			.slice(index)
			.split("\n", linesAfter + 1)
			.join("\n")
	);
}

function lineAt(text: string, { index, 0: found }: RegExpExecArray): string | null {
	if (found === "") return null;
	const start = text.lastIndexOf("\n", index - 1) + 1;
	const first = text.slice(start).split("\n", 1)[0] ?? "";
	// A pattern may begin with the end of the line before.
	return first === "" ? (text.slice(index).trimStart().split("\n", 1)[0] ?? null) : first;
}
