"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { lazy, type ReactNode } from "react";
import { type DeploymentRow, type EnvView, type ProjectView, type ReleaseView, streamOf } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { DeploymentList } from "../deployments/deployment-list.tsx";
import { useStream } from "../live/use-stream.ts";
import { Late } from "../shell/late.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { Loading } from "../shell/loading.tsx";
import { PanelBoundary } from "../shell/panel-boundary.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs.tsx";
import { EnvPanel } from "./env-panel.tsx";
import { ProjectHeader } from "./project-header.tsx";
import { ReleaseNow } from "./release-now.tsx";
import { ReleasePanel } from "./release-panel.tsx";
import { useDeployProject } from "./use-deploy-project.ts";
import { useLastPlan } from "./use-last-plan.ts";
import { useReleaseControls } from "./use-release-controls.ts";

// What is not seen at first comes as scripts of their own, when somebody opens it.
const RuntimeLog = lazy(() => import("./runtime-log.tsx").then((module) => ({ default: module.RuntimeLog })));
const SourcePanel = lazy(() => import("./source-panel.tsx").then((module) => ({ default: module.SourcePanel })));
const SettingsPanel = lazy(() => import("./settings-panel.tsx").then((module) => ({ default: module.SettingsPanel })));

const tabs = ["overview", "log", "environment", "source", "settings"] as const;
const tabWords: Readonly<Record<(typeof tabs)[number], string>> = {
	overview: "Overview",
	log: "Runtime log",
	environment: "Environment",
	source: "Source",
	settings: "Settings",
};
const place = {
	tab: parseAsStringLiteral(tabs).withDefault("overview"),
	/** Runtime log: words searched for, release. */
	q: parseAsString.withDefault(""),
	release: parseAsString,
	/** Environment: name that is filled in, failed deployment that waits for it. */
	name: parseAsString.withDefault(""),
	back: parseAsString,
	directory: parseAsString,
};
const deploymentId = /^[0-9A-HJKMNP-TV-Z]{26}$/;

interface ProjectScreenProps {
	project: ProjectView;
	deployments: DeploymentRow[];
	releases: ReleaseView[];
	env: EnvView[];
}

/** The page of one project. Everything chosen on it is in the address. */
export function ProjectScreen({ project: initialProject, deployments, releases, env }: ProjectScreenProps) {
	const { slug, id } = initialProject;
	const [{ tab, q, release, name, back, directory }, setPlace] = useQueryStates(place);
	const queries = useQueryClient();
	const key = listKeys.project(slug);
	const { data: project } = useQuery({
		queryKey: [...key, "project"],
		queryFn: () => client.projects.get(slug),
		initialData: initialProject,
	});
	const deploymentRows = useQuery({
		queryKey: [...key, "deployments"],
		queryFn: async () => (await client.deployments.list({ project: slug, limit: 20 })).deployments,
		initialData: deployments,
	});
	const releaseRows = useQuery({
		queryKey: [...key, "releases"],
		queryFn: () => client.projects.releases(slug),
		initialData: releases,
	});
	useStream(streamOf.project(id), { onEvents: () => void queries.invalidateQueries({ queryKey: key }) });

	const controls = useReleaseControls(slug);
	const deploy = useDeployProject(project, deploymentRows.data[0]);
	const lastPlan = useLastPlan(slug, deploymentRows.data);
	const active = releaseRows.data.find((candidate) => candidate.active);
	return (
		<article data-project={slug} className="grid grid-cols-1 gap-5">
			<ProjectHeader project={project} release={active} deploy={deploy} />
			<Tabs value={tab} onValueChange={(next) => void setPlace({ tab: next as typeof tab })} className="grid min-w-0 grid-cols-1 gap-4">
				<TabsList aria-label="Parts of the project">
					{tabs.map((value) => (
						<TabsTrigger key={value} value={value}>
							{tabWords[value]}
						</TabsTrigger>
					))}
				</TabsList>
				<TabsContent value="overview" className="grid min-w-0 grid-cols-1 gap-6">
					<ReleaseNow slug={slug} project={project.name} release={active} controls={controls} />
					<Part title="Releases">
						<ReleasePanel project={project.name} releases={releaseRows.data} controls={controls} />
					</Part>
					<Part title="Deployments">
						{deploymentRows.data.length > 0 ? (
							<DeploymentList rows={deploymentRows.data} />
						) : (
							<p className="text-muted-foreground text-sm">Nothing has been deployed yet.</p>
						)}
					</Part>
				</TabsContent>
				<LazyTab value="log" what="runtime log">
					<RuntimeLog
						slug={slug}
						releases={releaseRows.data}
						search={q}
						onSearch={(next) => void setPlace({ q: next || null })}
						release={release}
						onRelease={(next) => void setPlace({ release: next })}
					/>
				</LazyTab>
				<TabsContent value="environment" className="min-w-0">
					<PanelBoundary what="environment">
						<EnvPanel
							slug={slug}
							initial={env}
							plan={lastPlan.data?.plan ?? null}
							name={name}
							onName={(next) => void setPlace({ name: next || null })}
							back={back !== null && deploymentId.test(back) ? back : null}
						/>
					</PanelBoundary>
				</TabsContent>
				<LazyTab value="source" what="source">
					<SourcePanel project={project} directory={directory} />
				</LazyTab>
				<LazyTab value="settings" what="settings">
					<SettingsPanel project={project} deployments={deploymentRows.data} deploy={deploy} />
				</LazyTab>
			</Tabs>
		</article>
	);
}

function Part({ title, children }: { title: string; children: ReactNode }) {
	return (
		<section aria-label={title} className="grid min-w-0 grid-cols-1 gap-3">
			<h2 className="font-semibold text-lg">{title}</h2>
			<PanelBoundary what={`part “${title}”`}>{children}</PanelBoundary>
		</section>
	);
}

function LazyTab({ value, what, children }: { value: string; what: string; children: ReactNode }) {
	return (
		<TabsContent value={value} className="min-w-0">
			<PanelBoundary what={what}>
				<Late fallback={<Loading what={what} className="p-4" />}>{children}</Late>
			</PanelBoundary>
		</TabsContent>
	);
}
