import { Ban, CheckCircle2, Clock } from "lucide-react";
import Link from "next/link";
import { lazy, type ReactNode } from "react";
import { pendingApproval, rejectionOf } from "#lib/deployment/approvals.ts";
import { appliedFixes, commitOf } from "#lib/deployment/selectors.ts";
import type { DeploymentState, StageState } from "#lib/deployment/state.ts";
import { formatCount, shortCommit } from "#lib/format.ts";
import { type Activity, isTerminal, type ModelUsage } from "#lib/protocol/index.ts";
import { Late } from "../shell/late.tsx";
import { Loading } from "../shell/loading.tsx";
import { cn } from "../ui/cn.ts";
import { Skeleton } from "../ui/skeleton.tsx";
import { ActivityLine } from "./activity-line.tsx";
import { AgentIcon } from "./agent-icon.tsx";
import type { FailureHandlers } from "./failure-card.tsx";
import { whatItTook } from "./what-it-took.ts";
import { type ReleaseStanding, stageWords, standingWords } from "./words.ts";

// Most deployments need none. A page that is rendered with a failure has it in its first paint nevertheless.
const FailureCard = lazy(() => import("./failure-card.tsx").then((module) => ({ default: module.FailureCard })));
// Most deployments ask nothing.
const ApprovalBanner = lazy(() => import("../approvals/approval-banner.tsx").then((module) => ({ default: module.ApprovalBanner })));
const ApprovalFacts = lazy(() => import("../approvals/approval-facts.tsx").then((module) => ({ default: module.ApprovalFacts })));

interface BannerProps extends FailureHandlers {
	state: DeploymentState;
	activity: Activity | null;
	/** Where the release of a successful deployment stands by now. */
	standing: ReleaseStanding;
	/** What it used of models; null until that is known. */
	used: ModelUsage | null;
}

/** What matters now, in one place whose height is the same for every state, so that nothing below it ever moves. */
export function Banner(props: BannerProps) {
	return (
		<section aria-label="Now" data-banner={props.state.status} className="min-h-[28rem] md:min-h-60">
			<BannerContent {...props} />
		</section>
	);
}

function BannerContent({ state, activity, standing, used, ...handlers }: BannerProps) {
	const approval = pendingApproval(state);
	if (approval)
		return (
			<Panel
				className="border-warning/50"
				main={
					<Late fallback={<Loading what="question" />}>
						<ApprovalBanner state={state} approval={approval} onEdit={handlers.onEditPlan} />
					</Late>
				}
				aside={
					<Late fallback={<Loading what="facts" />}>
						<ApprovalFacts deploymentId={state.id} approval={approval} />
					</Late>
				}
			/>
		);
	switch (state.status) {
		case "succeeded":
			return <Result state={state} standing={standing} used={used} />;
		case "failed":
			return state.error ? (
				<Late fallback={<Skeleton className="min-h-[inherit]" />}>
					<FailureCard failure={state.error} state={state} {...handlers} />
				</Late>
			) : null;
		case "cancelled":
			return <Cancelled state={state} used={used} />;
		case "queued":
		case "waiting":
		case "paused":
		case "running":
			return <UnderWay state={state} activity={activity} />;
	}
}

function Panel({ className, main, aside }: { className?: string; main: ReactNode; aside: ReactNode }) {
	return (
		<div
			className={cn(
				"grid min-h-[inherit] overflow-hidden max-md:grid-rows-[auto_1fr] rounded-lg border border-border bg-surface md:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]",
				className,
			)}
		>
			<div className="flex min-w-0 flex-col justify-center gap-3 p-5 max-md:h-60">{main}</div>
			<div className="min-w-0 border-border border-t bg-sunken/60 p-5 md:border-t-0 md:border-l">{aside}</div>
		</div>
	);
}

function UnderWay({ state, activity }: { state: DeploymentState; activity: Activity | null }) {
	const current = state.stages.find(({ stage }) => stage === state.stage);
	return (
		<Panel
			main={
				<>
					<div className="flex items-center gap-3">
						<span className="grid size-10 shrink-0 place-items-center rounded-md bg-info-soft text-info">
							{current && state.status === "running" ? (
								<AgentIcon name={current.agent} className="size-5" />
							) : (
								<Clock aria-hidden="true" className="size-5" />
							)}
						</span>
						<div className="min-w-0">
							<p className="font-semibold text-lg">{headline(state, current)}</p>
							{current && <p className="text-muted-foreground text-sm">{current.agent}</p>}
						</div>
					</div>
					<p className="line-clamp-2 h-10 text-sm">
						{current?.text || (state.status === "queued" ? "It starts as soon as a place is free." : "")}
					</p>
					<p className="line-clamp-3 h-15 text-muted-foreground text-sm md:h-10" data-activity>
						{state.status === "paused" ? (
							"Nothing runs until you resume it."
						) : (
							<ActivityLine activity={activity} since={current?.startedAt ?? state.queuedAt} />
						)}
					</p>
				</>
			}
			aside={<DoneSoFar stages={state.stages} ended={isTerminal(state.status)} />}
		/>
	);
}

