"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine } from "lucide-react";
import { useCallback, useDeferredValue, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { LogEntry, LogStore } from "#lib/live/log-store.ts";
import type { Stage } from "#lib/protocol/index.ts";
import { Loading } from "../../shell/loading.tsx";
import { Button } from "../../ui/button.tsx";
import { cn } from "../../ui/cn.ts";
import { LogIndex } from "./log-index.ts";
import { LogRow } from "./log-row.tsx";
import { plainText } from "./log-text.ts";
import { LogToolbar } from "./log-toolbar.tsx";
import { useFollow } from "./use-follow.ts";

const rowHeightPx = 20;
const renderedBeyond = 15;

export interface LogViewerProps {
	log: LogStore;
	deploymentId: string;
	stage: Stage | null;
	onStage: (stage: Stage | null) => void;
	query: string;
	onQuery: (query: string) => void;
	/** Number of the line a link points to. */
	line: number | null;
	onLine: (line: number | null) => void;
	/** Lines that are known to exist; they may not have arrived yet. */
	expected: number;
	/** True while more may come. */
	live: boolean;
}

/** The log: virtual rows, so a long one costs no more than a short one; a named region that speaks only when asked. */
export function LogViewer({ log, deploymentId, stage, onStage, query, onQuery, line, onLine, expected, live }: LogViewerProps) {
	useSyncExternalStore(log.subscribe, log.version, log.version);
	const lines = log.lines();
	const [wrap, setWrap] = useState(true);
	const [timestamps, setTimestamps] = useState(false);
	const searched = useDeferredValue(query);
	const [index] = useState(() => new LogIndex());
	const { shown, matches } = index.update(lines, stage, searched);
	const count = shown ? shown.length : lines.length;
	const at = (row: number): LogEntry | undefined => lines[shown ? (shown[row] ?? -1) : row];

	const pane = useRef<HTMLDivElement>(null);
	const rows = useVirtualizer({
		count,
		getScrollElement: () => pane.current,
		estimateSize: () => rowHeightPx,
		overscan: renderedBeyond,
		getItemKey: (row) => at(row)?.n ?? row,
	});
	const follow = useFollow(pane, count, rows.getTotalSize(), line === null);

	const goTo = useCallback(
		(row: number) => {
			follow.leave();
			rows.scrollToIndex(row, { align: "center" });
		},
		[follow.leave, rows],
	);

	// A link to a line is followed once, as soon as the line is there.
	const linked = useRef<number | null>(null);
	useEffect(() => {
		if (line === null || linked.current === line) return;
		const row = shown ? shown.findIndex((entry) => lines[entry]?.n === line) : line - (lines[0]?.n ?? 1);
		if (row < 0 || row >= count) return;
		linked.current = line;
		goTo(row);
	}, [line, count, shown, lines, goTo]);

	const [match, setMatch] = useState(0);
	const toMatch = (next: number) => {
		if (matches.length === 0) return;
		const wrapped = (next + matches.length) % matches.length;
		setMatch(wrapped);
		goTo(matches[wrapped] ?? 0);
	};
	const selectLine = useCallback(
		(n: number) => {
			linked.current = n;
			onLine(n);
		},
		[onLine],
	);

	return (
		<div className="overflow-hidden rounded-lg border border-border bg-log">
			<LogToolbar
				deploymentId={deploymentId}
				stage={stage}
				onStage={onStage}
				query={query}
				onQuery={(next) => {
					setMatch(0);
					onQuery(next);
				}}
				matches={matches.length}
				match={match}
				onMatch={toMatch}
				wrap={wrap}
				onWrap={setWrap}
				timestamps={timestamps}
				onTimestamps={setTimestamps}
				text={() => Array.from({ length: count }, (_, row) => plainText(at(row)?.text ?? "")).join("\n")}
			/>
			<div className="relative">
				<section
					ref={pane}
					aria-label="Log"
					// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
					tabIndex={0}
					data-log-pane
					className="h-[clamp(22rem,58vh,44rem)] overflow-auto font-mono text-[0.8125rem] text-log-foreground leading-5 [overflow-anchor:none] focus-visible:-outline-offset-2"
				>
					{count === 0 &&
						(lines.length === 0 && expected > 0 ? (
							<Loading what="log" className="p-4" />
						) : (
							<p className="p-4 font-sans text-log-muted text-sm">{emptyText(stage, live)}</p>
						))}
					<div className="relative w-full" style={{ height: rows.getTotalSize() }}>
						{rows.getVirtualItems().map((item) => {
							const entry = at(item.index);
							if (!entry) return null;
							return (
								<div
									key={item.key}
									ref={rows.measureElement}
									data-index={item.index}
									className={cn("absolute left-0", wrap ? "w-full" : "min-w-full")}
									style={{ transform: `translateY(${item.start}px)` }}
								>
									<LogRow
										line={entry}
										opensStage={at(item.index - 1)?.stage !== entry.stage}
										wrap={wrap}
										timestamps={timestamps}
										query={searched}
										selected={entry.n === line}
										current={matches[match] === item.index}
										onSelect={selectLine}
									/>
								</div>
							);
						})}
					</div>
				</section>
				{!follow.following && count > 0 && (
					<Button size="sm" className="absolute right-4 bottom-4 shadow-md" onClick={follow.jump}>
						<ArrowDownToLine aria-hidden="true" />
						Jump to latest{follow.unseen > 0 && ` (${follow.unseen} new)`}
					</Button>
				)}
			</div>
		</div>
	);
}

function emptyText(stage: Stage | null, live: boolean): string {
	if (stage === null)
		return live ? "Nothing has been printed so far. Lines appear here as soon as there are some." : "Nothing was printed.";
	return live ? "This stage has printed nothing so far." : "This stage printed nothing.";
}
