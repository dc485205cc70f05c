"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useRef } from "react";
import { groupThousands } from "#lib/format.ts";
import type { ReleaseView } from "#lib/protocol/index.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { JumpToLatest } from "../deployments/log/jump-to-latest.tsx";
import { LineText } from "../deployments/log/line-text.tsx";
import { plainText } from "../deployments/log/log-text.ts";
import { isLongerThan, useFollow } from "../deployments/log/use-follow.ts";
import { CallFailure } from "../shell/call-failure.tsx";
import { Loading } from "../shell/loading.tsx";
import { NativeSelect } from "../ui/input.tsx";
import { SearchField } from "../ui/search-field.tsx";
import { maxRuntimeLines } from "./runtime-log-lines.ts";
import type { RuntimeLogReading } from "./use-runtime-log.ts";

const rowHeightPx = 20;
const renderedBeyond = 15;
const inUse = "";

interface RuntimeLogPaneProps {
	reading: RuntimeLogReading;
	/** Releases that have a log. */
	releases: readonly ReleaseView[];
	/** The release shown runs at this moment. */
	running: boolean;
	search: string;
	onSearch: (search: string) => void;
	release: string | null;
	onRelease: (release: string | null) => void;
	/** Told whether the reader has left the end. */
	onHold: (held: boolean) => void;
}

/** The lines of an app's output with what finds, chooses and copies them. */
export function RuntimeLogPane(props: RuntimeLogPaneProps) {
	const { reading, releases, running, search, onSearch, release, onRelease, onHold } = props;
	const searched = useDeferredValue(search.trim());
	const { lines, cursor, error } = reading;
	return (
		<div className="overflow-hidden rounded-lg border border-border bg-log">
			<div role="toolbar" aria-label="Runtime log" className="flex flex-wrap items-center gap-2 border-border border-b bg-surface p-2">
				<NativeSelect
					aria-label="Show the log of"
					className="h-8 w-auto max-w-full"
					value={release ?? inUse}
					onChange={(event) => onRelease(event.target.value || null)}
				>
					<option value={inUse}>The release in use</option>
					{releases.map(({ id, deploymentNumber }) => (
						<option key={id} value={id}>
							Release of #{deploymentNumber}
						</option>
					))}
				</NativeSelect>
				<SearchField
					aria-label="Search the runtime log"
					placeholder="Only lines with…"
					maxLength={200}
					value={search}
					onChange={(event) => onSearch(event.target.value)}
				/>
				<output className="text-muted-foreground text-xs" data-lines={lines.length}>
					{cursor !== null && countOf(reading, searched)}
				</output>
				<div className="ml-auto">
					<CopyButton text={() => lines.map(({ text }) => plainText(text)).join("\n")} variant="ghost" iconOnly>
						Copy the log
					</CopyButton>
				</div>
			</div>
			<CallFailure error={error} className="m-2" />
			<Lines reading={reading} query={searched} running={running} onHold={onHold} />
		</div>
	);
}

function countOf({ lines, cut }: RuntimeLogReading, searched: string): string {
	const count = `${groupThousands(lines.length)} ${lines.length === 1 ? "line" : "lines"}`;
	if (cut) return `the newest ${groupThousands(maxRuntimeLines)} lines`;
	return searched === "" ? count : `${count} with these words`;
}

interface LinesProps {
	reading: RuntimeLogReading;
	query: string;
	running: boolean;
	/** Told whether the reader has left the end. */
	onHold: (held: boolean) => void;
}

function Lines({ reading: { lines, cursor, error }, query, running, onHold }: LinesProps) {
	const pane = useRef<HTMLElement>(null);
	const rows = useVirtualizer({
		count: lines.length,
		getScrollElement: () => pane.current,
		estimateSize: () => rowHeightPx,
		overscan: renderedBeyond,
		getItemKey: (row) => lines[row]?.n ?? row,
	});
	const follow = useFollow(pane, lines.length, rows.getTotalSize(), true, onHold);
	return (
		<div className="relative">
			<section
				ref={pane}
				aria-label="Runtime log"
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
				tabIndex={0}
				data-log-pane
				className="h-[clamp(20rem,58vh,44rem)] overflow-auto py-2 font-mono text-[0.8125rem] text-log-foreground leading-5 [overflow-anchor:none] focus-visible:-outline-offset-2"
			>
				{lines.length === 0 &&
					(cursor === null ? (
						!error && <Loading what="log" className="p-4" />
					) : (
						<p className="p-4 font-sans text-log-muted text-sm">{emptyText(query, running)}</p>
					))}
				<div className="relative w-full" style={{ height: rows.getTotalSize() }}>
					{rows.getVirtualItems().map((item) => (
						<div
							key={item.key}
							ref={rows.measureElement}
							data-index={item.index}
							data-runtime-line
							className="absolute left-0 min-h-5 w-full whitespace-pre-wrap break-words px-3 [overflow-wrap:anywhere] hover:bg-log-selected/40"
							style={{ transform: `translateY(${item.start}px)` }}
						>
							<LineText raw={lines[item.index]?.text ?? ""} query={query} />
						</div>
					))}
				</div>
			</section>
			<JumpToLatest follow={follow} longer={isLongerThan(pane.current, rows.getTotalSize())} />
		</div>
	);
}

function emptyText(query: string, running: boolean): string {
	if (query !== "") return `No line has “${query}” in it${running ? " so far" : ""}.`;
	return running ? "The app has printed nothing so far. Lines appear here as soon as there are some." : "The app printed nothing.";
}
