"use client";
import { Download } from "lucide-react";
import { parseAsString, useQueryState } from "nuqs";
import type { ArtifactState, DeploymentState } from "#lib/deployment/state.ts";
import { formatBytes } from "#lib/format.ts";
import { CopyButton } from "../deployments/copy-button.tsx";
import { QueryState } from "../shell/query-state.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Panel } from "../ui/panel.tsx";
import { ArtifactVersions } from "./artifact-versions.tsx";
import { CodeView } from "./code-view.tsx";
import { languageOf } from "./highlight.ts";
import { useArtifactText } from "./use-artifact-text.ts";

/** A file above this size is not shown on the page: it can be downloaded. */
const maxShownBytes = 256 * 1024;

/** The files a deployment made, to be read on the page. */
export function ArtifactPanel({ state }: { state: DeploymentState }) {
	const { artifacts } = state;
	const [chosen, choose] = useQueryState("file", parseAsString);
	const first = ["changes.diff", "index.html", "server.js", "Dockerfile"].map((name) =>
		artifacts.find((artifact) => artifact.name === name),
	);
	const shown = artifacts.find(({ name }) => name === chosen) ?? first.find((artifact) => artifact !== undefined) ?? artifacts[0];
	if (!shown) {
		return (
			<Panel title="Files">
				<p className="text-muted-foreground text-sm">No files yet. The Developer writes them once there is a plan.</p>
			</Panel>
		);
	}
	return (
		<Panel
			title="Files"
			action={
				artifacts.length > 1 && (
					<Button asChild variant="outline" size="sm">
						<a href={`/api/deployments/${state.id}/artifacts/archive`} download={`${state.project.slug}-${state.number}.zip`}>
							<Download aria-hidden="true" /> Download all
						</a>
					</Button>
				)
			}
		>
			<ul aria-label="Files" className="mb-3 flex flex-wrap gap-1.5">
				{artifacts.map(({ name, size }) => (
					<li key={name}>
						<Button
							variant="outline"
							size="sm"
							aria-pressed={name === shown.name}
							className={cn("max-w-full", name === shown.name && "border-foreground bg-sunken")}
							onClick={() => void choose(name)}
						>
							<span className="truncate">{name}</span>
							<span className="text-muted-foreground text-xs">{formatBytes(size)}</span>
						</Button>
					</li>
				))}
			</ul>
			<ArtifactText key={shown.sha256 + shown.name} deploymentId={state.id} artifact={shown} />
			<ArtifactVersions key={shown.name} slug={state.project.slug} deploymentId={state.id} artifact={shown} />
		</Panel>
	);
}

/** The text of a file, where it is short enough to be shown, and ways to take it along. */
export function ArtifactText({ deploymentId, artifact }: { deploymentId: string; artifact: ArtifactState }) {
	const { name, size, mediaType } = artifact;
	const isText = /^text\/|json|xml|yaml/.test(mediaType);
	const shows = isText && size <= maxShownBytes;
	const query = useArtifactText(deploymentId, artifact, shows);
	const href = `/api/deployments/${deploymentId}/artifacts/${encodeURIComponent(name)}`;
	return (
		<div className="grid min-w-0 grid-cols-1 gap-2" data-artifact={name}>
			{shows ? (
				<QueryState what="file" query={query}>
					{(text) => <CodeView text={text} language={languageOf(name)} label={name} className="max-h-[32rem]" />}
				</QueryState>
			) : (
				<p className="text-muted-foreground text-sm">
					{isText ? "This file is too long to be shown here." : "This file is not a text."} Download it to look at it.
				</p>
			)}
			<div className="flex flex-wrap gap-2">
				{query.data !== undefined && <CopyButton text={query.data}>Copy</CopyButton>}
				<Button asChild variant="outline" size="sm">
					<a href={href} download={name}>
						<Download aria-hidden="true" /> Download
					</a>
				</Button>
			</div>
		</div>
	);
}
