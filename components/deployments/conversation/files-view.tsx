import { ChevronRight, FileText, Folder } from "lucide-react";
import { useMemo, useState } from "react";
import { diffByFile, type FileTree, fileTreeOf } from "#lib/deployment/file-tree.ts";
import type { ArtifactState } from "#lib/deployment/state.ts";
import { formatBytes } from "#lib/format.ts";
import { ArtifactText } from "../../plan/artifact-panel.tsx";
import { useArtifactText } from "../../plan/use-artifact-text.ts";
import { Badge } from "../../ui/badge.tsx";
import { DiffView } from "./diff-view.tsx";

interface Shown {
	deploymentId: string;
	/** What changed since the deployment before, by path. */
	diffs: ReadonlyMap<string, string>;
}

const changesFile = "changes.diff";
const nothing = new Map<string, string>();

/** The files an agent has written, in their folders. What each of them holds, and what changed in it, is read when somebody opens it. */
export function Files({ files, deploymentId }: { files: readonly ArtifactState[]; deploymentId: string }) {
	const tree = useMemo(() => fileTreeOf(files), [files]);
	const changes = files.findLast(({ name }) => name === changesFile);
	const { data } = useArtifactText(deploymentId, changes ?? { name: changesFile, sha256: "" }, changes !== undefined);
	const diffs = useMemo(() => (data === undefined ? nothing : diffByFile(data)), [data]);
	return (
		<div data-files className="min-w-0">
			<Branch tree={tree} label="Files" deploymentId={deploymentId} diffs={diffs} />
		</div>
	);
}

function Branch({ tree: { folders, files }, label, ...shown }: Shown & { tree: FileTree<ArtifactState>; label: string }) {
	return (
		<ul aria-label={label} className="grid min-w-0 grid-cols-1 gap-1">
			{folders.map(({ name, tree }) => (
				<li key={name} className="min-w-0">
					<details open data-folder={name} className="group/folder min-w-0 text-sm">
						<summary className="flex min-h-8 cursor-pointer list-none items-center gap-2 px-2.5 py-1">
							<ChevronRight aria-hidden="true" className="size-4 shrink-0 group-open/folder:rotate-90" />
							<Folder aria-hidden="true" className="size-4 shrink-0 text-muted-foreground" />
							<span className="min-w-0 truncate">{name}</span>
						</summary>
						<div className="ml-4 border-border border-l pl-2">
							<Branch tree={tree} label={`Files in ${name}`} {...shown} />
						</div>
					</details>
				</li>
			))}
			{files.map(({ name, file }) => (
				<li key={name} className="min-w-0">
					<File name={name} artifact={file} {...shown} />
				</li>
			))}
		</ul>
	);
}

function File({ name, artifact, deploymentId, diffs }: Shown & { name: string; artifact: ArtifactState }) {
	const [open, setOpen] = useState(false);
	const diff = diffs.get(artifact.name);
	return (
		<details
			data-file={artifact.name}
			className="group min-w-0 rounded-md border border-border text-sm"
			onToggle={(event) => setOpen(event.currentTarget.open)}
		>
			<summary className="flex min-h-9 cursor-pointer list-none items-center gap-2 px-2.5 py-1.5">
				<ChevronRight aria-hidden="true" className="size-4 shrink-0 group-open:rotate-90" />
				<FileText aria-hidden="true" className="size-4 shrink-0 text-muted-foreground" />
				<span className="min-w-0 truncate">{name}</span>
				<span className="text-muted-foreground text-xs">{formatBytes(artifact.size)}</span>
				{diff !== undefined && (
					<Badge tone="info" className="ml-auto">
						{diff.startsWith("--- /dev/null") ? "New" : "Changed"}
					</Badge>
				)}
			</summary>
			{open && (
				<div className="grid grid-cols-1 gap-2 border-border border-t p-2.5">
					{diff !== undefined && <DiffView diff={diff} label={`Changes in ${artifact.name}`} />}
					<ArtifactText deploymentId={deploymentId} artifact={artifact} />
				</div>
			)}
		</details>
	);
}
