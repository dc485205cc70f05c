"use client";
import { ArrowRight, CircleX, Pencil, RotateCcw } from "lucide-react";
import Link from "next/link";
import type { DeploymentState } from "#lib/deployment/state.ts";
import type { Failure, Stage } from "#lib/protocol/index.ts";
import { ServerButton } from "../live/server-button.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { CopyButton } from "./copy-button.tsx";
import { plainText } from "./log/log-text.ts";
import { causeTitle, decisiveLine, type WayOut, wayOutOf } from "./way-out.ts";
import { stageWords } from "./words.ts";

export interface FailureHandlers {
	/** Shows a line of the log. */
	onLine: (line: number) => void;
	onEditPlan: () => void;
	onRetry: (from: Stage) => void;
	retrying: boolean;
}

/** What failed, what it said, and what to do about it. The rest is a click away. */
export function FailureCard({ failure, state, ...handlers }: FailureHandlers & { failure: Failure; state: DeploymentState }) {
	const where = state.stage ? stageWords[state.stage].name : "this deployment";
	const wayOut = wayOutOf(failure, state);
	return (
		<div
			role="alert"
			className="grid min-h-[inherit] overflow-hidden rounded-lg border border-danger bg-surface grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)] md:grid-rows-1"
		>
			<div className="flex min-w-0 flex-col justify-center gap-2 p-5 md:py-4">
				<p className="flex items-start gap-2.5 font-semibold text-lg leading-6">
					<CircleX aria-hidden="true" className="size-6 shrink-0 text-danger" />
					<span className="min-w-0 break-words">
						Failed in {where}
						{failure.cause !== null && `: ${causeTitle(failure.cause)}`}
					</span>
				</p>
				<p className="break-words text-sm">{failure.message}</p>
				<p className="break-words font-medium text-sm">{failure.action}</p>
				{failure.command && (
					<p className="text-muted-foreground text-sm">
						<code className="break-all font-mono text-foreground text-[0.8125rem]">{failure.command}</code>
						{failure.exit_code !== null && ` ended with exit code ${failure.exit_code}`}
					</p>
				)}
				<div className="flex flex-wrap items-center gap-x-4 gap-y-1">
					{wayOut && <WayOutButton wayOut={wayOut} {...handlers} />}
					<TechnicalDetails failure={failure} correlationId={state.correlationId} />
				</div>
			</div>
			{failure.lines.length > 0 && <Lines failure={failure} onLine={handlers.onLine} />}
		</div>
	);
}

function WayOutButton({ wayOut, onEditPlan, onRetry, retrying }: FailureHandlers & { wayOut: WayOut }) {
	switch (wayOut.type) {
		case "page":
			return (
				<Button asChild size="sm">
					<Link href={wayOut.href}>
						{wayOut.label} <ArrowRight aria-hidden="true" />
					</Link>
				</Button>
			);
		case "plan":
			return (
				<Button size="sm" onClick={onEditPlan}>
					<Pencil aria-hidden="true" /> {wayOut.label}
				</Button>
			);
		case "retry":
			return (
				<ServerButton size="sm" disabled={retrying} onClick={() => onRetry(wayOut.from)}>
					<RotateCcw aria-hidden="true" /> {retrying ? "Starting…" : wayOut.label}
				</ServerButton>
			);
	}
}

/** The lines that matter, the one that tells most marked. */
function Lines({ failure, onLine }: { failure: Failure; onLine: (line: number) => void }) {
	const firstLine = failure.first_line;
	const lines = failure.lines.map(plainText);
	const decisive = failure.decisive ?? decisiveLine(lines);
	return (
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
				className="max-h-36 flex-1 md:max-h-52 overflow-auto whitespace-pre-wrap break-words py-3 font-mono text-[0.8125rem] text-log-foreground leading-5 focus-visible:-outline-offset-2"
			>
				{lines.map((line, index) => (
					<span
						// biome-ignore lint/suspicious/noArrayIndexKey: the lines never change their order
						key={index}
						data-decisive={index === decisive || undefined}
						className={cn(
							"block min-h-5 border-transparent border-l-[3px] px-3 [overflow-wrap:anywhere]",
							index === decisive && "border-danger bg-log-selected font-semibold",
						)}
					>
						{line}
						{"\n"}
					</span>
				))}
			</pre>
		</div>
	);
}

function TechnicalDetails({ failure, correlationId }: { failure: Failure; correlationId: string }) {
	const text = `code: ${failure.code}${failure.cause === null ? "" : `\ncause: ${failure.cause}`}\nreference: ${failure.reference}\ndeployment: ${correlationId}`;
	return (
		<details className="min-w-0 text-sm open:basis-full">
			<summary className="w-fit py-1 text-muted-foreground underline-offset-4 hover:underline">Technical details</summary>
			<div className="mt-1 flex items-end justify-between gap-3">
				<pre className="min-w-0 whitespace-pre-wrap break-all font-mono text-muted-foreground text-xs leading-5">{text}</pre>
				<CopyButton text={text}>Copy</CopyButton>
			</div>
		</details>
	);
}
