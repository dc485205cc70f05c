"use client";
import { DeploymentActions } from "#components/deployments/deployment-actions.tsx";
import { DeploymentList } from "#components/deployments/deployment-list.tsx";
import { DeploymentScreen } from "#components/deployments/deployment-screen.tsx";
import { RunningCard } from "#components/deployments/running-card.tsx";
import { AppShell } from "#components/shell/app-shell.tsx";
import { createLogStore } from "#lib/live/log-store.ts";
import { activity, logLines, rows, states } from "./fixtures.ts";
import { ProjectGallery } from "./project-gallery.tsx";

const log = createLogStore({
	schedule: () => {},
	read: () => Promise.reject(new Error("all lines are here")),
	last: logLines.length,
	lines: logLines,
});

export function Gallery({ show }: { show: string }) {
	const state = states[show];
	return (
		<AppShell status={null} account={null}>
			{show === "projects" ? (
				<ProjectGallery />
			) : state ? (
				<DeploymentScreen
					state={state}
					activity={activity}
					log={log}
					usualMs={[31_000, 36_000, 39_500]}
					standing="live"
					used={null}
					onRetry={() => {}}
					retrying={false}
					actions={
						<DeploymentActions state={state} pending={null} onCancel={() => {}} onPause={() => {}} onResume={() => {}} onRetry={() => {}} />
					}
					conversation={null}
					events={null}
					timeline={null}
				/>
			) : (
				<div className="grid gap-6">
					<h1 className="font-semibold text-2xl">Gallery</h1>
					<h2 className="font-semibold text-lg">Running now</h2>
					<div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
						{rows.slice(0, 2).map((row) => (
							<RunningCard key={row.id} row={row} />
						))}
					</div>
					<DeploymentList rows={rows} />
				</div>
			)}
		</AppShell>
	);
}
