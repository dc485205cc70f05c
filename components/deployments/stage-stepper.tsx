"use client";
import { useRef } from "react";
import type { StageState } from "#lib/deployment/state.ts";
import { formatDuration } from "#lib/format.ts";
import type { Stage } from "#lib/protocol/index.ts";
import { cn } from "../ui/cn.ts";
import { Elapsed } from "./elapsed.tsx";
import { StatusIcon } from "./status.tsx";
import { useCurrentInView } from "./use-current-in-view.ts";
import { stageLooks, stageWords } from "./words.ts";

const nodes: Readonly<Record<StageState["status"], string>> = {
	pending: "border-input bg-surface text-muted-foreground",
	running: "border-info bg-info-soft text-info",
	waiting: "border-warning bg-warning-soft text-warning",
	succeeded: "border-success bg-success-soft text-success",
	failed: "border-danger bg-danger-soft text-danger",
	skipped: "border-input bg-sunken text-muted-foreground",
	cancelled: "border-input bg-sunken text-muted-foreground",
};

const isCurrent = ({ status }: StageState) => status === "running" || status === "failed";

interface StageStepperProps {
	stages: readonly StageState[];
	selected: Stage | null;
	onSelect: (stage: Stage | null) => void;
}

/** The eight stages from left to right. Choosing one shows its part of the log. */
export function StageStepper({ stages, selected, onSelect }: StageStepperProps) {
	const row = useRef<HTMLOListElement>(null);
	useCurrentInView(row, stages.find(isCurrent)?.stage ?? "");
	return (
		<nav aria-label="Stages">
			<ol
				ref={row}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
				tabIndex={0}
				aria-label="Stages"
				className="-mx-1 flex snap-x overflow-x-auto p-1 lg:grid lg:grid-cols-8"
			>
				{stages.map((state, index) => (
					<Step key={state.stage} state={state} number={index + 1} selected={selected === state.stage} onSelect={onSelect} />
				))}
			</ol>
		</nav>
	);
}

function Step({
	state,
	number,
	selected,
	onSelect,
}: {
	state: StageState;
	number: number;
	selected: boolean;
	onSelect: StageStepperProps["onSelect"];
}) {
	const look = stageLooks[state.status];
	const { name } = stageWords[state.stage];
	const reached = state.status !== "pending";
	return (
		<li
			className="relative w-36 shrink-0 snap-start lg:w-auto"
			data-current={isCurrent(state) || undefined}
			data-stage={state.stage}
			data-status={state.status}
		>
			{number > 1 && (
				<span
					aria-hidden="true"
					className={cn(
						"absolute top-[1.375rem] right-[calc(100%-0.25rem)] left-[calc(-100%+2.75rem)] h-0.5",
						reached && state.status !== "skipped" ? "bg-success/60" : "bg-border",
					)}
				/>
			)}
			<button
				type="button"
				aria-pressed={selected}
				title={state.text || undefined}
				onClick={() => onSelect(selected ? null : state.stage)}
				className={cn(
					"flex h-28 w-full flex-col items-start rounded-md p-2 text-left hover:bg-sunken",
					selected && "bg-sunken shadow-[inset_0_0_0_1px_var(--input)]",
				)}
			>
				<span className="flex w-full items-center gap-2">
					<span
						className={cn("relative grid size-7 shrink-0 place-items-center rounded-full border-2 [&_svg]:size-3.5", nodes[state.status])}
					>
						{reached ? <StatusIcon shape={look.shape} /> : <span className="text-xs">{number}</span>}
					</span>
				</span>
				<span className="mt-1.5 flex w-full items-baseline justify-between gap-1">
					<span className={cn("font-medium text-[0.8125rem]", !reached && "text-muted-foreground")}>
						{name}
						<span className="sr-only">, {look.label}</span>
					</span>
					<span className="text-muted-foreground text-xs">
						<StepTime state={state} />
					</span>
				</span>
				<span className="line-clamp-2 w-full text-muted-foreground text-xs leading-4">{state.text || look.label}</span>
			</button>
		</li>
	);
}

function StepTime({ state }: { state: StageState }) {
	if (state.reused) return "reused";
	if (state.durationMs !== null) return formatDuration(state.durationMs);
	if (state.status === "running" && state.startedAt) return <Elapsed from={state.startedAt} />;
	return null;
}