function headline(state: DeploymentState, current: StageState | undefined): string {
	if (state.cancelRequestedBy) return "Stopping…";
	if (state.status === "queued") return "Queued";
	if (state.status === "paused") return "Paused";
	if (state.pauseRequestedBy && current) return `${stageWords[current.stage].doing}, then it pauses`;
	return current ? `${stageWords[current.stage].doing}…` : "Starting…";
}

/** The newest facts of finished stages. */
function DoneSoFar({ stages, ended }: { stages: readonly StageState[]; ended: boolean }) {
	const done = stages.filter(({ status, text }) => status === "succeeded" && text !== "").slice(-3);
	return (
		<>
			<h2 className="chart-label">{ended ? "What was done" : "Done so far"}</h2>
			{done.length === 0 ? (
				<p className="mt-2 text-muted-foreground text-sm">{ended ? "Nothing." : "Nothing yet."}</p>
			) : (
				<ul className="mt-2 grid gap-1.5 text-sm">
					{done.map(({ text }, place) => (
						// The places stay and their texts move on, so that nothing on the page shifts.
						// biome-ignore lint/suspicious/noArrayIndexKey: as said
						<li key={place} title={text} className="flex h-10 gap-2">
							<CheckCircle2 aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-success" />
							<span className="line-clamp-2 min-w-0 break-words">{text}</span>
						</li>
					))}
				</ul>
			)}
		</>
	);
}

function Result({ state, standing, used }: Pick<BannerProps, "state" | "standing" | "used">) {
	const commit = commitOf(state);
	const repairs = appliedFixes(state).map(({ title }) => title);
	return (
		<Panel
			className="border-success/50"
			main={
				<>
					<p className="flex items-center gap-2.5 font-semibold text-lg">
						<CheckCircle2 aria-hidden="true" className="size-6 text-success" />
						{state.project.name} went live
					</p>
					{standing !== "live" && (
						<p className="text-sm" data-standing={standing}>
							{standingWords[standing].sentence}{" "}
							<Link href={`/projects/${state.project.slug}`} className="text-info underline underline-offset-4">
								See the releases
							</Link>
						</p>
					)}
					{state.previewUrl && (
						<a
							href={state.previewUrl}
							target="_blank"
							rel="noopener"
							data-preview
							className="w-fit max-w-full break-all py-1 font-mono text-info text-lg underline underline-offset-4"
						>
							{state.previewUrl.replace(/\/$/, "")}
						</a>
					)}
					{repairs.length > 0 && (
						<p className="line-clamp-2 text-sm" data-repaired={repairs.length}>
							Repaired on the way: {repairs.join("; ")}. The diff is under Plan & artifacts.
						</p>
					)}
					{/* Two lines high, so that what comes late moves nothing. */}
					<p className="min-h-10 text-muted-foreground text-sm" data-took>
						{[...whatItTook(state, used), state.plan?.framework, commit && `commit ${shortCommit(commit)}`].filter(Boolean).join(" · ")}
					</p>
				</>
			}
			aside={<DoneSoFar stages={state.stages} ended={isTerminal(state.status)} />}
		/>
	);
}

function Cancelled({ state, used }: Pick<BannerProps, "state" | "used">) {
	const { stoppedProcesses } = state;
	const rejection = rejectionOf(state);
	return (
		<Panel
			main={
				<>
					<p className="flex items-center gap-2.5 font-semibold text-lg">
						<Ban aria-hidden="true" className="size-6 text-muted-foreground" />
						{rejection ? "Rejected" : "Cancelled"}
						{rejection === null && state.stage && ` while ${stageWords[state.stage].doing.toLowerCase()}`}
					</p>
					{rejection && <p className="break-words text-sm">{rejection}</p>}
					<p className="text-sm">
						{stoppedProcesses === null
							? "Nothing was running."
							: `${formatCount(stoppedProcesses, "process", "processes")} stopped, and nothing is left running.`}
					</p>
					<p className="min-h-10 text-muted-foreground text-sm" data-took>
						{whatItTook(state, used).join(" · ")}
					</p>
				</>
			}
			aside={<DoneSoFar stages={state.stages} ended={isTerminal(state.status)} />}
		/>
	);
}
