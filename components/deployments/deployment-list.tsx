"use client";
import { ExternalLink } from "lucide-react";
import Link from "next/link";
import { shortCommit, sourceWords } from "#lib/format.ts";
import type { DeploymentRow } from "#lib/protocol/index.ts";
import { LinkPending } from "../shell/link-pending.tsx";
import { Ago, Elapsed } from "./elapsed.tsx";
import { DeploymentBadge } from "./status.tsx";

/** Deployments as rows, newest first. Each row is one link; the preview is another. */
export function DeploymentList({ rows }: { rows: readonly DeploymentRow[] }) {
	return (
		<ul className="divide-y divide-border rounded-lg border border-border bg-surface">
			{rows.map((row) => (
				<li
					key={row.id}
					data-deployment={row.id}
					data-status={row.status}
					className="relative grid min-h-16 grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-sunken/60 md:grid-cols-[minmax(0,2fr)_minmax(0,3fr)_7rem_9.5rem_2.25rem]"
				>
					<div className="min-w-0">
						<Link href={`/deployments/${row.id}`} className="font-medium after:absolute after:inset-0">
							{row.project.name} <span className="font-normal text-muted-foreground">#{row.number}</span> <LinkPending className="inline" />
						</Link>
						<p className="truncate text-muted-foreground text-xs">
							{sourceWords(row.sourceUrl)}
							{row.ref && ` · ${row.ref}`}
							{row.commit && ` · ${shortCommit(row.commit)}`}
						</p>
					</div>
					<p className="order-3 col-span-2 truncate text-muted-foreground text-sm md:order-none md:col-span-1">
						{row.errorMessage ?? row.text}
					</p>
					<span className="justify-self-end md:justify-self-start">
						<DeploymentBadge status={row.status} />
					</span>
					<span className="order-4 col-span-2 text-muted-foreground text-xs md:order-none md:col-span-1">
						<Ago at={row.finishedAt ?? row.startedAt ?? row.queuedAt} />
						{row.startedAt && row.finishedAt && (
							<>
								{", took "}
								<Elapsed from={row.startedAt} to={row.finishedAt} />
							</>
						)}
					</span>
					<span className="absolute top-2.5 right-2.5 hidden md:static md:block">
						{row.previewUrl && (
							<a
								href={row.previewUrl}
								target="_blank"
								rel="noopener"
								title="Open the preview"
								className="relative z-10 grid size-9 place-items-center rounded-md text-muted-foreground hover:bg-sunken hover:text-foreground"
							>
								<ExternalLink aria-hidden="true" className="size-4" />
								<span className="sr-only">
									Open the preview of {row.project.name} #{row.number}
								</span>
							</a>
						)}
					</span>
				</li>
			))}
		</ul>
	);
}
