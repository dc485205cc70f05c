"use client";
import { CornerDownLeft, User } from "lucide-react";
import { useMemo, useRef } from "react";
import { conversationOf, type Speaker, type Turn } from "#lib/deployment/conversation.ts";
import { retryChoices } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { type AgentName, agentOfStage, isTerminal, type ModelUsage, type Stage, stages } from "#lib/protocol/index.ts";
import type { LiveDeployment } from "../../live/deployment-feed.ts";
import { CallFailure } from "../../shell/call-failure.tsx";
import { Loading } from "../../shell/loading.tsx";
import { Button } from "../../ui/button.tsx";
import { cn } from "../../ui/cn.ts";
import { AgentIcon } from "../agent-icon.tsx";
import { Ago } from "../elapsed.tsx";
import { JumpToLatest } from "../log/jump-to-latest.tsx";
import { useFollow } from "../log/use-follow.ts";
import { StatusIcon } from "../status.tsx";
import { type PastAndLive, useTimeline } from "../use-timeline.ts";
import { costOf, whatItTook } from "../what-it-took.ts";
import { agentLooks, agentRoles, isAtWork } from "../words.ts";
import { ItemView } from "./item-view.tsx";
import { Prose } from "./prose-view.tsx";

interface ConversationProps {
	deployment: LiveDeployment;
	/** What it used of models; null until that is known. */
	used: ModelUsage | null;
	/** Starts a new deployment from a stage of this one. */
	onRetry: (from: Stage) => void;
	retrying: boolean;
}

/** What the agents say to the person who deploys, and to each other: oldest first, growing as they speak. */
export function Conversation({ deployment, used, onRetry, retrying }: ConversationProps) {
	const timeline = useTimeline(deployment);
	const { events, error } = timeline;
	if (events.length === 0) return error ? <CallFailure error={error} /> : <Loading what="conversation" />;
	return <Turns state={deployment.state} timeline={timeline} used={used} onRetry={onRetry} retrying={retrying} />;
}

interface TurnsProps extends Omit<ConversationProps, "deployment"> {
	state: DeploymentState;
	timeline: PastAndLive;
}

function Turns({ state, timeline: { events, error, readMore, reading }, used, onRetry, retrying }: TurnsProps) {
	const pane = useRef<HTMLElement>(null);
	const length = events.length + (state.speaking?.text.length ?? 0);
	const follow = useFollow(pane, events.length, length, true, ignore);
	const turns = useMemo(() => conversationOf(events), [events]);
	const choices = retryChoices(state);
	const retryOf = (speaker: Speaker) => {
		const from = stages.findLast((stage) => agentOfStage[stage] === speaker && choices.includes(stage));
		return from === undefined ? null : { from, onRetry: () => onRetry(from), retrying };
	};
	return (
		<div className="grid grid-cols-1 gap-2">
			<div className="relative">
				<section
					ref={pane}
					aria-label="Conversation"
					// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
					tabIndex={0}
					className="h-[clamp(22rem,58vh,44rem)] overflow-y-auto overflow-x-hidden rounded-lg border border-border bg-surface p-3 sm:p-4"
				>
					{readMore && (
						<div className="mb-4 grid justify-items-center gap-2">
							<CallFailure error={error} />
							<Button variant="outline" size="sm" disabled={reading} onClick={readMore}>
								Show what was said before
							</Button>
						</div>
					)}
					<ol className="grid grid-cols-1 gap-5">
						{turns.map((turn) => (
							<TurnView key={turn.id} turn={turn} deploymentId={state.id} retry={retryOf(turn.speaker)} />
						))}
						<Now state={state} />
					</ol>
				</section>
				<JumpToLatest follow={follow} longer={false} />
			</div>
			<p className="min-h-10 text-muted-foreground text-sm sm:min-h-5" data-used>
				{isTerminal(state.status) && [...whatItTook(state, used), ...costOf(used)].join(" · ")}
			</p>
		</div>
	);
}

const ignore = () => {};

function TurnView({ turn, deploymentId, retry }: { turn: Turn; deploymentId: string; retry: Parameters<typeof ItemView>[0]["retry"] }) {
	const { speaker, at, items } = turn;
	return (
		<li data-speaker={speaker} className="grid grid-cols-[2rem_minmax(0,1fr)] gap-3">
			<Face speaker={speaker} />
			<div className="grid min-w-0 grid-cols-1 gap-2">
				<p className="flex flex-wrap items-baseline gap-x-2 text-sm">
					<span className="font-semibold">{speaker === "you" ? "You" : speaker}</span>
					<span className="text-muted-foreground text-xs">{isAgent(speaker) ? agentRoles[speaker] : ""}</span>
					<Ago at={at} className="ml-auto text-muted-foreground text-xs" />
				</p>
				{items.map((item) => (
					<ItemView key={item.id} item={item} deploymentId={deploymentId} retry={retry} />
				))}
			</div>
		</li>
	);
}

/** What is being said at this moment, or who is at it. */
function Now({ state }: { state: DeploymentState }) {
	const { speaking } = state;
	const busy = isTerminal(state.status) ? undefined : state.agents.find(({ status }) => isAtWork(status));
	const name = speaking?.agent ?? busy?.name;
	if (!name) return null;
	return (
		<li data-speaker={name} data-now className="grid grid-cols-[2rem_minmax(0,1fr)] gap-3">
			<Face speaker={name} />
			<div className="grid min-w-0 grid-cols-1 gap-1.5">
				<p className="flex flex-wrap items-center gap-x-2 text-sm">
					<span className="font-semibold">{name}</span>
					<span className="inline-flex items-center gap-1.5 text-info text-xs">
						<StatusIcon shape="typing" />
						{speaking ? "is answering" : `is ${agentLooks[busy?.status ?? "working"].label.toLowerCase()}`}
					</span>
				</p>
				{speaking ? (
					<div data-growing>
						<Prose text={speaking.text} />
					</div>
				) : (
					<p className="break-words text-muted-foreground text-sm">{busy?.task}</p>
				)}
			</div>
		</li>
	);
}

const isAgent = (speaker: Speaker): speaker is AgentName => speaker !== "you" && speaker !== "Quayside";

function Face({ speaker }: { speaker: Speaker }) {
	const ours = isAgent(speaker);
	return (
		<span
			className={cn(
				"grid size-8 place-items-center rounded-md",
				ours ? "bg-info-soft text-info" : "border border-border bg-sunken text-muted-foreground",
			)}
		>
			{ours ? (
				<AgentIcon name={speaker} className="size-4" />
			) : speaker === "you" ? (
				<User aria-hidden="true" className="size-4" />
			) : (
				<CornerDownLeft aria-hidden="true" className="size-4" />
			)}
		</span>
	);
}
