import { ExternalLink, Lock } from "lucide-react";
import Link from "next/link";
import { sourceWords } from "#lib/format.ts";
import type { ProjectView } from "#lib/protocol/index.ts";
import { ReleaseBadge } from "../deployments/status.tsx";
import { LinkPending } from "../shell/link-pending.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";

export function ProjectList({ projects }: { projects: readonly ProjectView[] }) {
	if (projects.length === 0) {
		return (
			<div className="grid justify-items-center gap-4 rounded-lg border border-input border-dashed px-4 py-12 text-center">
				<p className="max-w-md text-muted-foreground">
					There are no projects yet. A project is made by itself when you deploy a repository for the first time.
				</p>
				<Button asChild>
					<Link href="/">Deploy a repository</Link>
				</Button>
			</div>
		);
	}
	return (
		<ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
			{projects.map((project) => (
				<li
					key={project.id}
					data-project={project.slug}
					className="relative flex min-h-36 flex-col rounded-lg border border-border bg-surface p-4 hover:border-input"
				>
					<div className="flex items-start justify-between gap-3">
						<h2 className="min-w-0 break-words font-semibold">
							<Link href={`/projects/${project.slug}`} className="after:absolute after:inset-0 after:rounded-lg">
								{project.name} <LinkPending className="inline" />
							</Link>
						</h2>
						{project.releaseStatus ? <ReleaseBadge status={project.releaseStatus} asleep={project.asleep} /> : <Badge>Not live yet</Badge>}
					</div>
					<p className="mt-1 flex items-center gap-1.5 break-all text-muted-foreground text-sm">
						{project.source.private && (
							<>
								<Lock aria-hidden="true" className="size-3.5 shrink-0" />
								<span className="sr-only">Private:</span>
							</>
						)}
						{sourceWords(project.source.url)}
						{project.source.directory && ` · ${project.source.directory}`}
					</p>
					{project.failure && (
						<p data-failure className="mt-2 mb-3 border-danger border-l-2 pl-2.5 text-sm">
							<span className="font-medium text-danger">The newest deployment failed.</span>{" "}
							<span className="line-clamp-2 break-words">{project.failure.message}</span>
							<Link
								href={`/deployments/${project.failure.deploymentId}`}
								className="relative z-10 inline-block py-1 text-info underline underline-offset-4"
							>
								See why
							</Link>
						</p>
					)}
					{project.previewUrl && (
						<a
							href={project.previewUrl}
							target="_blank"
							rel="noopener"
							className="relative z-10 mt-auto inline-flex min-h-8 w-fit max-w-full items-center gap-1.5 break-all text-info text-sm underline underline-offset-4"
						>
							{project.previewUrl.replace(/^https?:\/\//, "").replace(/\/$/, "")}
							<ExternalLink aria-hidden="true" className="size-3.5 shrink-0" />
						</a>
					)}
				</li>
			))}
		</ul>
	);
}
