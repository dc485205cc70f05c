"use client";
import { DeploymentActions } from "#components/deployments/deployment-actions.tsx";
import { DeploymentList } from "#components/deployments/deployment-list.tsx";
import { DeploymentScreen } from "#components/deployments/deployment-screen.tsx";
import { RunningCard } from "#components/deployments/running-card.tsx";
import { AppShell } from "#components/shell/app-shell.tsx";
import type { LogStore } from "#lib/live/log-store.ts";
import { activity, logLines, rows, states } from "./fixtures.ts";

const log: LogStore = { subscribe: () => () => {}, version: () => 1, lines: () => logLines, append: () => {}, clear: () => {} };

export function Gallery({ show }: { show: string }) {
	const state = states[show];
	return (
		<AppShell status={null} account={null}>
			{state ? (
				<DeploymentScreen
					state={state}
					activity={activity}
					log={log}
					usualMs={[31_000, 36_000, 39_500]}
					actions={<DeploymentActions state={state} pending={null} onCancel={() => {}} onRetry={() => {}} />}
					events={null}
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
