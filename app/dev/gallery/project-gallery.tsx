"use client";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { PlanPanel } from "#components/deployments/plan-panel.tsx";
import { CodeView } from "#components/plan/code-view.tsx";
import { DeployKeyPanel } from "#components/projects/deploy-key-panel.tsx";
import { EnvPanel } from "#components/projects/env-panel.tsx";
import { LimitsForm } from "#components/projects/limits-form.tsx";
import { ProjectHeader } from "#components/projects/project-header.tsx";
import { ReleaseNow } from "#components/projects/release-now.tsx";
import { ReleasePanel } from "#components/projects/release-panel.tsx";
import { RuntimeLogPane } from "#components/projects/runtime-log-pane.tsx";
import { SourcePanel } from "#components/projects/source-panel.tsx";
import { settingsKey } from "#components/projects/use-settings.ts";
import { listKeys } from "#components/shell/live-lists.tsx";
import { QueryState } from "#components/shell/query-state.tsx";
import { AppError } from "#lib/errors.ts";
import { states } from "./fixtures.ts";
import { alternatives, deployKey, env, project, releases, serverPlan, settings } from "./project-fixtures.ts";

const nothing = () => {};
const controls = { busy: false, error: null, run: nothing, rollback: nothing };
const deploy = { start: nothing, busy: false, error: null };
const runtimeLines = [
	"\u001b[32mready\u001b[0m on 8080",
	"GET / 200 4 ms",
	"\u001b[33mwarn\u001b[0m slow query, 812 ms",
	"GET /cart 200 6 ms",
];
const reading = { lines: runtimeLines.map((text, index) => ({ n: index + 1, text })), cursor: "a.1", cut: false, error: null };

/** What the pages of a project are made of, each in its states. Nothing here asks a server. */
export function ProjectGallery() {
	const [queries] = useState(seeded);
	return (
		<QueryClientProvider client={queries}>
			<div className="grid grid-cols-1 gap-8">
				{Object.entries(releases).map(([name, rows]) => (
					<Shown key={name} name={`Project, ${name}`}>
						<ProjectHeader project={project} release={rows.find(({ active }) => active)} deploy={deploy} />
						<ReleaseNow slug={project.slug} project={project.name} release={rows.find(({ active }) => active)} controls={controls} />
						<ReleasePanel project={project.name} releases={rows} controls={controls} />
					</Shown>
				))}
				<Shown name="Releases, busy and refused">
					<ReleasePanel
						project={project.name}
						releases={releases.live ?? []}
						controls={{ ...controls, busy: true, error: new AppError("app_not_listening") }}
					/>
				</Shown>
				<Shown name="Plan with alternatives, the form open">
					<PlanPanel
						state={{ ...states.succeeded, plan: serverPlan, alternatives, artifacts: [] } as never}
						editing
						onEdit={nothing}
						onRetry={nothing}
						retrying={false}
					/>
				</Shown>
				<Shown name="A file">
					<CodeView text={serverPlan.dockerfile ?? ""} language="dockerfile" label="Dockerfile" />
				</Shown>
				<Shown name="Runtime log: lines, search, nothing, not answered, failed">
					{[
						{ reading, search: "" },
						{ reading, search: "cart" },
						{ reading: { ...reading, lines: [] }, search: "" },
						{ reading: { ...reading, lines: [], cursor: null }, search: "" },
						{ reading: { ...reading, error: new AppError("unreachable") }, search: "" },
					].map((state, index) => (
						<RuntimeLogPane
							// biome-ignore lint/suspicious/noArrayIndexKey: the list is a constant
							key={index}
							{...state}
							releases={releases.live ?? []}
							running
							onSearch={nothing}
							release={null}
							onRelease={nothing}
							onHold={nothing}
						/>
					))}
				</Shown>
				<Shown name="Environment, and none">
					<EnvPanel slug={project.slug} initial={env} plan={serverPlan} name="SESSION_SECRET" onName={nothing} back={project.id} />
					<EnvPanel slug="empty" initial={[]} plan={null} name="" onName={nothing} back={null} />
				</Shown>
				<Shown name="Source with a key, without one, and a folder that was sent">
					<SourcePanel project={project} directory={null} />
					<DeployKeyPanel slug="empty" url="https://github.com/acme/web-shop.git" />
					<SourcePanel project={{ ...project, source: { ...project.source, type: "upload" } }} directory={null} />
				</Shown>
				<Shown name="Limits">
					<LimitsForm slug={project.slug} settings={settings} />
				</Shown>
				<Shown name="Not answered yet, and refused">
					<QueryState what="settings" query={{ data: undefined, error: null, isFetching: true, refetch: nothing }}>
						{() => null}
					</QueryState>
					<QueryState what="settings" query={{ data: undefined, error: new AppError("unreachable"), isFetching: false, refetch: nothing }}>
						{() => null}
					</QueryState>
				</Shown>
			</div>
		</QueryClientProvider>
	);
}

function Shown({ name, children }: { name: string; children: ReactNode }) {
	return (
		<section aria-label={name} className="grid grid-cols-1 gap-3">
			<h2 className="chart-label border-border border-b pb-1">{name}</h2>
			{children}
		</section>
	);
}

/** A cache that has every answer, so that nothing is asked for. */
function seeded(): QueryClient {
	const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } } });
	const key = listKeys.project(project.slug);
	queries.setQueryData(settingsKey(project.slug), settings);
	queries.setQueryData([...key, "env"], env);
	queries.setQueryData([...key, "deploy-key"], deployKey);
	queries.setQueryData([...listKeys.project("empty"), "deploy-key"], null);
	queries.setQueryData([...listKeys.project("empty"), "env"], []);
	return queries;
}
