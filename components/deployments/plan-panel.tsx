import { FileText } from "lucide-react";
import type { ReactNode } from "react";
import type { DeploymentState } from "#lib/deployment/state.ts";
import { formatBytes, formatDuration } from "#lib/format.ts";
import type { Plan } from "#lib/protocol/index.ts";
import { Alert } from "../ui/alert.tsx";
import { Badge } from "../ui/badge.tsx";
import { Card } from "../ui/card.tsx";
import { CopyButton } from "./copy-button.tsx";

/** How the project is built and run, why, and the files that came out of it. */
export function PlanPanel({ state }: { state: DeploymentState }) {
	const { plan, artifacts } = state;
	return (
		<div className="grid grid-cols-1 gap-4 lg:grid-cols-2 lg:items-start">
			<Section title="Plan">
				{plan ? <PlanFacts plan={plan} /> : <Empty>{"There is no plan yet. The Architect makes one once the source has been read."}</Empty>}
			</Section>
			<div className="grid content-start gap-4">
				{state.tasks.length > 0 && (
					<Section title="Tasks">
						<ul className="grid gap-1.5 text-sm">
							{state.tasks.map((task) => (
								<li key={task.id} className="flex justify-between gap-3">
									<span>{task.name}</span>
									<span className="text-muted-foreground">
										{task.status === "done"
											? `done${task.durationMs === null ? "" : `, ${formatDuration(task.durationMs)}`}`
											: task.status === "running"
												? "running"
												: "to come"}
									</span>
								</li>
							))}
						</ul>
					</Section>
				)}
				<Section title="Artifacts">
					{artifacts.length === 0 ? (
						<Empty>No files yet.</Empty>
					) : (
						<ul className="grid gap-1 text-sm">
							{artifacts.map(({ name, size, mediaType }) => (
								<li key={name} className="flex items-center justify-between gap-3">
									<a
										href={`/api/deployments/${state.id}/artifacts/${encodeURIComponent(name)}`}
										className="inline-flex min-h-8 min-w-0 items-center gap-2 text-info underline underline-offset-4"
									>
										<FileText aria-hidden="true" className="size-4 shrink-0" />
										<span className="truncate">{name}</span>
									</a>
									<span className="shrink-0 text-muted-foreground text-xs">
										{mediaType.split(";")[0]}, {formatBytes(size)}
									</span>
								</li>
							))}
						</ul>
					)}
				</Section>
				{plan?.dockerfile && (
					<Section title="Dockerfile" action={<CopyButton text={plan.dockerfile}>Copy</CopyButton>}>
						<pre
							// biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
							tabIndex={0}
							className="max-h-96 overflow-auto rounded-md bg-log p-3 font-mono text-[0.8125rem] text-log-foreground leading-5"
						>
							{plan.dockerfile}
						</pre>
					</Section>
				)}
			</div>
		</div>
	);
}

function PlanFacts({ plan }: { plan: Plan }) {
	const rows: [string, string | null][] = [
		["Install", plan.install?.join(" ") ?? null],
		["Build", plan.build?.join(" ") ?? null],
		["Test", plan.test?.join(" ") ?? null],
		["Start", plan.start?.join(" ") ?? null],
		["Output", plan.output === "." ? "the folder itself" : plan.output],
		["Folder", plan.directory || "the repository's root"],
		["Node", plan.nodeVersion],
		["Packages", plan.packageManager],
		["Health check", plan.healthPath],
	];
	return (
		<div className="grid gap-4">
			<p className="flex flex-wrap items-center gap-2">
				<span className="font-medium">{plan.summary}</span>
				<Badge>{Math.round(plan.confidence * 100)} % sure</Badge>
			</p>
			{plan.warnings.map((warning) => (
				<Alert key={warning} tone="warning">
					{warning}
				</Alert>
			))}
			<dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
				{rows
					.filter(([, value]) => value !== null)
					.map(([name, value]) => (
						<div key={name} className="contents">
							<dt className="text-muted-foreground">{name}</dt>
							<dd className="break-words font-mono text-[0.8125rem] leading-5">{value}</dd>
						</div>
					))}
			</dl>
			{plan.evidence.length > 0 && (
				<div>
					<h3 className="chart-label">Seen in the repository</h3>
					<ul className="mt-1.5 grid gap-1 text-sm">
						{plan.evidence.map(({ file, line, means }) => (
							<li key={`${file}:${line}:${means}`}>
								<code className="break-all font-mono text-[0.8125rem]">
									{file}
									{line !== null && `:${line}`}
								</code>{" "}
								<span className="text-muted-foreground">{means}</span>
							</li>
						))}
					</ul>
				</div>
			)}
		</div>
	);
}

function Section({ title, action, children }: { title: string; action?: ReactNode; children: ReactNode }) {
	return (
		<Card className="min-w-0 p-4">
			<div className="mb-3 flex min-h-8 items-center justify-between gap-2">
				<h2 className="font-semibold">{title}</h2>
				{action}
			</div>
			{children}
		</Card>
	);
}

const Empty = ({ children }: { children: ReactNode }) => <p className="text-muted-foreground text-sm">{children}</p>;
