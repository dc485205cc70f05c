"use client";
import { parseAsBoolean, parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { lazy, type ReactNode, useCallback, useEffect, useRef } from "react";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { formatUsual } from "#lib/format.ts";
import type { LogStore } from "#lib/live/log-store.ts";
import { type Activity, isTerminal, type ModelUsage, type Stage, stages } from "#lib/protocol/index.ts";
import { useAnnounce } from "../shell/announcer.tsx";
import { Late } from "../shell/late.tsx";
import { Loading } from "../shell/loading.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Progress } from "../ui/progress.tsx";
import { Skeleton } from "../ui/skeleton.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs.tsx";
import { AgentRow } from "./agent-card.tsx";
import { announcements } from "./announcements.ts";
import { Banner } from "./banner.tsx";
import { DeploymentHeader } from "./deployment-header.tsx";
import { favicon, pageTitle } from "./page-title.ts";
import { StageStepper } from "./stage-stepper.tsx";
import { detailTabs, useScreenCommands } from "./use-screen-commands.ts";
import type { ReleaseStanding } from "./words.ts";

// The log comes as its own script, after the rest of the page answers to clicks; the plan when somebody opens it.
const LogViewer = lazy(() => import("./log/log-viewer.tsx").then((module) => ({ default: module.LogViewer })));
const BriefPanel = lazy(() => import("./brief-panel.tsx").then((module) => ({ default: module.BriefPanel })));
const PlanPanel = lazy(() => import("./plan-panel.tsx").then((module) => ({ default: module.PlanPanel })));
const PreviewPanel = lazy(() => import("./preview-panel.tsx").then((module) => ({ default: module.PreviewPanel })));

const place = {
	tab: parseAsStringLiteral(detailTabs).withDefault("logs"),
	stage: parseAsStringLiteral(stages),
	q: parseAsString.withDefault(""),
	line: parseAsInteger,
	edit: parseAsBoolean.withDefault(false),
};

export interface DeploymentScreenProps {
	state: DeploymentState;
	activity: Activity | null;
	log: LogStore;
	/** Durations of comparable deployments in milliseconds. */
	usualMs: readonly number[];
	/** Where the release of a successful deployment stands by now. */
	standing: ReleaseStanding;
	/** What it used of models; null until that is known. */
	used: ModelUsage | null;
	/** Starts a new deployment from a stage of this one. */
	onRetry: (from: Stage) => void;
	retrying: boolean;
	actions: ReactNode;
	conversation: ReactNode;
	events: ReactNode;
	timeline: ReactNode;
}

/** The page of one deployment. Everything chosen on it is in the address. */
export function DeploymentScreen(props: DeploymentScreenProps) {
	const { state, activity, log, usualMs, standing, used, onRetry, retrying, actions, conversation, events, timeline } = props;
	const [{ tab, stage, q, line, edit }, setPlace] = useQueryStates(place);
	const ended = isTerminal(state.status);
	useStory(state, standing);
	// A link to a line leads to the log itself.
	const details = useRef<HTMLDivElement>(null);
	const opened = useRef(false);
	useEffect(() => {
		if (!opened.current && line !== null) details.current?.scrollIntoView();
		opened.current = true;
	}, [line]);

	// A failure shows where it went wrong, when the page opens and when it happens before somebody's eyes: unless the address says
	// otherwise, or the reader has moved through the log.
	const firstLine = state.error?.first_line ?? null;
	const moved = useRef(false);
	const onHold = useCallback((held: boolean) => {
		moved.current = held;
	}, []);
	const shown = useRef<number | null>(null);
	useEffect(() => {
		if (firstLine === null || shown.current === firstLine) return;
		shown.current = firstLine;
		if (line === null && stage === null && q === "" && !moved.current) void setPlace({ line: firstLine });
	}, [firstLine, line, stage, q, setPlace]);

	function showDetails(next: Partial<{ tab: typeof tab; stage: Stage | null; q: string | null; line: number; edit: boolean }>) {
		void setPlace(next);
		details.current?.scrollIntoView();
	}

	const showStage = (next: Stage | null) => void setPlace({ tab: "logs", stage: next, line: null });
	useScreenCommands({
		stage,
		onStage: showStage,
		onTab: (next) => void setPlace({ tab: next }),
		onError: firstLine === null ? null : () => showDetails({ tab: "logs", stage: null, q: null, line: firstLine }),
	});

	return (
		<article
			data-run-id={state.correlationId}
			data-deployment={state.id}
			data-status={state.status}
			data-stage={state.stage ?? ""}
			className="grid grid-cols-1 gap-5"
		>
			<DeploymentHeader state={state} usual={formatUsual(usualMs)} actions={actions} />
			<PanelBoundary what="summary">
				<Banner
					state={state}
					activity={ended ? null : activity}
					standing={standing}
					used={used}
					onLine={(next) => showDetails({ tab: "logs", stage: null, q: null, line: next })}
					onEditPlan={() => showDetails({ tab: "plan", edit: true })}
					onRetry={onRetry}
					retrying={retrying}
				/>
			</PanelBoundary>
			<PanelBoundary what="progress">
				<div className="grid grid-cols-1 gap-3">
					<div className="flex items-center gap-3">
						<Progress
							value={state.progress}
							label="Overall progress"
							tone={state.status === "failed" ? "danger" : state.status === "succeeded" ? "success" : "info"}
							className="h-2"
						/>
						<span className="w-12 shrink-0 text-right font-medium text-sm">{Math.round(state.progress)} %</span>
					</div>
					<StageStepper stages={state.stages} selected={stage} onSelect={showStage} />
				</div>
				<AgentRow agents={state.agents} />
			</PanelBoundary>
			{state.source?.brief && (
				<PanelBoundary what="brief">
					<Late fallback={<Skeleton className="h-[46.5rem] lg:h-[22.75rem]" />}>
						<BriefPanel state={state} brief={state.source.brief} />
					</Late>
				</PanelBoundary>
			)}
			<Tabs
				ref={details}
				value={tab}
				onValueChange={(next) => void setPlace({ tab: next as typeof tab })}
				className="grid min-w-0 grid-cols-1 gap-3"
			>
				<TabsList aria-label="Details">
					<TabsTrigger value="logs">Logs</TabsTrigger>
					<TabsTrigger value="conversation">Conversation</TabsTrigger>
					<TabsTrigger value="plan">Plan & artifacts</TabsTrigger>
					<TabsTrigger value="preview">Preview</TabsTrigger>
					<TabsTrigger value="timeline">Timeline</TabsTrigger>
					<TabsTrigger value="events">Events</TabsTrigger>
				</TabsList>
				<TabsContent value="logs" className="min-w-0">
					<PanelBoundary what="log">
						<Late fallback={<Skeleton className="h-[calc(clamp(22rem,58vh,44rem)+3.125rem)]" />}>
							<LogViewer
								log={log}
								download={`/api/deployments/${state.id}/log?format=text${stage ? `&stage=${stage}` : ""}`}
								stage={stage}
								onStage={(next) => void setPlace({ stage: next, line: null })}
								query={q}
								onQuery={(next) => void setPlace({ q: next || null })}
								line={line}
								onLine={(next) => void setPlace({ line: next })}
								live={!ended}
								onHold={onHold}
							/>
						</Late>
					</PanelBoundary>
				</TabsContent>
				<TabsContent value="conversation" className="min-w-0">
					<PanelBoundary what="conversation">{conversation}</PanelBoundary>
				</TabsContent>
				<TabsContent value="plan" className="min-w-0">
					<PanelBoundary what="plan">
						<Late fallback={<Loading what="plan" />}>
							<PlanPanel
								state={state}
								editing={edit}
								onEdit={(next) => void setPlace({ edit: next || null })}
								onRetry={onRetry}
								retrying={retrying}
							/>
						</Late>
					</PanelBoundary>
				</TabsContent>
				<TabsContent value="preview" className="min-w-0">
					<PanelBoundary what="preview">
						<Late fallback={<Loading what="preview" />}>
							<PreviewPanel state={state} standing={standing} />
						</Late>
					</PanelBoundary>
				</TabsContent>
				<TabsContent value="timeline" className="min-w-0">
					<PanelBoundary what="timeline">{timeline}</PanelBoundary>
				</TabsContent>
				<TabsContent value="events" className="min-w-0">
					<PanelBoundary what="list of events">{events}</PanelBoundary>
				</TabsContent>
			</Tabs>
		</article>
	);
}

/** Title, icon and live region follow the deployment. */
function useStory(state: DeploymentState, standing: ReleaseStanding): void {
	const announce = useAnnounce();
	const before = useRef(state);
	useEffect(() => {
		for (const message of announcements(before.current, state)) announce(message);
		before.current = state;
	}, [state, announce]);

	const title = pageTitle(state, standing);
	useEffect(() => {
		document.title = title;
	}, [title]);

	useEffect(() => {
		const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="icon"]')];
		const hrefs = links.map((link) => link.href);
		for (const link of links) link.href = favicon(state.status);
		return () => {
			for (const [index, link] of links.entries()) link.href = hrefs[index] ?? "/icon.svg";
		};
	}, [state.status]);
}
