"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useDeferredValue, useEffect, useRef, useState } from "react";
import type { LogStore } from "#lib/live/log-store.ts";
import type { LogEntry, Stage } from "#lib/protocol/index.ts";
import { Loading } from "../../shell/loading.tsx";
import { cn } from "../../ui/cn.ts";
import { JumpToLatest } from "./jump-to-latest.tsx";
import { placeOf } from "./log-index.ts";
import { AwaitedRow, LogRow } from "./log-row.tsx";
import { plainText } from "./log-text.ts";
import { LogToolbar } from "./log-toolbar.tsx";
import { isLongerThan, useFollow } from "./use-follow.ts";
import { useLogCommands } from "./use-log-commands.ts";
import { useLogLines } from "./use-log-lines.ts";

const rowHeightPx = 20;
const renderedBeyond = 15;
/** Lines that are fetched before the reader comes to them. */
const fetchedBeyond = 200;

export interface LogViewerProps {
	log: LogStore;
	/** Address of the log as a file; null where there is none to have. */
	download: string | null;
	stage: Stage | null;
	onStage: (stage: Stage | null) => void;
	query: string;
	onQuery: (query: string) => void;
	/** Number of the line a link points to. */
	line: number | null;
	onLine: (line: number | null) => void;
	/** True while more may come. */
	live: boolean;
	/** Told when the reader leaves the end of the log (true), and when they are back at it. */
	onHold: (held: boolean) => void;
}

/** The log: virtual rows, so a long one costs no more than a short one; a named region that speaks only when asked. */
export function LogViewer(props: LogViewerProps) {
	const { log, download, stage, onStage, query, onQuery, line, onLine, live, onHold } = props;
	const [wrap, setWrap] = useState(true);
	const [timestamps, setTimestamps] = useState(false);
	const searched = useDeferredValue(query);
	const { count, numberOf, rowOf, at, shown, first, matches, covered } = useLogLines(log, stage, searched);

	const pane = useRef<HTMLDivElement>(null);
	const keyOf = useCallback((row: number) => (shown ? (shown[row] ?? -row) : first + row), [shown, first]);
	const rows = useVirtualizer({
		count,
		getScrollElement: () => pane.current,
		estimateSize: () => rowHeightPx,
		overscan: renderedBeyond,
		getItemKey: keyOf,
		initialOffset: () => (line === null ? count : (rowOf(line) ?? 0)) * rowHeightPx,
		// Keeps the line that is read where it is when older lines come in above it.
		anchorTo: "end",
	});
	const items = rows.getVirtualItems();
	const following = useFollow(pane, log.last(), rows.getTotalSize(), line === null, onHold);
	const unseen = shown && !following.following ? shown.length - placeOf(shown, following.seen + 1) : following.unseen;
	const follow = { ...following, unseen };

	const top = items[0] && numberOf(items[0].index);
	const bottom = items.at(-1) && numberOf(items.at(-1)?.index ?? 0);
	useEffect(() => {
		if (shown === null && top && bottom) log.want(top - fetchedBeyond, bottom + fetchedBeyond);
	}, [log, shown, top, bottom]);

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
		const row = rowOf(line);
		if (row === null) return;
		linked.current = line;
		goTo(row);
	}, [line, rowOf, goTo]);

	// By its number: older matches may still come in before it.
	const [matched, setMatched] = useState<number | null>(null);
	const match = matched === null ? 0 : Math.min(placeOf(matches, matched), Math.max(0, matches.length - 1));
	const toMatch = (next: number) => {
		const n = matches.at(next % Math.max(1, matches.length));
		const row = n === undefined ? null : rowOf(n);
		if (n === undefined || row === null) return;
		setMatched(n);
		goTo(row);
	};
	const selectLine = useCallback(
		(n: number) => {
			linked.current = n;
			onLine(n);
		},
		[onLine],
	);

	const search = useRef<HTMLInputElement>(null);
	useLogCommands({
		search,
		onFollow: follow.jump,
		onWrap: () => setWrap(!wrap),
		onTimestamps: () => setTimestamps(!timestamps),
		onMatch: matches.length === 0 ? null : (step) => toMatch(match + step),
	});

	return (
		<div className="overflow-hidden rounded-lg border border-border bg-log">
			<LogToolbar
				search={search}
				download={download}
				stage={stage}
				onStage={onStage}
				query={query}
				onQuery={(next) => {
					setMatched(null);
					onQuery(next);
				}}
				matches={matches.length}
				covered={covered}
				match={match}
				onMatch={toMatch}
				wrap={wrap}
				onWrap={setWrap}
				timestamps={timestamps}
				onTimestamps={setTimestamps}
				text={async () => {
					await log.whole();
					return textOf(log, stage);
				}}
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
						(stage !== null && covered !== null ? (
							<Loading what="log" className="p-4" />
						) : (
							<p className="p-4 font-sans text-log-muted text-sm">{emptyText(stage, live)}</p>
						))}
					<div className="relative w-full" style={{ height: rows.getTotalSize() }}>
						{items.map((item) => {
							const entry = at(item.index);
							return (
								<div
									key={item.key}
									ref={entry && rows.measureElement}
									data-index={item.index}
									className={cn("absolute left-0", wrap ? "w-full" : "min-w-full")}
									style={{ transform: `translateY(${item.start}px)` }}
								>
									{entry ? (
										<LogRow
											line={entry}
											opensStage={item.index === 0 || opensStage(at(item.index - 1), entry)}
											wrap={wrap}
											timestamps={timestamps}
											query={searched}
											selected={entry.n === line}
											current={matches[match] === entry.n}
											onSelect={selectLine}
										/>
									) : (
										<AwaitedRow n={numberOf(item.index)} />
									)}
								</div>
							);
						})}
					</div>
				</section>
				<JumpToLatest follow={follow} longer={isLongerThan(pane.current, rows.getTotalSize())} />
			</div>
		</div>
	);
}

function opensStage(before: LogEntry | undefined, entry: LogEntry): boolean {
	return before !== undefined && before.stage !== entry.stage;
}

/** The lines of a stage, or all of them, without their colours. */
function textOf(log: LogStore, stage: Stage | null): string {
	const lines = log.chunks().flatMap((chunk) => chunk.lines.filter((line) => line && (stage === null || line.stage === stage)));
	return lines.map((line) => plainText(line?.text ?? "")).join("\n");
}

function emptyText(stage: Stage | null, live: boolean): string {
	if (stage === null)
		return live ? "Nothing has been printed so far. Lines appear here as soon as there are some." : "Nothing was printed.";
	return live ? "This stage has printed nothing so far." : "This stage printed nothing.";
}
