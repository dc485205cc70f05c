"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Play, RotateCw, Square, Undo2 } from "lucide-react";
import Link from "next/link";
import { formatBytes, shortCommit } from "#lib/format.ts";
import type { ReleaseView } from "#lib/protocol/index.ts";
import { client } from "../client.ts";
import { Ago } from "../deployments/elapsed.tsx";
import { ReleaseBadge } from "../deployments/status.tsx";
import { CallFailure } from "../shell/call-failure.tsx";
import { listKeys } from "../shell/live-lists.tsx";
import { AlertDialog } from "../ui/alert-dialog.tsx";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";

/** Every release that was built, which one is live, and the way back to an older one. */
export function ReleasePanel({ slug, releases }: { slug: string; releases: readonly ReleaseView[] }) {
	const queries = useQueryClient();
	const onSuccess = () => queries.invalidateQueries({ queryKey: listKeys.project(slug) });
	const run = useMutation({ mutationFn: (verb: "start" | "stop" | "restart") => client.projects[verb](slug), onSuccess });
	const back = useMutation({ mutationFn: (release: string) => client.projects.rollback(slug, release), onSuccess });
	const busy = run.isPending || back.isPending;

	if (releases.length === 0) {
		return <p className="text-muted-foreground text-sm">There is no release yet. A successful deployment makes one.</p>;
	}
	return (
		<div className="grid gap-3">
			<CallFailure error={run.error ?? back.error} />
			<ul className="divide-y divide-border rounded-lg border border-border bg-surface">
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
								{[release.framework, release.commit && shortCommit(release.commit), formatBytes(release.sizeBytes)]
									.filter(Boolean)
									.join(" · ")}{" "}
								· <Ago at={release.createdAt} />
							</p>
						</div>
						<ReleaseBadge status={release.status} />
						<div className="flex min-h-8 flex-wrap gap-2">
							{release.active ? (
								<RunButtons release={release} busy={busy} onRun={run.mutate} />
							) : (
								<RollbackDialog release={release} busy={busy} onConfirm={() => back.mutate(release.id)} />
							)}
						</div>
					</li>
				))}
			</ul>
		</div>
	);
}

function RunButtons({
	release,
	busy,
	onRun,
}: {
	release: ReleaseView;
	busy: boolean;
	onRun: (verb: "start" | "stop" | "restart") => void;
}) {
	const up = release.status === "live" || release.status === "starting";
	if (!up) {
		return (
			<Button variant="outline" size="sm" disabled={busy} onClick={() => onRun("start")}>
				<Play aria-hidden="true" /> Start
			</Button>
		);
	}
	return (
		<>
			{release.kind === "process" && (
				<Button variant="outline" size="sm" disabled={busy} onClick={() => onRun("restart")}>
					<RotateCw aria-hidden="true" /> Restart
				</Button>
			)}
			<Button variant="outline" size="sm" disabled={busy} onClick={() => onRun("stop")}>
				<Square aria-hidden="true" /> Stop
			</Button>
		</>
	);
}

function RollbackDialog({ release, busy, onConfirm }: { release: ReleaseView; busy: boolean; onConfirm: () => void }) {
	return (
		<AlertDialog
			title={`Roll back to the release of #${release.deploymentNumber}?`}
			description="It becomes the live one as it was: its files, its environment and its configuration together."
			cancel="Keep what is live"
			action="Roll back"
			onAction={onConfirm}
		>
			{(open) => (
				<Button variant="outline" size="sm" disabled={busy} onClick={open}>
					<Undo2 aria-hidden="true" /> Roll back to this
				</Button>
			)}
		</AlertDialog>
	);
}
