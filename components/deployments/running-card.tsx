"use client";
import Link from "next/link";
import { formatCount } from "#lib/format.ts";
import { type AgentStatus, agentStatuses, agents, type DeploymentRow } from "#lib/protocol/index.ts";
import { LinkPending } from "../shell/link-pending.tsx";
import { cn } from "../ui/cn.ts";
import { Progress } from "../ui/progress.tsx";
import { AgentIcon } from "./agent-icon.tsx";
import { Elapsed } from "./elapsed.tsx";
import { DeploymentBadge } from "./status.tsx";
import { agentLooks, stageWords } from "./words.ts";

/** A deployment that is going on, at a glance. */
export function RunningCard({ row }: { row: DeploymentRow }) {
	return (
		<article
			data-deployment={row.id}
			data-status={row.status}
			data-stage={row.stage ?? ""}
			className="relative grid h-44 content-between gap-2 rounded-lg border border-border bg-surface p-4 hover:border-input"
		>
			<div>
				<div className="flex items-center justify-between gap-2">
					<h3 className="min-w-0 truncate font-semibold">
						<Link href={`/deployments/${row.id}`} className="after:absolute after:inset-0 after:rounded-lg">
							{row.project.name} <span className="font-normal text-muted-foreground">#{row.number}</span> <LinkPending className="inline" />
						</Link>
					</h3>
					<DeploymentBadge status={row.status} />
				</div>
				<p className="mt-1.5 line-clamp-2 h-10 text-muted-foreground text-sm">{row.text}</p>
			</div>
			<AgentDots statuses={row.agentStatuses} />
			<div>
				<div className="mb-1.5 flex justify-between gap-2 text-muted-foreground text-xs">
					<span>{row.stage ? `${stageWords[row.stage].name}, ${Math.round(row.progress)} %` : queueText(row.ahead)}</span>
					<Elapsed from={row.startedAt ?? row.queuedAt} to={row.finishedAt} />
				</div>
				<Progress value={row.progress} label={`Progress of ${row.project.name} #${row.number}`} />
			</div>
		</article>
	);
}

function queueText(ahead: number | null): string {
	if (ahead === null) return "Starting";
	return ahead === 0 ? "Next in line" : `${formatCount(ahead, "deployment")} before this one`;
}

const dots: Readonly<Record<AgentStatus, string>> = {
	idle: "border-border text-muted-foreground",
	thinking: "border-info bg-info-soft text-info",
	working: "border-info bg-info-soft text-info",
	waiting: "border-warning bg-warning-soft text-warning",
	done: "border-success/40 bg-success-soft text-success",
	failed: "border-danger bg-danger-soft text-danger",
	skipped: "border-dashed border-input text-muted-foreground",
};

/** The five agents as small lights. */
function AgentDots({ statuses }: { statuses: readonly string[] }) {
	return (
		<ul aria-label="Agents" className="flex gap-1.5">
			{agents.map((name, index) => {
				const status = agentStatuses.find((known) => known === statuses[index]) ?? "idle";
				const label = `${name}: ${agentLooks[status].label}`;
				return (
					<li key={name} title={label} className={cn("grid size-7 place-items-center rounded-md border", dots[status])}>
						<AgentIcon name={name} className="size-4" />
						<span className="sr-only">{label}</span>
					</li>
				);
			})}
		</ul>
	);
}
