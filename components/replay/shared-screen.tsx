"use client";
import { useEffect, useState } from "react";
import type { SharedDeployment } from "#lib/deployment/shared.ts";
import { createLogStore } from "#lib/live/log-store.ts";
import { isTerminal, type Stage } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { AgentRow } from "../deployments/agent-card.tsx";
import { Elapsed } from "../deployments/elapsed.tsx";
import { LogViewer } from "../deployments/log/log-viewer.tsx";
import { StageStepper } from "../deployments/stage-stepper.tsx";
import { DeploymentBadge } from "../deployments/status.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { MomentProvider } from "../shell/clock.tsx";
import { Loading } from "../shell/loading.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Button } from "../ui/button.tsx";
import { Progress } from "../ui/progress.tsx";
import { capLog } from "./capped-log.ts";
import { lineAt } from "./replay.ts";
import { headline, ReplayNow } from "./replay-now.tsx";
import { Scrubber } from "./scrubber.tsx";
import { useStory } from "./use-story.ts";

/** A finished deployment for whoever was given a link: as it ended at first, and at any moment of its life. */
export function SharedScreen({ token, shared }: { token: string; shared: SharedDeployment }) {
	const { state: final, marks } = shared;
	const story = useStory(token, final);
	const { replay } = story;
	const [atMs, setAtMs] = useState(replay.endMs);
	const state = replay.at(atMs);
	const [log] = useState(() =>
		capLog(
			createLogStore({
				schedule: (work) => requestAnimationFrame(work),
				read: (query, signal) => client.shared.logLines(token, query, signal),
				last: final.logLines,
			}),
		),
	);
	const line = atMs >= replay.endMs ? final.logLines : lineAt(marks, atMs);
	useEffect(() => log.setEnd(line), [log, line]);
	useEffect(() => () => log.stop(), [log]);
	const [stage, setStage] = useState<Stage | null>(null);
	const [query, setQuery] = useState("");
	const [selected, setSelected] = useState<number | null>(null);

	return (
		<MomentProvider atMs={atMs}>
			<article data-shared data-status={state.status} className="grid grid-cols-1 gap-5">
				<header className="flex flex-wrap items-center gap-x-3 gap-y-1">
					<h1 className="min-w-0 break-words font-semibold text-2xl tracking-tight">
						{final.project.name} <span className="font-normal text-muted-foreground">#{final.number}</span>
					</h1>
					<DeploymentBadge status={state.status} />
					<span className="text-muted-foreground text-sm">
						{state.startedAt ? <Elapsed from={state.startedAt} to={state.finishedAt} /> : "Has not started"}
					</span>
					<span className="w-full text-muted-foreground text-sm">Deployed {final.queuedAt.slice(0, 16).replace("T", " ")} UTC</span>
				</header>
				<Scrubber
					beginMs={replay.beginMs}
					endMs={replay.endMs}
					atMs={atMs}
					onMove={setAtMs}
					next={replay.next}
					previous={replay.previous}
					says={headline(state)}
				/>
				<Loaded story={story} />
				{/* What is not loaded yet is not shown as nothing. */}
				{story.status === "loading" && isBeyond(story, atMs) ? (
					<Loading what="recording" className="min-h-28" />
				) : (
					<PanelBoundary what="replay">
						<ReplayNow state={state} />
						<div className="grid grid-cols-1 gap-3">
							<Progress
								value={state.progress}
								label="Overall progress"
								tone={state.status === "failed" ? "danger" : state.status === "succeeded" ? "success" : "info"}
								className="h-2"
							/>
							<StageStepper stages={state.stages} selected={stage} onSelect={setStage} />
						</div>
						<AgentRow agents={state.agents} />
					</PanelBoundary>
				)}
				<PanelBoundary what="log">
					<LogViewer
						log={log}
						download={null}
						stage={stage}
						onStage={setStage}
						query={query}
						onQuery={setQuery}
						line={selected}
						onLine={setSelected}
						live={!isTerminal(state.status)}
						onHold={ignore}
					/>
				</PanelBoundary>
			</article>
		</MomentProvider>
	);
}

const ignore = () => undefined;

/** True for a moment before the end that is later than what is loaded. */
const isBeyond = ({ replay }: ReturnType<typeof useStory>, atMs: number): boolean => atMs < replay.endMs && atMs > replay.known();

/** What of the recording is not here, said where it matters. */
function Loaded({ story }: { story: ReturnType<typeof useStory> }) {
	if (story.status === "failed") {
		return (
			<div className="grid justify-items-start gap-2">
				<CallFailure error={story.error} />
				<Button variant="outline" size="sm" onClick={story.retry}>
					Load the rest of the recording
				</Button>
			</div>
		);
	}
	if (story.status === "cut") {
		return (
			<p className="text-muted-foreground text-sm">
				This deployment recorded more steps than a replay holds. It shows the first 20,000 of them, the whole log, and how it ended.
			</p>
		);
	}
	return null;
}
