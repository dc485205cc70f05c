import { ExternalLink, Rocket } from "lucide-react";
import { sourceWords } from "#lib/format.ts";
import type { ProjectView, ReleaseView } from "#lib/protocol/index.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { ReleaseBadge } from "../deployments/status.tsx";
import { ServerButton } from "../live/server-button.tsx";
import { Breadcrumb } from "../shell/breadcrumb.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import type { DeployProject } from "./use-deploy-project.ts";

interface ProjectHeaderProps {
	project: ProjectView;
	/** The one in use. */
	release: ReleaseView | undefined;
	deploy: DeployProject;
}

/** What the project is, how it stands, and the way to deploy it anew. */
export function ProjectHeader({ project, release, deploy }: ProjectHeaderProps) {
	const { source } = project;
	const { start } = deploy;
	return (
		<header className="grid gap-3">
			<div className="flex flex-col gap-3 lg:flex-row lg:items-end lg:justify-between">
				<div className="min-w-0">
					<Breadcrumb trail={[{ name: "Projects", href: "/projects" }]} here={project.name} />
					<div className="mt-1 flex min-h-9 flex-wrap items-center gap-3">
						<h1 className="min-w-0 break-words font-semibold text-2xl tracking-tight">{project.name}</h1>
						{release ? <ReleaseBadge status={release.status} asleep={release.asleep} /> : <Badge>Not live yet</Badge>}
					</div>
					<p className="mt-1 break-all text-muted-foreground text-sm">
						{[sourceWords(source.url), source.ref, source.directory, source.private ? "private" : null].filter(Boolean).join(" · ")}
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
					{start && (
						<ServerButton size="sm" aria-disabled={deploy.busy} onClick={start}>
							<Rocket aria-hidden="true" />
							{deploy.busy ? "Cloning repository…" : "Deploy now"}
						</ServerButton>
					)}
				</div>
			</div>
			<CallFailure error={deploy.error} />
		</header>
	);
}
