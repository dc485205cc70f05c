"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, Rocket } from "lucide-react";
import { useRouter } from "next/navigation";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { ulid } from "ulid";
import { shortSource } from "#lib/format.ts";
import { type DeploymentRow, type EnvView, type ProjectView, type ReleaseView, streamOf } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { DeploymentList } from "../deployments/deployment-list.tsx";
import { ReleaseBadge } from "../deployments/status.tsx";
import { useStream } from "../live/use-stream.ts";
import { Breadcrumb } from "../shell/breadcrumb.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../ui/tabs.tsx";
import { EnvPanel } from "./env-panel.tsx";
import { ReleasePanel } from "./release-panel.tsx";

interface ProjectScreenProps {
	project: ProjectView;
	deployments: DeploymentRow[];
	releases: ReleaseView[];
	env: EnvView[];
}

export function ProjectScreen({ project, deployments, releases, env }: ProjectScreenProps) {
	const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(["deployments", "releases", "environment"]).withDefault("deployments"));
	const queries = useQueryClient();
	const deploymentRows = useQuery({
		queryKey: [...listKeys.project(project.slug), "deployments"],
		queryFn: async () => (await client.deployments.list({ project: project.slug, limit: 20 })).deployments,
		initialData: deployments,
	});
	const releaseRows = useQuery({
		queryKey: [...listKeys.project(project.slug), "releases"],
		queryFn: () => client.projects.releases(project.slug),
		initialData: releases,
	});
	const refresh = () => void queries.invalidateQueries({ queryKey: listKeys.project(project.slug) });
	useStream(streamOf.project(project.id), { onEvents: refresh });

	const active = releaseRows.data.find((release) => release.active);
	return (
		<article data-project={project.slug} className="grid grid-cols-1 gap-5">
			<ProjectHeader project={project} status={active?.status ?? null} />
			<Tabs value={tab} onValueChange={(next) => void setTab(next as typeof tab)} className="grid grid-cols-1 gap-4">
				<TabsList aria-label="Parts of the project">
					<TabsTrigger value="deployments">Deployments</TabsTrigger>
					<TabsTrigger value="releases">Releases</TabsTrigger>
					<TabsTrigger value="environment">Environment</TabsTrigger>
				</TabsList>
				<TabsContent value="deployments">
					{deploymentRows.data.length > 0 ? (
						<DeploymentList rows={deploymentRows.data} />
					) : (
						<p className="text-muted-foreground text-sm">Nothing has been deployed yet.</p>
					)}
				</TabsContent>
				<TabsContent value="releases">
					<ReleasePanel slug={project.slug} releases={releaseRows.data} />
				</TabsContent>
				<TabsContent value="environment">
					<EnvPanel slug={project.slug} initial={env} />
				</TabsContent>
			</Tabs>
		</article>
	);
}

function ProjectHeader({ project, status }: { project: ProjectView; status: ReleaseView["status"] | null }) {
	const router = useRouter();
	const { source } = project;
	const deploy = useMutation({
		mutationFn: (key: string) =>
			client.deployments.create(
				{
					source: {
						type: "git",
						url: source.url,
						...(source.ref && { ref: source.ref }),
						...(source.directory && { directory: source.directory }),
					},
					project: project.slug,
				},
				{ idempotencyKey: key },
			),
		onSuccess: ({ deployment }) => router.push(`/deployments/${deployment.id}`),
	});
	const busy = deploy.isPending || deploy.isSuccess;
	return (
		<header className="grid gap-3">
			<div className="flex flex-col gap-3 lg:flex-row lg:items-end lg:justify-between">
				<div className="min-w-0">
					<Breadcrumb trail={[{ name: "Projects", href: "/projects" }]} here={project.name} />
					<div className="mt-1 flex min-h-9 flex-wrap items-center gap-3">
						<h1 className="min-w-0 break-words font-semibold text-2xl tracking-tight">{project.name}</h1>
						{status ? <ReleaseBadge status={status} /> : <Badge>Not live yet</Badge>}
					</div>
					<p className="mt-1 break-all text-muted-foreground text-sm">
						{[shortSource(source.url), source.ref, source.directory, source.private ? "private" : null].filter(Boolean).join(" · ")}
					</p>
				</div>
				<div className="flex min-h-10 flex-wrap items-center gap-2">
					{project.previewUrl && (
						<>
							<Button asChild size="sm" variant="outline">
								<a href={project.previewUrl} target="_blank" rel="noopener">
									<ExternalLink aria-hidden="true" />
									Open
								</a>
							</Button>
							<CopyButton text={project.previewUrl}>Copy URL</CopyButton>
						</>
					)}
					<Button size="sm" aria-disabled={busy} onClick={() => !busy && deploy.mutate(ulid())}>
						<Rocket aria-hidden="true" />
						{busy ? "Cloning repository…" : "Deploy now"}
					</Button>
				</div>
			</div>
			<CallFailure error={deploy.error} />
		</header>
	);
}
