import type { DeploymentState } from "#lib/deployment/state.ts";
import { plainText } from "../deployments/log/log-text.ts";
import { stageWords } from "../deployments/words.ts";
import { cn } from "../ui/cn.ts";

/** What was going on, or how it ended. Only words: nothing here can be done. */
export function ReplayNow({ state }: { state: DeploymentState }) {
	const current = state.stages.find(({ stage }) => stage === state.stage);
	const { error } = state;
	return (
		<section
			aria-label="At this moment"
			className={cn("min-h-28 rounded-lg border bg-surface p-4", error ? "border-danger" : "border-border")}
		>
			<p className="font-semibold text-lg">{headline(state)}</p>
			<p className="mt-1 min-w-0 break-words text-sm">{error ? error.message : (current?.text ?? "")}</p>
			{error && error.lines.length > 0 && (
				<pre
					// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
					tabIndex={0}
					className="mt-3 max-h-40 overflow-auto whitespace-pre-wrap break-words rounded-md bg-log p-3 font-mono text-[0.8125rem] text-log-foreground leading-5"
				>
					{error.lines.map(plainText).join("\n")}
				</pre>
			)}
		</section>
	);
}

/** The state of a moment in a few words. */
export function headline(state: DeploymentState): string {
	const where = state.stage && stageWords[state.stage];
	switch (state.status) {
		case "queued":
			return "Queued";
		case "running":
			return where ? `${where.doing}…` : "Starting…";
		case "waiting":
			return "Waiting for an answer";
		case "paused":
			return "Paused";
		case "succeeded":
			return "Went live";
		case "failed":
			return where ? `Failed in ${where.name}` : "Failed";
		case "cancelled":
			return where ? `Cancelled while ${where.doing.toLowerCase()}` : "Cancelled";
	}
}
