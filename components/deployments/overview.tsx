"use client";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { Example, WaitingApproval } from "#lib/protocol/index.ts";
import { type DeploymentRow, isTerminal } from "#lib/protocol/index.ts";
import { NeedsYou } from "../attention/needs-you.tsx";
import { client } from "../client.ts";
import { Composer } from "../composer/composer.tsx";
import { useSafetyRefresh } from "../live/use-safety-refresh.ts";
import { listKeys } from "../shell/live-lists.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Alert } from "../ui/alert.tsx";
import { DeploymentList } from "./deployment-list.tsx";
import { RunningCard } from "./running-card.tsx";

interface OverviewProps {
	examples: readonly Example[];
	/** What is wrong with this machine, in plain sentences. */
	problems: readonly string[];
	/** What waits for this person. */
	waiting: WaitingApproval[];
	recent: DeploymentRow[];
	active: DeploymentRow[];
}

/** The first page: bring something in, see what goes on, see what was. */
export function Overview({ examples, problems, waiting, recent, active }: OverviewProps) {
	const safetyMs = useSafetyRefresh();
	const { data } = useQuery({
		queryKey: listKeys.overview,
		queryFn: fetchOverview,
		initialData: { recent, active },
		refetchInterval: ({ state }) => ((state.data?.active.length ?? 0) > 0 ? safetyMs : false),
	});
	// Whoever has submitted something is about to leave: until then nothing is pushed down by what they have begun.
	const [held, setHeld] = useState<typeof data | null>(null);
	const shown = held ?? data;
	const running = merge(
		shown.active,
		shown.recent.filter(({ status }) => !isTerminal(status)),
	);
	const ended = shown.recent.filter(({ status }) => isTerminal(status));
	return (
		<div className="grid grid-cols-1 gap-8">
			{problems.map((problem) => (
				<Alert key={problem} tone="warning">
					<TriangleAlert aria-hidden="true" />
					<p>{problem}</p>
				</Alert>
			))}
			<PanelBoundary what="list of what needs you">
				<NeedsYou initial={waiting} />
			</PanelBoundary>
			<PanelBoundary what="form">
				<Composer
					examples={examples}
					firstRun={running.length === 0 && ended.length === 0}
					onSending={(sending) => setHeld(sending ? data : null)}
				/>
			</PanelBoundary>
			{running.length > 0 && (
				<section aria-labelledby="running-now" className="grid grid-cols-1 gap-3">
					<h2 id="running-now" className="font-semibold text-lg">
						Running now
					</h2>
					<PanelBoundary what="list of what runs">
						<div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
							{running.map((row) => (
								<RunningCard key={row.id} row={row} />
							))}
						</div>
					</PanelBoundary>
				</section>
			)}
			<section aria-labelledby="recent" className="grid grid-cols-1 gap-3">
				<h2 id="recent" className="font-semibold text-lg">
					Recent deployments
				</h2>
				{ended.length > 0 ? (
					<PanelBoundary what="list of deployments">
						<DeploymentList rows={ended} />
					</PanelBoundary>
				) : (
					<p className="rounded-lg border border-input border-dashed px-4 py-8 text-center text-muted-foreground text-sm">
						{running.length > 0
							? "Nothing has finished yet."
							: "Nothing has been deployed yet. Paste a repository above, or try an example: the first two need no network."}
					</p>
				)}
			</section>
		</div>
	);
}

async function fetchOverview() {
	const [recent, running, queued] = await Promise.all([
		client.deployments.list({ limit: 20 }),
		client.deployments.list({ status: "running", limit: 50 }),
		client.deployments.list({ status: "queued", limit: 50 }),
	]);
	return { recent: recent.deployments, active: [...running.deployments, ...queued.deployments] };
}

/** Both lists as one, each deployment once, newest first (ids are ULIDs). */
function merge(first: DeploymentRow[], second: DeploymentRow[]): DeploymentRow[] {
	const byId = new Map([...first, ...second].map((row) => [row.id, row]));
	return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}
