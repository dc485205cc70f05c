"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { timedTypes } from "#lib/deployment/timing.ts";
import { formatCount, formatDuration, formatElapsed } from "#lib/format.ts";
import { isTerminal, type TimingView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { DeploymentBadge } from "../deployments/status.tsx";
import type { LiveDeployment } from "../live/deployment-feed.ts";
import { useNow } from "../shell/clock.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { cn } from "../ui/cn.ts";
import { Panel } from "../ui/panel.tsx";
import { differenceOf, endMsOf, rowsOf, type TimelineRow } from "./timeline-rows.ts";

const timed: ReadonlySet<string> = new Set(timedTypes);
const shownEarlier = 8;

/** When everything happened, how long it took, and whether that is usual here. From what was stored alone. */
export function TimelineTab({ deployment }: { deployment: LiveDeployment }) {
	const { state, events } = deployment;
	const newest = events.findLast(({ type }) => timed.has(type))?.seq ?? 0;
	const query = useQuery({
		queryKey: ["timing", state.id, newest],
		queryFn: () => client.deployments.timing(state.id),
		placeholderData: keepPreviousData,
	});
	return (
		<QueryState what="timeline" query={query}>
			{(timing) => (
				<div className="grid grid-cols-1 gap-5">
					<Waterfall timing={timing} state={state} />
					<Earlier timing={timing} id={state.id} />
				</div>
			)}
		</QueryState>
	);
}

function Waterfall({ timing, state }: { timing: TimingView; state: LiveDeployment["state"] }) {
	const now = useNow();
	const endMs = endMsOf(timing, state.status, now);
	const rows = rowsOf(timing, state.stages);
	return (
		<Panel title="Timeline" about={aboutOf(timing)}>
			<ol data-timeline className="grid grid-cols-1 gap-y-3 text-sm md:gap-y-1.5">
				{rows.map((row) => (
					<Row key={row.key} row={row} endMs={endMs} ended={isTerminal(state.status)} />
				))}
			</ol>
			<p className="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-muted-foreground text-xs">
				<span className="inline-flex items-center gap-1.5">
					<span aria-hidden="true" className={cn("h-2.5 w-6 rounded-sm", hatched)} /> waiting, nothing runs
				</span>
				{timing.usual.deployments > 0 && (
					<span className="inline-flex items-center gap-1.5">
						<span aria-hidden="true" className="h-3.5 w-0.5 bg-foreground" /> where it is usually done
					</span>
				)}
			</p>
		</Panel>
	);
}

function aboutOf({ usual }: TimingView): string {
	if (usual.deployments === 0 || usual.workMs === null)
		return "No earlier deployment of this project succeeded, so there is nothing to compare with.";
	const of =
		usual.deployments === 1 ? "The earlier deployment that succeeded" : `Median of ${usual.deployments} earlier deployments that succeeded`;
	return `${of}: ${formatDuration(usual.workMs)} of work, ${formatDuration(usual.queuedMs ?? 0)} in the queue.`;
}

const hatched = "bg-[repeating-linear-gradient(135deg,var(--muted-foreground)_0_2px,transparent_2px_6px)] border border-input";

const inks: Readonly<Record<TimelineRow["status"], string>> = {
	pending: "bg-border",
	running: "bg-info",
	waiting: "bg-warning",
	succeeded: "bg-success",
	failed: "bg-danger",
	skipped: "bg-muted-foreground",
	cancelled: "bg-muted-foreground",
};

function Row({ row, endMs, ended }: { row: TimelineRow; endMs: number; ended: boolean }) {
	const until = row.endMs ?? endMs;
	const took = row.endMs === null ? null : row.endMs - row.startMs;
	return (
		<li
			data-row={row.kind}
			data-status={row.status}
			className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 md:grid-cols-[9rem_minmax(0,1fr)_6rem_13rem]"
		>
			<span className={cn("truncate", row.kind === "part" ? "pl-4 text-muted-foreground text-xs" : "font-medium")}>
				{row.name}
				{row.status === "failed" && <span className="font-normal text-danger"> failed</span>}
				{row.status === "cancelled" && row.kind === "stage" && <span className="font-normal text-muted-foreground"> cancelled</span>}
			</span>
			<span
				aria-hidden="true"
				className="relative order-last col-span-2 h-4 overflow-hidden rounded-sm bg-sunken md:order-none md:col-span-1"
			>
				{row.kind !== "none" && (
					<span
						className={cn(
							"absolute inset-y-0 min-w-[3px] rounded-sm",
							row.kind === "wait" ? hatched : inks[row.status],
							row.kind === "part" && "inset-y-1 opacity-60",
						)}
						style={{ left: `${percent(row.startMs, endMs)}%`, width: `${percent(until - row.startMs, endMs)}%` }}
					/>
				)}
				{row.usual && row.startMs + row.usual.ms <= endMs && (
					<span className="absolute inset-y-0 w-0.5 bg-foreground" style={{ left: `${percent(row.startMs + row.usual.ms, endMs)}%` }} />
				)}
			</span>
			<span className="text-right md:text-left">
				{row.word !== null ? (
					<span className="text-muted-foreground">{row.word}</span>
				) : took !== null ? (
					formatDuration(took)
				) : ended ? (
					"not measured"
				) : (
					formatElapsed(until - row.startMs)
				)}
			</span>
			<span className="col-span-2 text-muted-foreground text-xs md:col-span-1">
				{row.usual && (
					<>
						median {formatDuration(row.usual.ms)}
						{took !== null && row.status === "succeeded" && `, ${differenceText(took, row.usual.ms)}`}
					</>
				)}
			</span>
		</li>
	);
}

function differenceText(ms: number, usualMs: number): string {
	const difference = differenceOf(ms, usualMs);
	return difference === "as usual" ? difference : `${formatDuration(difference.ms)} ${difference.than}`;
}

const percent = (part: number, whole: number): number => Math.min(100, Math.max(0, (part / whole) * 100));

function Earlier({ timing, id }: { timing: TimingView; id: string }) {
	if (timing.earlier.length === 0) return null;
	return (
		<Panel title="Earlier deployments" about="What is different shows when two of them lie beside each other.">
			<ul className="divide-y divide-border text-sm">
				{timing.earlier.slice(0, shownEarlier).map((one) => (
					<li key={one.id} className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 py-1.5">
						<Link href={`/deployments/${one.id}`} className="min-w-10 font-medium underline-offset-4 hover:underline">
							#{one.number}
						</Link>
						<DeploymentBadge status={one.status} />
						<span className="text-muted-foreground">{one.workMs === null ? "never started" : formatDuration(one.workMs)}</span>
						<Ago at={one.queuedAt} className="text-muted-foreground text-xs" />
						<Link href={`/deployments/${id}/compare?with=${one.id}`} className="ml-auto py-1 text-info underline underline-offset-4">
							Compare<span className="sr-only"> with #{one.number}</span>
						</Link>
					</li>
				))}
			</ul>
			{timing.earlier.length > shownEarlier && (
				<p className="mt-2 text-muted-foreground text-xs">
					{formatCount(timing.earlier.length - shownEarlier, "older one")} can be chosen on the page that compares.
				</p>
			)}
		</Panel>
	);
}
