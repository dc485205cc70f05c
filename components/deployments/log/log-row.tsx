import { memo } from "react";
import type { LogEntry } from "#lib/protocol/index.ts";
import { cn } from "../../ui/cn.ts";
import { stageWords } from "../words.ts";
import { LineText } from "./line-text.tsx";

interface LogRowProps {
	line: LogEntry;
	/** The first line of its stage carries the stage's name above it. */
	opensStage: boolean;
	wrap: boolean;
	timestamps: boolean;
	query: string;
	selected: boolean;
	current: boolean;
	onSelect: (n: number) => void;
}

/** A line that exists and has not come yet. */
export function AwaitedRow({ n }: { n: number }) {
	return (
		<div data-awaited className="flex h-5 px-3 text-log-muted">
			<span className="w-[5ch] shrink-0 select-none pr-[1ch] text-right">{n}</span>
			<span aria-hidden="true">…</span>
		</div>
	);
}

export const LogRow = memo(function LogRow({ line, opensStage, wrap, timestamps, query, selected, current, onSelect }: LogRowProps) {
	return (
		<>
			{opensStage && line.stage && (
				<div className="flex items-center gap-2 px-3 pt-2 pb-1 font-sans font-semibold text-log-muted text-xs">
					{stageWords[line.stage].name}
					<span aria-hidden="true" className="h-px flex-1 bg-border" />
				</div>
			)}
			<div
				className={cn(
					"flex items-start px-3 hover:bg-log-selected/40",
					selected && "bg-log-selected",
					current && "outline-1 outline-ring -outline-offset-1",
				)}
			>
				<a
					href={`?line=${line.n}`}
					onClick={(event) => {
						if (event.metaKey || event.ctrlKey || event.shiftKey) return;
						event.preventDefault();
						onSelect(line.n);
					}}
					tabIndex={-1}
					aria-label={`Link to line ${line.n}`}
					className="w-[5ch] shrink-0 select-none pr-[1ch] text-right text-log-muted hover:text-log-foreground hover:underline"
				>
					{line.n}
				</a>
				{timestamps && <span className="shrink-0 select-none pr-[1.5ch] text-log-muted">{line.at.slice(11, 23)}</span>}
				<span
					className={cn(
						"min-h-5 flex-1",
						wrap ? "min-w-0 whitespace-pre-wrap break-words [overflow-wrap:anywhere]" : "whitespace-pre",
						line.from === "quayside" && "text-info",
					)}
				>
					<LineText raw={line.text} query={query} />
				</span>
			</div>
		</>
	);
});
