import { Folder, GitBranch, GitCommitHorizontal, ShieldOff } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { commitOf } from "#lib/deployment/selectors.ts";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { shortCommit, sourceWords } from "#lib/format.ts";
import { isTerminal } from "#lib/protocol/index.ts";
import { Breadcrumb } from "../shell/breadcrumb.tsx";
import { Badge } from "../ui/badge.tsx";
import { Elapsed } from "./elapsed.tsx";
import { DeploymentBadge } from "./status.tsx";

/** Where we are, what this is, how it stands, and what can be done with it. */
export function DeploymentHeader({ state, usual, actions }: { state: DeploymentState; usual: string | null; actions: ReactNode }) {
	const commit = commitOf(state);
	return (
		<header className="flex flex-col gap-3 lg:flex-row lg:items-end lg:justify-between">
			<div className="min-w-0">
				<Breadcrumb
					trail={[
						{ name: "Projects", href: "/projects" },
						{ name: state.project.name || "Project", href: `/projects/${state.project.slug}` },
					]}
					here={`#${state.number}`}
				/>
				<div className="mt-1 flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1">
					<h1 className="min-w-0 break-words font-semibold text-2xl tracking-tight max-sm:basis-full">
						{state.project.name} <span className="font-normal text-muted-foreground">#{state.number}</span>
					</h1>
					<DeploymentBadge status={state.status} />
					{state.plan?.provider === "brief" && <Badge>Starter template</Badge>}
					<span className="text-muted-foreground text-sm">
						{state.startedAt ? <Elapsed from={state.startedAt} to={state.finishedAt} /> : "Has not started"}
						{usual && !isTerminal(state.status) && <span className="max-sm:hidden">, {usual}</span>}
					</span>
				</div>
				<p className="mt-1 flex min-h-11 flex-wrap content-start items-center gap-x-4 gap-y-1 text-muted-foreground text-sm sm:min-h-5 [&_svg]:size-4">
					{state.source && <span className="min-w-0 break-all">{sourceWords(state.source.url)}</span>}
					{state.source?.ref && (
						<span className="inline-flex items-center gap-1">
							<GitBranch aria-hidden="true" /> {state.source.ref}
						</span>
					)}
					{state.source?.directory && (
						<span className="inline-flex items-center gap-1">
							<Folder aria-hidden="true" /> {state.source.directory}
						</span>
					)}
					{commit && (
						<span className="inline-flex items-center gap-1 font-mono text-[0.8125rem]">
							<GitCommitHorizontal aria-hidden="true" /> {shortCommit(commit)}
						</span>
					)}
					{!state.isolated && (
						<span className="inline-flex items-center gap-1 text-warning">
							<ShieldOff aria-hidden="true" /> Ran without isolation
						</span>
					)}
					{state.retryOf && (
						<Link href={`/deployments/${state.retryOf}`} className="inline-flex items-center gap-1 text-info underline underline-offset-4">
							Retry of an earlier deployment
						</Link>
					)}
				</p>
			</div>
			<div className="flex min-h-10 flex-wrap items-center gap-2">{actions}</div>
		</header>
	);
}
