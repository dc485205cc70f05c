import { commandFromLine, type Evidence } from "../../lib/protocol/index.ts";
import type { Workspace } from "../source/workspace.ts";

export interface ProcfileWeb {
	command: string[];
	/** The line as it is written. */
	text: string;
	evidence: Evidence;
}

/** The `web:` line of a Procfile; null when there is none. Other processes of it are not started. */
export async function readProcfile(workspace: Workspace): Promise<ProcfileWeb | null> {
	const content = await workspace.read("Procfile", 64 * 1024);
	const lines = content?.split(/\r?\n/) ?? [];
	const index = lines.findIndex((line) => /^web\s*:\s*\S/.test(line));
	const text = lines[index]?.replace(/^web\s*:\s*/, "").trim();
	if (text === undefined || text.length > 4000 || text.includes("\0")) return null;
	return { command: commandFromLine(text), text, evidence: { file: "Procfile", line: index + 1, means: `Starts with ${text}` } };
}
