"use client";
import { ChevronDown, ChevronUp, Clock, Download, WrapText } from "lucide-react";
import { type RefObject, useId } from "react";
import { type Stage, stages } from "#lib/protocol/index.ts";
import { Button } from "../../ui/button.tsx";
import { NativeSelect } from "../../ui/input.tsx";
import { SearchField } from "../../ui/search-field.tsx";
import { CopyButton } from "../copy-button.tsx";
import { stageWords } from "../words.ts";

interface LogToolbarProps {
	search: RefObject<HTMLInputElement | null>;
	download: string | null;
	stage: Stage | null;
	onStage: (stage: Stage | null) => void;
	query: string;
	onQuery: (query: string) => void;
	matches: number;
	/** What of the log was looked through, where it is not all of it. */
	covered: string | null;
	match: number;
	onMatch: (match: number) => void;
	wrap: boolean;
	onWrap: (wrap: boolean) => void;
	timestamps: boolean;
	onTimestamps: (timestamps: boolean) => void;
	text: () => string | Promise<string>;
}

const pressed = "aria-pressed:border-foreground aria-pressed:bg-sunken";

export function LogToolbar(props: LogToolbarProps) {
	const { stage, query, matches, covered, match, onMatch } = props;
	const counted = useId();
	return (
		<div role="toolbar" aria-label="Log" className="flex flex-wrap items-center gap-2 border-border border-b bg-surface p-2">
			<NativeSelect
				aria-label="Show the log of"
				className="h-8 w-auto"
				value={stage ?? ""}
				onChange={(event) => props.onStage(stages.find((candidate) => candidate === event.target.value) ?? null)}
			>
				<option value="">All stages</option>
				{stages.map((name) => (
					<option key={name} value={name}>
						{stageWords[name].name}
					</option>
				))}
			</NativeSelect>
			<SearchField
				ref={props.search}
				aria-label="Search the log"
				placeholder="Search"
				value={query}
				onChange={(event) => props.onQuery(event.target.value)}
				onKeyDown={(event) => {
					if (event.key !== "Enter") return;
					event.preventDefault();
					onMatch(event.shiftKey ? match - 1 : match + 1);
				}}
			/>
			{query === "" && stage !== null && <output className="text-muted-foreground text-xs">{covered}</output>}
			{query !== "" && (
				<div className="flex items-center gap-1">
					<output id={counted} className="min-w-14 text-muted-foreground text-xs">
						{matches > 0 ? `${match + 1} of ${matches}` : covered === null ? "No match" : ""} {covered}
					</output>
					<Button
						variant="ghost"
						size="icon-sm"
						aria-label="Match before"
						aria-describedby={counted}
						disabled={matches === 0}
						onClick={() => onMatch(match - 1)}
					>
						<ChevronUp aria-hidden="true" />
					</Button>
					<Button
						variant="ghost"
						size="icon-sm"
						aria-label="Next match"
						aria-describedby={counted}
						disabled={matches === 0}
						onClick={() => onMatch(match + 1)}
					>
						<ChevronDown aria-hidden="true" />
					</Button>
				</div>
			)}
			<div className="ml-auto flex items-center gap-1">
				<Button
					variant="ghost"
					size="icon-sm"
					className={pressed}
					aria-pressed={props.wrap}
					title="Wrap long lines"
					onClick={() => props.onWrap(!props.wrap)}
				>
					<WrapText aria-hidden="true" />
					<span className="sr-only">Wrap long lines</span>
				</Button>
				<Button
					variant="ghost"
					size="icon-sm"
					className={pressed}
					aria-pressed={props.timestamps}
					title="Show times"
					onClick={() => props.onTimestamps(!props.timestamps)}
				>
					<Clock aria-hidden="true" />
					<span className="sr-only">Show times</span>
				</Button>
				<CopyButton text={props.text} variant="ghost" iconOnly>
					Copy the log
				</CopyButton>
				{props.download && (
					<Button asChild variant="ghost" size="icon-sm" title="Download the log">
						<a href={props.download} download>
							<Download aria-hidden="true" />
							<span className="sr-only">Download the log</span>
						</a>
					</Button>
				)}
			</div>
		</div>
	);
}
