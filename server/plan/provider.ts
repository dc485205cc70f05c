import type { Plan } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";

/** One way to recognise a project. Reads files through the workspace and runs no process. */
export interface Provider {
	/** Also the plan's `provider`. */
	readonly name: string;
	/** A complete plan, or null when this is not its kind of project. */
	detect(workspace: Workspace): Promise<Plan | null>;
}

/** The number of the first line that contains `text`, from 1, or null. */
export function lineOf(content: string, text: string): number | null {
	const at = content.indexOf(text);
	return at < 0 ? null : content.slice(0, at).split("\n").length;
}
