"use client";
import { useRef } from "react";
import type { AgentState } from "#lib/deployment/state.ts";
import { cn } from "../ui/cn.ts";
import { Progress } from "../ui/progress.tsx";
import { AgentIcon } from "./agent-icon.tsx";
import { Elapsed } from "./elapsed.tsx";
import { AgentBadge } from "./status.tsx";
import { useCurrentInView } from "./use-current-in-view.ts";
import { agentRoles, isAtWork } from "./words.ts";

const tones = {
	idle: "neutral",
	thinking: "info",
	working: "info",
	waiting: "neutral",
	done: "success",
	failed: "danger",
	skipped: "neutral",
} as const;

/** Lies over the card's edge and comes and goes by its opacity alone, which costs the page no new picture. */
const ring =
	"after:pointer-events-none after:absolute after:-inset-px after:rounded-lg after:border-2 after:opacity-0 after:transition-opacity after:duration-300 after:content-['']";

const isCurrent = ({ status }: AgentState) => isAtWork(status) || status === "failed";

/** One agent: who it is, what it does now, how far it is. Its box never changes size. */
export function AgentCard({ agent }: { agent: AgentState }) {
	const atWork = isAtWork(agent.status);
	const action = agent.status === "done" ? (agent.response ?? agent.task) : agent.task;
	return (
		<li
			tabIndex={-1}
			data-agent={agent.name}
			data-current={isCurrent(agent) || undefined}
			data-status={agent.status}
			className={cn(
				"relative flex h-40 w-56 shrink-0 snap-start flex-col rounded-lg border border-border bg-surface p-3 xl:w-auto",
				ring,
				(atWork || agent.status === "failed") && "after:opacity-100",
				agent.status === "failed" ? "after:border-danger" : "after:border-info",
			)}
		>
			<div className="flex items-start gap-2.5">
				<span
					className={cn(
						"grid size-9 shrink-0 place-items-center rounded-md bg-sunken text-muted-foreground",
						atWork && "bg-info-soft text-info",
						agent.status === "done" && "bg-success-soft text-success",
						agent.status === "failed" && "bg-danger-soft text-danger",
					)}
				>
					<AgentIcon name={agent.name} className="size-5" />
				</span>
				<div className="min-w-0 flex-1">
					<div className="flex items-center justify-between gap-2">
						<h3 className="truncate font-semibold text-sm">{agent.name}</h3>
						<AgentBadge status={agent.status} />
					</div>
					<p className="truncate text-muted-foreground text-xs">{agentRoles[agent.name]}</p>
				</div>
			</div>
			<p className="mt-2.5 line-clamp-2 h-9 text-[0.8125rem] leading-[1.125rem]" title={action}>
				{action || <span className="text-muted-foreground">Has not started</span>}
			</p>
			<div className="mt-auto">
				<div className="flex h-5 items-center justify-between text-muted-foreground text-xs">
					{agent.degraded && (
						<span className="order-last font-medium text-warning" title={agent.degraded.message}>
							Degraded
						</span>
					)}
					<span>{agent.status === "idle" || agent.progress !== null ? `${Math.round(agent.progress ?? 0)} %` : ""}</span>
					{agent.startedAt && <Elapsed from={agent.startedAt} to={agent.finishedAt} />}
				</div>
				<Progress
					value={agent.status === "idle" ? 0 : agent.progress}
					active={atWork}
					label={`Progress of the ${agent.name}`}
					tone={tones[agent.status]}
					className="mt-1"
				/>
			</div>
		</li>
	);
}

export function AgentRow({ agents }: { agents: readonly AgentState[] }) {
	const row = useRef<HTMLUListElement>(null);
	useCurrentInView(row, agents.find(isCurrent)?.name ?? "");
	return (
		<section>
			<h2 className="sr-only">Agents</h2>
			<ul
				ref={row}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
				tabIndex={0}
				aria-label="Agents"
				className="-mx-1 flex snap-x gap-3 overflow-x-auto p-1 xl:grid xl:grid-cols-5"
			>
				{agents.map((agent) => (
					<AgentCard key={agent.name} agent={agent} />
				))}
			</ul>
		</section>
	);
}
