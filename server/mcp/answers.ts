import { pendingApproval } from "../../lib/deployment/approvals.ts";
import type { DeploymentView } from "../../lib/deployment/state.ts";
import type { LogPage } from "../../lib/protocol/index.ts";

/** What a model is answered at most: it pays for every word. */
export const maxLogLines = 500;
const maxLogChars = 48_000;
const maxLineChars = 2_000;
const maxTextChars = 500;

/** How a deployment stands, without what only a page needs. */
export function statusOf(view: DeploymentView, publicUrl: string) {
	const { error } = view;
	const waitsFor = pendingApproval(view);
	return {
		deployment: view.id,
		project: view.project.slug,
		number: view.number,
		status: view.status,
		stage: view.stage,
		progress: view.progress,
		preview: view.previewUrl,
		page: new URL(`/deployments/${view.id}`, publicUrl).href,
		stages: view.stages.map(({ stage, agent, status, text }) => ({ stage, agent, status, text: cut(text, maxTextChars) })),
		waitsFor: waitsFor && { approval: waitsFor.id, kind: waitsFor.kind, before: waitsFor.stage, text: cut(waitsFor.text, maxTextChars) },
		logLines: view.logLines,
		error: error && {
			code: error.code,
			message: cut(error.message, maxTextChars),
			action: cut(error.action, maxTextChars),
			command: error.command && cut(error.command, maxTextChars),
			exitCode: error.exit_code,
			lines: error.lines.map((line) => cut(line, maxTextChars)),
		},
	};
}

/** The newest lines of the page that fit, after a sentence about which they are. */
export function logText({ first, last, lines }: LogPage): string {
	const fitting: string[] = [];
	let chars = 0;
	for (const { n, text } of lines.toReversed()) {
		const line = `${n} ${cut(text, maxLineChars)}`;
		chars += line.length + 1;
		if (chars > maxLogChars) break;
		fitting.unshift(line);
	}
	const from = (lines.at(-1)?.n ?? 0) - fitting.length + 1;
	if (fitting.length === 0) return "There are no such lines in the log.";
	const older = from > first ? ` Older ones: call again with before ${from}.` : "";
	return `Lines ${from} to ${from + fitting.length - 1} of a log that ends with line ${last}.${older}\n${fitting.join("\n")}`;
}

function cut(text: string, maxChars: number): string {
	return text.length <= maxChars ? text : `${text.slice(0, maxChars)} … (${text.length - maxChars} characters left out)`;
}
