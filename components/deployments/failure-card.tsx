"use client";
import { CircleX } from "lucide-react";
import type { DeploymentState } from "#lib/deployment/state.ts";
import type { Failure } from "#lib/protocol/index.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "./copy-button.tsx";
import { plainText } from "./log/log-text.ts";
import { stageWords } from "./words.ts";

interface FailureCardProps {
	failure: Failure;
	state: DeploymentState;
	onLine: (line: number) => void;
}

/** What failed, what it said, and what to do about it. The rest is a click away. */
export function FailureCard({ failure, state, onLine }: FailureCardProps) {
	const where = state.stage ? stageWords[state.stage].name : "this deployment";
	const firstLine = failure.first_line;
	return (
		<div
			role="alert"
			className="grid min-h-[inherit] overflow-hidden rounded-lg border border-danger bg-surface grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] md:grid-rows-1"
		>
			<div className="flex min-w-0 flex-col justify-center gap-2.5 p-5">
				<p className="flex items-center gap-2.5 font-semibold text-lg">
					<CircleX aria-hidden="true" className="size-6 shrink-0 text-danger" />
					Failed in {where}
				</p>
				<p className="break-words text-sm">{failure.message}</p>
				<p className="break-words font-medium text-sm">{failure.action}</p>
				{failure.command && (
					<p className="text-muted-foreground text-sm">
						<code className="break-all font-mono text-foreground text-[0.8125rem]">{failure.command}</code>
						{failure.exit_code !== null && ` ended with exit code ${failure.exit_code}`}
					</p>
				)}
				<TechnicalDetails failure={failure} correlationId={state.correlationId} />
			</div>
			{failure.lines.length > 0 && (
				<div className="flex min-w-0 flex-col border-border border-t bg-log md:border-t-0 md:border-l">
					<div className="flex h-10 shrink-0 items-center justify-between gap-2 border-border border-b px-3">
						<h2 className="chart-label">The lines that matter</h2>
						{firstLine !== null && (
							<Button variant="ghost" size="sm" onClick={() => onLine(firstLine)}>
								Show in the log
							</Button>
						)}
					</div>
					<pre
						// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
						tabIndex={0}
						className="max-h-36 flex-1 md:max-h-52 overflow-auto whitespace-pre-wrap break-words p-3 font-mono text-[0.8125rem] text-log-foreground leading-5 focus-visible:-outline-offset-2"
					>
						{failure.lines.map(plainText).join("\n")}
					</pre>
				</div>
			)}
		</div>
	);
}

function TechnicalDetails({ failure, correlationId }: { failure: Failure; correlationId: string }) {
	const text = `code: ${failure.code}\nreference: ${failure.reference}\ndeployment: ${correlationId}`;
	return (
		<details className="text-sm">
			<summary className="w-fit py-1 text-muted-foreground underline-offset-4 hover:underline">Technical details</summary>
			<div className="mt-1 flex items-end justify-between gap-3">
				<pre className="min-w-0 whitespace-pre-wrap break-all font-mono text-muted-foreground text-xs leading-5">{text}</pre>
				<CopyButton text={text}>Copy</CopyButton>
			</div>
		</details>
	);
}
