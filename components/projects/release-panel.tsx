"use client";
import { Play, Redo2, RotateCw, Square, Undo2 } from "lucide-react";
import Link from "next/link";
import { formatBytes, formatCount, shortCommit } from "#lib/format.ts";
import type { ReleaseStatus, ReleaseView } from "#lib/protocol/index.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { ReleaseBadge } from "../deployments/status.tsx";
import { ServerButton } from "../live/server-button.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Badge } from "../ui/badge.tsx";
import type { ReleaseControls } from "./use-release-controls.ts";

interface ReleasePanelProps {
	project: string;
	releases: readonly ReleaseView[];
	controls: ReleaseControls;
}

/** What counts of a release that nobody is sent to: “live” beside the one in use would say that visitors get both. */
const tells: ReadonlySet<ReleaseStatus> = new Set(["starting", "crashed", "lost"]);

/** Every release that is kept, which one is in use, and the way back to an older one. */
export function ReleasePanel({ project, releases, controls }: ReleasePanelProps) {
	if (releases.length === 0) {
		return <p className="text-muted-foreground text-sm">There is no release yet. A successful deployment makes one.</p>;
	}
	const inUse = releases.find(({ active }) => active)?.deploymentNumber ?? 0;
	const bytes = releases.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
	return (
		<div className="grid grid-cols-1 gap-3">
			<CallFailure error={controls.error} />
			<ul aria-label="Releases" className="divide-y divide-border rounded-lg border border-border bg-surface">
				{releases.map((release) => (
					<li
						key={release.id}
						data-release={release.id}
						data-active={release.active}
						className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3"
					>
						<div className="min-w-0 flex-1 basis-56">
							<p className="flex flex-wrap items-center gap-2">
								<Link href={`/deployments/${release.deploymentId}`} className="py-0.5 font-medium underline-offset-4 hover:underline">
									Release of #{release.deploymentNumber}
								</Link>
								{release.active && <Badge tone="info">In use</Badge>}
							</p>
							<p className="text-muted-foreground text-xs">
								{[
									release.framework,
									release.commit && shortCommit(release.commit),
									release.repairs > 0 && `with ${formatCount(release.repairs, "repair")}`,
									formatBytes(release.sizeBytes),
								]
									.filter(Boolean)
									.join(" · ")}{" "}
								· <Ago at={release.createdAt} />
							</p>
						</div>
						{(release.active || tells.has(release.status)) && <ReleaseBadge status={release.status} asleep={release.asleep} />}
						<div className="flex min-h-8 flex-wrap gap-2">
							{release.active ? (
								<RunButtons project={project} release={release} controls={controls} />
							) : (
								<RollbackButton release={release} inUse={inUse} controls={controls} />
							)}
						</div>
					</li>
				))}
			</ul>
			<p className="text-muted-foreground text-xs">
				{formatCount(releases.length, "release")} kept, {formatBytes(bytes)}.
				{releases.length > 1 && " Rolling back asks for no approval: visitors have had each of these before."}
			</p>
		</div>
	);
}

export function RunButtons({ project, release, controls }: { project: string; release: ReleaseView; controls: ReleaseControls }) {
	const { busy, run } = controls;
	const up = release.status === "live" || release.status === "starting";
	if (!up) {
		return (
			<ServerButton variant="outline" size="sm" disabled={busy} onClick={() => run("start")}>
				<Play aria-hidden="true" /> {release.asleep ? "Wake" : "Start"}
			</ServerButton>
		);
	}
	return (
		<>
			{release.kind === "process" && (
				<ServerButton variant="outline" size="sm" disabled={busy} onClick={() => run("restart")}>
					<RotateCw aria-hidden="true" /> Restart
				</ServerButton>
			)}
			<AlertDialog
				title={`Stop ${project}?`}
				description="Visitors are told that it is stopped, until you start it again. Nothing is deleted."
				cancel="Keep it running"
				action="Stop it"
				onAction={() => run("stop")}
			>
				{(open) => (
					<ServerButton variant="outline" size="sm" disabled={busy} onClick={open}>
						<Square aria-hidden="true" /> Stop
					</ServerButton>
				)}
			</AlertDialog>
		</>
	);
}

/** One click where it costs nothing: visitors are switched over without a pause, and back the same way. A crashed one is asked about. */
function RollbackButton({ release, inUse, controls }: { release: ReleaseView; inUse: number; controls: ReleaseControls }) {
	const isOlder = release.deploymentNumber < inUse;
	const button = (onClick: () => void) => (
		<ServerButton variant="outline" size="sm" disabled={controls.busy} onClick={onClick}>
			{isOlder ? <Undo2 aria-hidden="true" /> : <Redo2 aria-hidden="true" />} {isOlder ? "Roll back to this" : "Use this again"}
		</ServerButton>
	);
	if (release.status !== "crashed") return button(() => controls.rollback(release.id));
	return (
		<AlertDialog
			title={`${isOlder ? "Roll back to" : "Use"} the release of #${release.deploymentNumber}${isOlder ? "" : " again"}?`}
			description="Its app crashed when it ran the last time. It takes over only if it answers; what is in use stays until then."
			cancel="Keep what is in use"
			action={isOlder ? "Roll back" : "Use it"}
			onAction={() => controls.rollback(release.id)}
		>
			{button}
		</AlertDialog>
	);
}
