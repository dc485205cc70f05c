"use client";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { ArtifactState } from "#lib/deployment/state.ts";
import { formatBytes } from "#lib/format.ts";
import type { ArtifactHistory } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { QueryState } from "../shell/query-state.tsx";

interface VersionsProps {
	slug: string;
	deploymentId: string;
	artifact: Pick<ArtifactState, "name" | "sha256">;
}

/** The same file in other deployments of the project; looked up when somebody asks. */
export function ArtifactVersions({ slug, deploymentId, artifact }: VersionsProps) {
	const [open, setOpen] = useState(false);
	const history = useQuery({ queryKey: ["artifact-history", slug], queryFn: () => client.projects.artifacts(slug), enabled: open });
	return (
		<details className="group mt-3 text-sm" onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary className="flex min-h-8 cursor-pointer list-none items-center gap-2">
				<ChevronRight aria-hidden="true" className="size-4 shrink-0 group-open:rotate-90" /> In other deployments
			</summary>
			{open && (
				<QueryState what="versions" query={history}>
					{(files) => <Versions files={files} deploymentId={deploymentId} artifact={artifact} />}
				</QueryState>
			)}
		</details>
	);
}

function Versions({ files, deploymentId, artifact }: Omit<VersionsProps, "slug"> & { files: readonly ArtifactHistory[] }) {
	const { name, sha256 } = artifact;
	const found = files.find((file) => file.name === name)?.versions.filter((version) => version.deploymentId !== deploymentId) ?? [];
	if (found.length === 0) return <p className="text-muted-foreground">No other deployment of this project has made it.</p>;
	return (
		<ul aria-label={`${name} in other deployments`} className="divide-y divide-border">
			{found.map((version) => (
				<li key={version.deploymentId} className="flex min-h-9 flex-wrap items-center gap-x-3 py-1">
					<Link
						href={`/deployments/${version.deploymentId}?tab=plan&file=${encodeURIComponent(name)}`}
						className="text-info underline underline-offset-4"
					>
						Deployment {version.number}
					</Link>
					<span className="text-muted-foreground">
						{formatBytes(version.size)}, {version.sha256 === sha256 ? "the same" : "differs"}
					</span>
					<Ago at={version.createdAt} className="ml-auto text-muted-foreground text-xs" />
				</li>
			))}
		</ul>
	);
}
