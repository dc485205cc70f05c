import type { ErrorCode } from "../../lib/errors.ts";
import type { Plan } from "../../lib/protocol/index.ts";
import type { EndReason } from "../exec/sandbox.ts";
import type { Workspace } from "../source/workspace.ts";

/** What was being done when it failed. `start`: the app was run. */
export type Step = "install" | "build" | "test" | "start";

/** Everything a rule may look at. */
export interface Circumstances {
	step: Step;
	/** The command as shown to people. */
	command: string;
	/** null where it did not end by itself. */
	exitCode: number | null;
	end: EndReason;
	/** The lines that were kept of its output, without colours. */
	lines: readonly string[];
	plan: Plan;
	/** The repository as it was cloned; null where it cannot be had any more. */
	files: Workspace | null;
}

/** What people are told: what happened and why; what to do about it. Names the package, file, variable or version. */
export interface Explanation {
	message: string;
	action: string;
	/** Where the failure has a better code than that of its step. */
	code?: ErrorCode;
	/** What was seen, for the rules that repair; what the pattern found unless said otherwise. */
	seen?: Readonly<Record<string, string>>;
}

/** One known cause of failures. The first rule that fits explains the failure. */
export interface Cause {
	/** Stable, in snake_case: travels as `failure.cause`. */
	id: string;
	/** What it is, for the list of causes: "The lockfile does not fit package.json". */
	name: string;
	steps: readonly Step[];
	/** How the run ended; `exited` unless said otherwise. */
	ends?: readonly EndReason[];
	/** The first one found in the output counts. Bounded: foreign text is searched with them. */
	patterns: readonly RegExp[];
	/** Puts the finding into words; null when it is something else after all. */
	explain(found: Found): Explanation | null | Promise<Explanation | null>;
}

export interface Found {
	/** Named groups of the pattern; those that took no part are "". */
	groups: Readonly<Record<string, string>>;
	/** The line on which it was found. */
	line: string;
	/** That line with two before and ten after it. */
	near: string;
	circumstances: Circumstances;
}

const maxQuoted = 120;

/** A name out of foreign output, as it is put into a sentence. */
export function quote(text: string): string {
	const plain = text.replaceAll(/\s+/g, " ").trim();
	return `“${plain.length > maxQuoted ? `${plain.slice(0, maxQuoted)}…` : plain}”`;
}
